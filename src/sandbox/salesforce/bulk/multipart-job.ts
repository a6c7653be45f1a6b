import busboy from 'busboy';
import { ApiError } from '../api-error';

/** A job and its data in one request (Bulk API 2.0 guide, "Create a Job", multipart). */
export interface MultipartJob {
  /** Parsed JSON of the part `job`. */
  job: Record<string, unknown>;
  /** The part `content`. */
  content: string;
}

export function isMultipart(contentType: string | undefined): boolean {
  return /^multipart\/form-data\b/i.test(contentType ?? '');
}

/** @throws ApiError 400 when a part is missing, or is not what it should be */
export async function readMultipartJob(body: Buffer, contentType: string): Promise<MultipartJob> {
  const parts = await partsOf(body, contentType);
  const [job, content] = [parts.get('job'), parts.get('content')];
  if (job === undefined || content === undefined) throw malformed('The parts job and content are required');
  return { job: parsedJob(job), content };
}

function parsedJob(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // answered below, as what is JSON but no object
  }
  throw new ApiError(400, 'JSON_PARSER_ERROR', 'The part job must be a JSON object at [line:1, column:1]');
}

/** Text of the parts by their names, whether or not they say that they are files. */
function partsOf(body: Buffer, contentType: string): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const parts = new Map<string, string>();
    const fail = (): void => reject(malformed('The body is not multipart/form-data'));
    let parser: busboy.Busboy;
    try {
      parser = busboy({ headers: { 'content-type': contentType }, limits: { fieldSize: body.length } });
    } catch {
      fail(); // without a boundary
      return;
    }
    parser.on('field', (name, value) => parts.set(name, value));
    parser.on('file', (name, stream) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => parts.set(name, Buffer.concat(pieces).toString('utf8')));
      stream.on('error', fail);
    });
    parser.on('error', fail);
    parser.on('close', () => resolve(parts));
    parser.end(body);
  });
}

const malformed = (message: string): ApiError => new ApiError(400, 'CLIENTINPUTERROR', message);
