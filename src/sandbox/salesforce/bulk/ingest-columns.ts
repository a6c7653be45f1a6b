import type { Field } from '../field';
import type { ObjectSchema, OrgSchema } from '../org-schema';
import { type Assignment, type CsvColumn, readHeading } from '../record-input';
import { type CsvFormat, MalformedCsv, parseRows } from './csv-format';
import type { IngestRequest } from './job';
import { JobFailure } from './job-runner';

/** Bulk API 2.0 guide, "Limits". */
const MAX_COLUMNS = 5_000;

/** What the columns of an uploaded file mean. */
export interface IngestColumns {
  count: number;
  /** Columns that are written, without the Id and the external Id by which rows are matched. */
  assignments: readonly Assignment[];
  /** Place of each assignment's cell, from 0. */
  places: readonly number[];
  idPlace: number | undefined;
  /** The field by which an upsert finds its records, and where it stands. */
  key: { field: Field; place: number | undefined } | undefined;
  /** Columns whose cells are blank in result files, since their headings are not in the spelling of describe. */
  isBlank: readonly boolean[];
}

/** @throws JobFailure */
export function readColumns(
  schema: OrgSchema,
  object: ObjectSchema,
  request: IngestRequest,
  header: string,
): IngestColumns {
  const headings = headingsOf(header, request);
  const columns = headings.map((heading) => readHeading(schema, object, heading));
  const unknown = columns.indexOf(undefined);
  if (unknown >= 0) throw new JobFailure(`InvalidBatch : Field name not found : ${headings[unknown]}`);
  const known = columns as CsvColumn[]; // none is undefined
  refuseDeletionOfMore(request, known);
  const keyField = request.externalIdFieldName === undefined ? undefined : object.field(request.externalIdFieldName);
  const isKey = ({ assignment, isId }: CsvColumn): boolean =>
    keyField?.type === 'id' ? isId : assignment !== undefined && !assignment.via && assignment.field === keyField;
  const assigned = known.flatMap((column, place) =>
    column.assignment && !isKey(column) ? [{ assignment: column.assignment, place }] : [],
  );
  return {
    count: headings.length,
    assignments: assigned.map(({ assignment }) => assignment),
    places: assigned.map(({ place }) => place),
    idPlace: placeOf(known, ({ isId }) => isId),
    key: keyField && { field: keyField, place: placeOf(known, isKey) },
    isBlank: known.map((column, place) => canonicalHeading(column, headings[place] ?? '') !== headings[place]),
  };
}

function headingsOf(header: string, { columnDelimiter }: CsvFormat): string[] {
  try {
    const [headings = ['']] = parseRows(header, columnDelimiter);
    if (headings.length > MAX_COLUMNS)
      throw new JobFailure(`InvalidBatch : Too many columns: ${headings.length}, the most is ${MAX_COLUMNS}`);
    const twice = headings.find((heading, place) => headings.indexOf(heading) < place);
    if (twice !== undefined) throw new JobFailure(`InvalidBatch : Duplicate field name in the header : ${twice}`);
    return headings;
  } catch (error) {
    if (!(error instanceof MalformedCsv)) throw error;
    throw new JobFailure(`InvalidBatch : ${error.message.replace('CSV', 'CSV header')}`);
  }
}

function refuseDeletionOfMore({ operation }: IngestRequest, columns: readonly CsvColumn[]): void {
  const isDeletion = operation === 'delete' || operation === 'hardDelete';
  if (isDeletion && (columns.length !== 1 || columns[0]?.isId !== true))
    throw new JobFailure(`InvalidBatch : The '${operation}' batch must contain only ids`);
}

function placeOf(columns: readonly CsvColumn[], isWanted: (column: CsvColumn) => boolean): number | undefined {
  const place = columns.findIndex(isWanted);
  return place < 0 ? undefined : place;
}

/** The heading as describe spells it: `LastName`, `Account.Ext__c`, `User:Owner.Username`. */
function canonicalHeading({ assignment, isId }: CsvColumn, heading: string): string {
  if (isId || !assignment) return 'Id';
  const { field, via } = assignment;
  if (!via) return field.name;
  const prefix = heading.includes(':') ? `${via.object.name}:` : '';
  return `${prefix}${field.relationshipName}.${via.key.name}`;
}
