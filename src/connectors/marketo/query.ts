import { z } from 'zod';
import type { FieldType, ObjectDescription, Value } from '../../domain/object-description';
import type { ExistingRecord, LookupRequest, ReadRequest, SourceRecord } from '../connector';
import { ConnectorError } from '../connector-error';
import type { Items, MarketoClient } from './client';
import { STATIC_LIST_COLUMN } from './describe';
import { kindOf } from './objects';
import { BATCH_RECORDS } from './tuning';
import { fromMarketo, toInstant } from './values';

/** A record as Marketo gives it: names of fields to raw values. A field without a value may be missing, or null. */
export type RawRecord = Record<string, unknown>;
const rawRecord = z.record(z.string(), z.unknown());

export interface FilterQuery {
  objectName: string;
  filterType: string;
  /** Without commas: they separate the values, and there is no escape. */
  values: readonly string[];
  fields: readonly string[];
}

/** A query of one value was refused since more than a thousand records hold it. */
export class TooManyMatches extends Error {
  override readonly name = 'TooManyMatches';
  constructor(readonly value: string) {
    super('More than 1,000 records hold one value.');
  }
}

/**
 * Asks for the records that hold one of the values, all pages of them, 300 values at a time. The values travel in the body, since an
 * address takes 8 KB. More than 1,000 matches are refused; then the query is asked in halves.
 * @throws TooManyMatches for a single value with more matches
 */
export async function recordsByFilter(
  client: MarketoClient,
  query: FilterQuery,
  signal: AbortSignal,
): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for (let from = 0; from < query.values.length; from += BATCH_RECORDS) {
    const values = query.values.slice(from, from + BATCH_RECORDS);
    records.push(...(await pagesOf(client, { ...query, values }, signal)));
  }
  return records;
}

async function pagesOf(client: MarketoClient, query: FilterQuery, signal: AbortSignal): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  let nextPageToken: string | undefined;
  do {
    const page = await pageOf(client, query, nextPageToken, signal);
    if (page === 'tooMany') {
      const [only = ''] = query.values;
      if (query.values.length === 1) throw new TooManyMatches(only);
      const half = Math.ceil(query.values.length / 2);
      const first = await pagesOf(client, { ...query, values: query.values.slice(0, half) }, signal);
      return [...first, ...(await pagesOf(client, { ...query, values: query.values.slice(half) }, signal))];
    }
    records.push(...page.items);
    // it is the token that tells of another page; `moreResult` is missing or wrong here (seen in practice)
    nextPageToken = page.nextPageToken;
  } while (nextPageToken);
  return records;
}

async function pageOf(
  client: MarketoClient,
  { objectName, filterType, values, fields }: FilterQuery,
  nextPageToken: string | undefined,
  signal: AbortSignal,
): Promise<Items<RawRecord> | 'tooMany'> {
  const form = {
    filterType,
    filterValues: values.join(','),
    fields: fields.join(','),
    batchSize: String(BATCH_RECORDS),
    ...(nextPageToken ? { nextPageToken } : {}),
  };
  const { path, programId } = kindOf(objectName);
  // of members the documents tell the plain call alone, and their ids are short
  const parameters = programId === undefined ? { form } : { query: form };
  const call = { what: `look up ${objectName} records`, path: `/rest/v1/${path}.json`, ...parameters };
  try {
    return await client.list(call, rawRecord, signal);
  } catch (error) {
    // 1003 is a catch-all; only its text tells that the matches were too many
    if (error instanceof ConnectorError && error.code === '1003' && /too many results/i.test(error.message)) {
      return 'tooMany';
    }
    throw error;
  }
}

/** Types whose values are whole numbers; an id is one as well where the object's ids are. */
const WHOLE: ReadonlySet<FieldType> = new Set(['integer', 'reference']);

/** Whether a value can be asked for in a field: one of whole numbers takes nothing else, and no value may hold a comma. */
export function canBeAsked(object: ObjectDescription, name: string, value: Value): boolean {
  const text = String(value ?? '').trim();
  if (text === '' || text.includes(',')) return false;
  const type = object.fields.find((field) => field.name === name)?.type;
  if (object.idOrder === 'number' && name === object.idField) return /^\d{1,15}$/.test(text);
  return type === undefined || !WHOLE.has(type) || /^-?\d{1,15}$/.test(text);
}

/**
 * Finds the destination's records that hold one of the keys. A key that cannot be asked for fits none; one that more than a
 * thousand records hold fits two, which is as ambiguous.
 */
export async function findByKey(
  client: MarketoClient,
  request: LookupRequest,
  signal: AbortSignal,
): Promise<ExistingRecord[]> {
  const { object, field } = request;
  const query = {
    objectName: object.name,
    filterType: field,
    values: request.keys.filter((key) => canBeAsked(object, field, key)).map(String),
    fields: [...new Set([object.idField, field, ...request.fields])],
  };
  try {
    const found = (await recordsByFilter(client, query, signal)).map((record) => toExisting(object, request, record));
    // one that two forms of a key found in two calls is one record
    return [...new Map(found.map((record) => [record.destinationId, record])).values()];
  } catch (error) {
    if (!(error instanceof TooManyMatches)) throw error;
    const others = request.keys.filter((key) => String(key) !== error.value);
    const overfull = { destinationId: 'more than 1,000 records', key: error.value, values: {} };
    return [overfull, overfull, ...(await findByKey(client, { ...request, keys: others }, signal))];
  }
}

function toExisting(object: ObjectDescription, request: LookupRequest, record: RawRecord): ExistingRecord {
  const value = (name: string): Value =>
    fromMarketo(
      record[name],
      object.fields.find((field) => field.name === name),
    );
  return {
    destinationId: String(record[object.idField]),
    key: request.field === object.idField ? null : value(request.field),
    values: Object.fromEntries(request.fields.map((name) => [name, value(name)])),
  };
}

/** The fields that Marketo is asked for when a request is read: those wanted, and what every record is told by. */
export const fieldsToRead = ({ object, fields }: Pick<ReadRequest, 'object' | 'fields'>): string[] => [
  ...new Set([object.idField, 'createdAt', 'updatedAt', ...fields.filter((name) => name !== STATIC_LIST_COLUMN)]),
];

/** Reads the records that hold one of the values, in the form in which they are staged. */
export async function readByFilter(
  client: MarketoClient,
  request: ReadRequest,
  filterType: string,
  values: readonly string[],
  signal: AbortSignal,
): Promise<SourceRecord[]> {
  const { object } = request;
  const query = { objectName: object.name, filterType, values, fields: fieldsToRead(request) };
  const described = request.fields.map((name) => object.fields.find((field) => field.name === name));
  const instant = (raw: unknown) => (typeof raw === 'string' && raw !== '' ? toInstant(raw) : null);
  try {
    return (await recordsByFilter(client, query, signal)).map((record) => ({
      sourceId: String(record[object.idField]),
      createdAt: instant(record.createdAt),
      updatedAt: instant(record.updatedAt),
      values: request.fields.map((name, index) => fromMarketo(record[name], described[index])),
    }));
  } catch (error) {
    if (!(error instanceof TooManyMatches)) throw error;
    throw new ConnectorError(
      `More than 1,000 ${object.name} records hold one of the values that the filter gives for ${filterType}, which is more than Marketo lists. Filter by another field.`,
      'TOO_MANY_MATCHES',
      { retry: 'never' },
    );
  }
}
