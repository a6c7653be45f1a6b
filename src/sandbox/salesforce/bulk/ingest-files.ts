import { type CsvFormat, LINE_ENDINGS, MalformedCsv, parseRows } from './csv-format';
import { resultHeader, uploadedLine } from './ingest-lines';
import type { IngestResults, ResultKind } from './ingest-results';
import type { IngestJob } from './job';
import type { UploadStore } from './upload-store';

/** The rows that were written, or those that could not be, in no particular order. */
export function* resultFile(
  { sequence, request }: IngestJob,
  kind: ResultKind,
  { uploads, results }: { uploads: UploadStore; results: IngestResults },
): Iterable<string> {
  yield resultHeader(kind, uploads.of(sequence)?.header ?? '', request);
  yield* results.lines(sequence, kind);
}

/** The rows that nobody has come to, since the job was aborted or has failed; with the uploaded columns alone. */
export function* unprocessedFile({ sequence, request }: IngestJob, uploads: UploadStore): Iterable<string> {
  const upload = uploads.of(sequence);
  yield (upload?.header ?? '') + LINE_ENDINGS[request.lineEnding];
  if (!upload) return;
  for (let chunk = uploads.nextChunk(upload.id, -1); chunk; chunk = uploads.nextChunk(upload.id, chunk.number))
    yield linesOf(chunk.bytes.toString('utf8'), request);
}

function linesOf(text: string, format: CsvFormat): string {
  try {
    return parseRows(text, format.columnDelimiter)
      .map((cells) => uploadedLine(cells, format))
      .join('');
  } catch (error) {
    if (!(error instanceof MalformedCsv)) throw error;
    return text; // what cannot be read is given back as it came
  }
}
