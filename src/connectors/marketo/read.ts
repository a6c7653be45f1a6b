import { z } from 'zod';
import type { Condition, Filter } from '../../domain/definition';
import type { Cursor, Page, ReadRequest, SourceRecord, SplitFilter } from '../connector';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';
import { exportWindows, isExportCursor, listExport, readExport } from './lead-export';
import { FILTER_VALUES, planLeads, splitLeadFilter } from './lead-filter';
import { objectPath } from './objects';
import { type RawRecord, recordsByFilter } from './query';
import { fromMarketo, toInstant } from './values';

/** Companies are walked by their integer ids: so many empty blocks of 300 in a row are taken for the end. */
const EMPTY_BLOCKS = 20;
/** How far the oldest person is looked for by id before the instance's whole possible life is exported. */
const PROBES = 12;
const OLDEST_INSTANCE_YEARS = 15;

const keysCursor = z.object({
  at: z.literal('keys'),
  field: z.string(),
  values: z.array(z.string()),
  done: z.number(),
});
const walkCursor = z.object({ at: z.literal('walk'), from: z.number(), emptyBlocks: z.number() });

export function splitFilter(request: ReadRequest): SplitFilter {
  const { object } = request;
  if (object.name === 'Lead') return splitLeadFilter(request);
  const path = `/rest/v1/${objectPath(object.name)}.json`;
  if (object.readableAsWhole) {
    const query = `POST ${path}?_method=GET filterType=${object.idField}, all ids in blocks of ${FILTER_VALUES}`;
    return { pushed: null, local: request.filter, query, apiCalls: null, megabytes: null };
  }
  const keyed = keyCondition(request);
  const query = `POST ${path}?_method=GET filterType=${keyed.field}, ${keyed.values.length} values`;
  return {
    pushed: null,
    local: request.filter,
    query,
    apiCalls: Math.ceil(keyed.values.length / FILTER_VALUES),
    megabytes: null,
  };
}

/** The `in` on a key that an object needs which cannot be read as a whole. */
function keyCondition({ object, filter }: ReadRequest): { field: string; values: string[] } {
  const conditions: Condition[] = conjunctsOf(filter).flatMap((part) => ('operator' in part ? [part] : []));
  const found = conditions.find(
    ({ column, operator }) => ['in', 'equals'].includes(operator) && object.keyFields.includes(column),
  );
  if (!found) {
    throw new ConnectorError(
      `Marketo lists ${object.name} records by their keys alone. Add a filter "in" on ${object.keyFields.join(', ')}.`,
      'NEEDS_KEY_FILTER',
      { retry: 'never' },
    );
  }
  const values = Array.isArray(found.value) ? found.value : [found.value];
  return { field: found.column, values: values.map(String) };
}

const conjunctsOf = (filter: Filter | null): Filter[] => {
  if (filter === null) return [];
  return 'all' in filter ? filter.all.flatMap(conjunctsOf) : [filter];
};

/** The parts of a read, each by its first cursor. */
export async function planRead(client: MarketoClient, request: ReadRequest, signal: AbortSignal): Promise<Cursor[]> {
  const { object } = request;
  if (object.name !== 'Lead') {
    if (object.readableAsWhole) return [{ at: 'walk', from: 1, emptyBlocks: 0 }];
    return [{ at: 'keys', ...keyCondition(request), done: 0 }];
  }
  const { plan } = planLeads(request);
  switch (plan.by) {
    case 'keys':
      return [{ at: 'keys', field: plan.field, values: plan.values, done: 0 }];
    case 'list':
      return [listExport(plan.listId)];
    case 'windows':
      return exportWindows(plan.field, plan.from ?? (await oldestPerson(client, request.asOf, signal)), plan.to);
  }
}

/**
 * When the first person of the instance was created. Ids are given in order, so the lowest one that is there tells; there is no
 * call that sorts by date.
 */
async function oldestPerson(client: MarketoClient, asOf: string, signal: AbortSignal): Promise<string> {
  let from = 1;
  for (let probe = 0; probe < PROBES; probe += 1) {
    const query = { objectName: 'Lead', filterType: 'id', values: idsFrom(from), fields: ['id', 'createdAt'] };
    const created = (await recordsByFilter(client, query, signal)).flatMap(({ createdAt }) =>
      typeof createdAt === 'string' ? [toInstant(createdAt)] : [],
    );
    const [oldest] = created.sort();
    // the export looks at whole seconds, and stamps of a fresh person differ by one
    if (oldest !== undefined) return new Date(Date.parse(oldest) - 2_000).toISOString();
    from = probe < PROBES / 2 ? from + FILTER_VALUES : from * 3;
  }
  const earliest = new Date(asOf);
  earliest.setUTCFullYear(earliest.getUTCFullYear() - OLDEST_INSTANCE_YEARS);
  return earliest.toISOString();
}

const idsFrom = (from: number): string[] => Array.from({ length: FILTER_VALUES }, (_, index) => String(from + index));

export async function readPage(
  client: MarketoClient,
  request: ReadRequest,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<Page> {
  if (isExportCursor(cursor)) return readExport(client, request, cursor, signal);
  const keys = keysCursor.safeParse(cursor);
  if (keys.success) return readKeys(client, request, keys.data, signal);
  return walk(client, request, walkCursor.parse(cursor), signal);
}

async function readKeys(
  client: MarketoClient,
  request: ReadRequest,
  cursor: z.output<typeof keysCursor>,
  signal: AbortSignal,
): Promise<Page> {
  const values = cursor.values.slice(cursor.done, cursor.done + FILTER_VALUES);
  const records = await recordsByFilter(client, { ...whatToRead(request), filterType: cursor.field, values }, signal);
  const done = cursor.done + values.length;
  return { records: records.map(toRecord(request)), next: done < cursor.values.length ? { ...cursor, done } : null };
}

async function walk(
  client: MarketoClient,
  request: ReadRequest,
  { from, emptyBlocks }: z.output<typeof walkCursor>,
  signal: AbortSignal,
): Promise<Page> {
  const query = { ...whatToRead(request), filterType: request.object.idField, values: idsFrom(from) };
  const records = await recordsByFilter(client, query, signal);
  const empty = records.length === 0 ? emptyBlocks + 1 : 0;
  const next = empty < EMPTY_BLOCKS ? { at: 'walk', from: from + FILTER_VALUES, emptyBlocks: empty } : null;
  return { records: records.map(toRecord(request)), next };
}

const whatToRead = ({ object, fields }: ReadRequest) => ({
  objectName: object.name,
  fields: [...new Set([object.idField, 'createdAt', 'updatedAt', ...fields])],
});

const toRecord = (request: ReadRequest) => {
  const described = request.fields.map((name) => request.object.fields.find((field) => field.name === name));
  return (record: RawRecord): SourceRecord => ({
    sourceId: String(record[request.object.idField]),
    createdAt: typeof record.createdAt === 'string' ? toInstant(record.createdAt) : null,
    updatedAt: typeof record.updatedAt === 'string' ? toInstant(record.updatedAt) : null,
    values: request.fields.map((name, index) => fromMarketo(record[name], described[index])),
  });
};
