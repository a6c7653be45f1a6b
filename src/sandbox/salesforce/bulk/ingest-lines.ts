import type { RecordError } from '../record-error';
import { type IdCodec, UNKNOWN_RECORD } from '../record-id';
import type { WriteResult } from '../record-writer';
import { type CsvFormat, DELIMITERS, LINE_ENDINGS, quotedCell } from './csv-format';
import type { IngestColumns } from './ingest-columns';
import type { ResultKind } from './ingest-results';
import type { IngestJob } from './job';

/** From this version on the Id of a record that could not be written is told (release notes of Winter '22). */
const FIRST_WITH_ID_OF_FAILED = 53;

const EXTRA_COLUMNS = { successful: ['sf__Id', 'sf__Created'], failed: ['sf__Id', 'sf__Error'] } as const;

/** The first line of a result file: own columns in quotes, then the header as it was uploaded. */
export function resultHeader(kind: ResultKind, header: string, format: CsvFormat): string {
  const delimiter = DELIMITERS[format.columnDelimiter];
  const own = EXTRA_COLUMNS[kind].map(quotedCell);
  return [...own, header].join(delimiter) + LINE_ENDINGS[format.lineEnding];
}

/** A row as it was uploaded, every cell in quotes. */
export function uploadedLine(cells: readonly string[], format: CsvFormat): string {
  return cells.map(quotedCell).join(DELIMITERS[format.columnDelimiter]) + LINE_ENDINGS[format.lineEnding];
}

/** Writes the lines of result files for the rows of one job. */
export type ResultLine = (cells: readonly string[], result: WriteResult) => string;

export function createResultLine(job: IngestJob, columns: IngestColumns, ids: IdCodec): ResultLine {
  const delimiter = DELIMITERS[job.request.columnDelimiter];
  const lineEnd = LINE_ENDINGS[job.request.lineEnding];
  const tellsId = job.apiVersion >= FIRST_WITH_ID_OF_FAILED;
  const { idPlace, isBlank } = columns;
  const idOfFailed = (cells: readonly string[], reference: number | undefined): string => {
    if (!tellsId) return '';
    if (reference !== undefined && reference !== UNKNOWN_RECORD) return ids.encode(reference);
    return idPlace === undefined ? '' : (cells[idPlace] ?? '');
  };
  return (cells, result) => {
    let line = result.success
      ? `"${ids.encode(result.reference)}"${delimiter}"${result.created}"`
      : `${quotedCell(idOfFailed(cells, result.reference))}${delimiter}${quotedCell(errorText(result.errors))}`;
    for (let place = 0; place < cells.length; place += 1)
      line += delimiter + (isBlank[place] === true ? '""' : quotedCell(cells[place] ?? ''));
    return line + lineEnd;
  };
}

/** `CODE:message:Field1 Field2 --`, and `CODE:message:--` where no field is named. */
function errorText(errors: readonly RecordError[]): string {
  return errors
    .map(({ statusCode, message, fields }) => `${statusCode}:${message}:${[...fields, '--'].join(' ')}`)
    .join(';');
}
