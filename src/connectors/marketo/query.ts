import { z } from 'zod';
import type { ObjectDescription, Value } from '../../domain/object-description';
import type { ExistingRecord, LookupRequest } from '../connector';
import { ConnectorError } from '../connector-error';
import type { Envelope, MarketoClient } from './client';
import { FILTER_VALUES } from './lead-filter';
import { objectPath } from './objects';
import { fromMarketo } from './values';

/** A record as Marketo gives it: names of fields to raw values. */
export type RawRecord = Record<string, unknown>;
const rawRecord = z.record(z.string(), z.unknown());

/** Largest page (Marketo developer guide, "Paging tokens"). */
const PAGE = 300;

/**
 * Asks for the records that hold one of the values, all pages of them. The values travel in the body, since an address takes 8 KB.
 * A query with more than a thousand matches is refused; then it is asked in halves.
 * @param values at most 300, none with a comma
 */
export async function recordsByFilter(
  client: MarketoClient,
  query: { objectName: string; filterType: string; values: readonly string[]; fields: readonly string[] },
  signal: AbortSignal,
): Promise<RawRecord[]> {
  if (query.values.length === 0) return [];
  const records: RawRecord[] = [];
  let nextPageToken: string | undefined;
  do {
    const form: Record<string, string> = {
      filterType: query.filterType,
      filterValues: query.values.join(','),
      fields: query.fields.join(','),
      batchSize: String(PAGE),
      ...(nextPageToken ? { nextPageToken } : {}),
    };
    const path = `/rest/v1/${objectPath(query.objectName)}.json`;
    const answer = await asked(
      client,
      { what: `look up ${query.objectName} records`, path, form },
      query.values.length,
      signal,
    );
    if (answer === 'tooMany') {
      const half = Math.ceil(query.values.length / 2);
      const parts = [query.values.slice(0, half), query.values.slice(half)];
      const found = await Promise.all(parts.map((values) => recordsByFilter(client, { ...query, values }, signal)));
      return found.flat();
    }
    records.push(...z.array(rawRecord).parse(answer.result));
    nextPageToken = answer.nextPageToken;
  } while (nextPageToken);
  return records;
}

async function asked(
  client: MarketoClient,
  call: { what: string; path: string; form: Record<string, string> },
  values: number,
  signal: AbortSignal,
): Promise<Envelope | 'tooMany'> {
  try {
    return await client.call(call, signal);
  } catch (error) {
    // 1003 is a catch-all; of several values, it is the number of matches that can be wrong
    if (error instanceof ConnectorError && error.code === '1003' && values > 1) return 'tooMany';
    throw error;
  }
}

/** Finds the destination's records that hold one of the keys. */
export async function findByKey(
  client: MarketoClient,
  request: LookupRequest,
  signal: AbortSignal,
): Promise<ExistingRecord[]> {
  const { object, field } = request;
  // the list of values is separated by commas, and there is no escape: such a key cannot be asked for
  const values = request.keys.map(String).filter((key) => !key.includes(','));
  const found: ExistingRecord[] = [];
  for (let from = 0; from < values.length; from += FILTER_VALUES) {
    const query = {
      objectName: object.name,
      filterType: field,
      values: values.slice(from, from + FILTER_VALUES),
      fields: [...new Set([object.idField, field, ...request.fields])],
    };
    found.push(...(await recordsByFilter(client, query, signal)).map((record) => toExisting(object, request, record)));
  }
  return found;
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
