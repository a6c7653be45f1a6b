import type { ObjectSchema } from '../org-schema';
import type { RecordAccess } from '../record-access';
import { recordError } from '../record-error';
import { keyPrefixOf, type RecordReference, UNKNOWN_RECORD } from '../record-id';
import { type RecordInput, readCsvRecord } from '../record-input';
import { comparableKey, repeated, sameIdTwice, sameKeyTwice, type UpsertKey, upsert } from '../record-upsert';
import { refused, type WriteResult, type WriteSession } from '../record-writer';
import { parseCsvValue, ValueRefusal } from '../value-parsing';
import type { IngestColumns } from './ingest-columns';
import type { IngestOperation } from './job';

type Cells = readonly string[];

interface RowWriterOptions {
  access: RecordAccess;
  object: ObjectSchema;
  operation: IngestOperation;
  columns: IngestColumns;
  session: WriteSession;
}

/** Writes the rows of one chunk, within the caller's transaction. @returns what became of each, in order */
export type ChunkWriter = (rows: readonly Cells[]) => WriteResult[];

export function createChunkWriter(options: RowWriterOptions): ChunkWriter {
  const write = writerOf(options);
  const { columns } = options;
  const isTooLong = (cells: Cells): boolean => cells.length > columns.count;
  return (rows) => oneByOneWhere(isTooLong, rows, (cells) => tooManyCells(cells, columns), write);
}

/** Treats some rows one by one and the others together. @returns results in the order of the rows */
function oneByOneWhere(
  isApart: (cells: Cells) => boolean,
  rows: readonly Cells[],
  writeOne: (cells: Cells) => WriteResult,
  writeOthers: ChunkWriter,
): WriteResult[] {
  const others = writeOthers(rows.filter((cells) => !isApart(cells)));
  let next = 0;
  return rows.map((cells) => {
    if (isApart(cells)) return writeOne(cells);
    next += 1;
    return others[next - 1] as WriteResult; // one for each of the other rows
  });
}

function tooManyCells(cells: Cells, { count }: IngestColumns): WriteResult {
  return refused([recordError('INVALID_FIELD', `The row has ${cells.length} cells for ${count} columns`)]);
}

function writerOf(options: RowWriterOptions): ChunkWriter {
  switch (options.operation) {
    case 'insert':
      return (rows) => rows.map((cells) => insert(options, cells));
    case 'upsert':
      return (rows) =>
        options.columns.key?.field.type === 'id' ? upsertById(options, rows) : upsertAll(options, rows);
    default:
      return (rows) => writeById(options, rows);
  }
}

function inputOf({ columns }: RowWriterOptions, cells: Cells): RecordInput {
  return readCsvRecord(columns.assignments, columns.places, cells);
}

function idOf({ columns }: RowWriterOptions, cells: Cells): string {
  return columns.idPlace === undefined ? '' : (cells[columns.idPlace] ?? '');
}

function insert(options: RowWriterOptions, cells: Cells): WriteResult {
  const { access, object, session } = options;
  if (idOf(options, cells) !== '')
    return refused([recordError('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id'])]);
  return access.writer.create(object, inputOf(options, cells), session);
}

/** Update, delete and hardDelete: rows name their records by Id. */
function writeById(options: RowWriterOptions, rows: readonly Cells[]): WriteResult[] {
  const { access, object, operation, session } = options;
  const ids = rows.map((cells) => idOf(options, cells));
  const references = ids.map((id) => access.org.ids.parse(id));
  const twice = operation === 'update' ? namedTwice(options, references) : new Set<number>();
  return rows.map((cells, index) => {
    const id = ids[index] ?? '';
    const reference = references[index];
    if (id === '') return refused([recordError('MISSING_ARGUMENT', `Id not specified in an ${operation} call`)]);
    if (reference === undefined) return refused([recordError('MALFORMED_ID', `malformed id ${id}`, ['Id'])]);
    if (twice.has(reference)) return refused([sameIdTwice(access.org.ids.encode(reference))], reference);
    if (operation === 'update') return access.writer.update(object, reference, inputOf(options, cells), session);
    if (reference === UNKNOWN_RECORD || keyPrefixOf(reference) !== object.keyPrefix)
      return refused([recordError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')], reference);
    return access.removal.remove(reference, session, operation === 'hardDelete');
  });
}

function namedTwice(
  { access, session }: RowWriterOptions,
  references: readonly (RecordReference | undefined)[],
): Set<RecordReference> {
  const twice = repeated(references.map((one) => (one === undefined || one === UNKNOWN_RECORD ? null : one)));
  if (twice.size > 0) access.org.core.countViolation('sameKeyTwiceInBatch', session.via);
  return twice;
}

/** Rows without an Id are inserted, the others updated. */
function upsertById(options: RowWriterOptions, rows: readonly Cells[]): WriteResult[] {
  return oneByOneWhere(
    (cells) => idOf(options, cells) === '',
    rows,
    (cells) => insert(options, cells),
    (others) => writeById({ ...options, operation: 'update' }, others),
  );
}

function upsertAll(options: RowWriterOptions, rows: readonly Cells[]): WriteResult[] {
  const { access, object, session } = options;
  const keys = rows.map((cells) => keyOf(options, cells));
  const comparable = keys.map((key) => (key instanceof ValueRefusal ? null : comparableKey(key)));
  const twice = repeated(comparable);
  if (twice.size > 0) access.org.core.countViolation('sameKeyTwiceInBatch', session.via);
  return rows.map((cells, index) => {
    const key = keys[index] as UpsertKey | ValueRefusal; // as many as rows
    const compared = comparable[index] ?? null;
    if (key instanceof ValueRefusal) return refused([recordError(key.statusCode, key.message, keyName(options))]);
    if (compared !== null && twice.has(compared)) return refused([sameKeyTwice(String(key.value))]);
    if (idOf(options, cells) !== '')
      return refused([
        recordError('INVALID_FIELD', 'The Id field should not be specified in the sobject data', ['Id']),
      ]);
    return upsert(access.org, access.writer, object, key, inputOf(options, cells), session);
  });
}

function keyOf({ columns }: RowWriterOptions, cells: Cells): UpsertKey | ValueRefusal {
  if (!columns.key) throw new Error('An upsert job was created without its key');
  const { field, place } = columns.key;
  if (place === undefined) return { field, value: null };
  const value = parseCsvValue(field, cells[place] ?? '', place);
  return value instanceof ValueRefusal ? value : { field, value: value ?? null };
}

function keyName({ columns }: RowWriterOptions): string[] {
  return columns.key ? [columns.key.field.name] : [];
}
