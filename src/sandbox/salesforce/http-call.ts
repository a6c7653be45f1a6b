import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { ApiError } from './api-error';
import type { Locate } from './value-parsing';

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

/** Who calls, as the session says. */
export interface Caller {
  /** Reference of the user. */
  user: number;
  userName: string;
}

/** A call of the REST API, also one within another (composite, batch). */
export interface Call {
  method: string;
  /** Below the version, e.g. `['sobjects', 'Contact']`; decoded. */
  segments: readonly string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** As sent; empty where there is none. */
  body: string;
  /** `/services/data/v60.0` */
  versionPath: string;
  version: number;
  /** `http://127.0.0.1:4100`, as the client has addressed it. */
  baseUrl: string;
  caller: Caller;
}

export interface Answer {
  status: number;
  /** JSON text; absent: no body. */
  body?: string;
  headers?: Record<string, string>;
}

export function json(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value) };
}

/** The body as a JSON object. @throws ApiError JSON_PARSER_ERROR */
export function objectBody(call: Call): Record<string, unknown> {
  const value = parsedBody(call);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'The HTTP entity body must be a JSON object at [line:1, column:1]');
  return value as Record<string, unknown>;
}

function parsedBody({ body }: Call): unknown {
  if (body.trim() === '')
    throw new ApiError(
      400,
      'JSON_PARSER_ERROR',
      'The HTTP entity body is required, but this request has no entity body.',
    );
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    const text = error instanceof Error ? error.message : 'Unexpected character';
    throw new ApiError(400, 'JSON_PARSER_ERROR', `${text.slice(0, 200)} at [line:1, column:${positionIn(text)}]`);
  }
}

function positionIn(message: string): number {
  return Number(/position (\d+)/.exec(message)?.[1] ?? 0) + 1;
}

/** Where a field's value stands in a body: line and column, from 1. */
export function locateIn(body: string): Locate {
  return (field) => {
    const key = body.indexOf(`"${field}"`);
    const colon = key < 0 ? 0 : body.indexOf(':', key + field.length + 2);
    const before = body.slice(0, colon + 1);
    const line = before.split('\n').length;
    return { line, column: before.length - before.lastIndexOf('\n') };
  };
}

/** A body is larger than it may be. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override name = 'ClientGone';
}

/** Reads a body whole, unpacked. @throws BodyTooLarge, ClientGone, ApiError when it is not gzip though it says so */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const body = await readAsSent(request, maxBytes);
  if (request.headers['content-encoding']?.toLowerCase() !== 'gzip') return body;
  try {
    return await gunzipAsync(body, { maxOutputLength: maxBytes });
  } catch {
    throw new ApiError(400, 'UNKNOWN_EXCEPTION', 'The body is not in GZIP format');
  }
}

async function readAsSent(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) throw new BodyTooLarge(`${size} bytes`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    // a broken connection is what the stream tells of as an error
    throw error instanceof BodyTooLarge ? error : new ClientGone();
  }
  return Buffer.concat(chunks);
}

/** Smaller answers are not worth packing. */
const MIN_GZIP_BYTES = 1_000;

export function takesGzip(headers: IncomingHttpHeaders): boolean {
  return /\bgzip\b/i.test(String(headers['accept-encoding'] ?? ''));
}

/** Sends an answer, packed where the client takes that. */
export async function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.statusCode = answer.status;
  if (answer.body === undefined) {
    response.end();
    return;
  }
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/json;charset=UTF-8');
  const isPretty = request.headers['x-prettyprint'] === '1';
  const text = isPretty ? JSON.stringify(JSON.parse(answer.body), null, 2) : answer.body;
  let bytes: Buffer = Buffer.from(text, 'utf8');
  response.setHeader('Vary', 'Accept-Encoding');
  if (bytes.length >= MIN_GZIP_BYTES && takesGzip(request.headers)) {
    bytes = await gzipAsync(bytes, { level: 1 });
    response.setHeader('Content-Encoding', 'gzip');
  }
  response.setHeader('Content-Length', bytes.length);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
