import { createHash } from 'node:crypto';
import { ApiError } from './api-error';
import { BATCH_LIMIT, batchSizeOf, type Call, type Envelope, integerOf, listOf, requiredParameter } from './call';
import { type StoredValue, showValue } from './field-values';
import type { LeadField, LeadFields } from './lead-fields';
import type { LeadRow, LeadStore } from './lead-store';
import { checkLookupField } from './lead-sync';
import type { PageTokens } from './page-token';
import type { MarketoSettings } from './settings';

/** Fields of an answer where the request names none (Marketo guide, "Get Leads by Filter Type"). */
const DEFAULT_FIELDS = ['id', 'firstName', 'lastName', 'email', 'updatedAt', 'createdAt'];
/** A filter that fits more leads than these is an error, not a long paging. */
const MATCH_LIMIT = 1000;

interface LeadQueriesOptions {
  fields: LeadFields;
  leads: LeadStore;
  tokens: PageTokens;
  settings: () => Readonly<MarketoSettings>;
  now: () => number;
  onTooManyValues: (count: number) => void;
}

export interface LeadQueries {
  /** Get Leads by Filter Type. */
  byFilter(call: Call): Envelope;
  /** Get Lead by Id. */
  byId(call: Call): Envelope;
  /** One page of leads whose ids are walked upwards, such as the members of a list. */
  page(call: Call, query: string, idsAfter: (afterId: number, limit: number) => number[]): Envelope;
  /** Writes leads as the API gives them out: id first, then the wished fields in the wished order. */
  render(ids: readonly number[], fieldNames: readonly string[]): Record<string, StoredValue | null>[];
}

export function createLeadQueries(options: LeadQueriesOptions): LeadQueries {
  const { fields, leads, tokens, settings, now } = options;

  const isVisible = (row: LeadRow): boolean => row.created + settings().visibilityDelayMs <= now();
  const render: LeadQueries['render'] = (ids, fieldNames) => {
    const readers = readersOf(fields, leads, fieldNames);
    const { omitNulls } = settings();
    const records: Record<string, StoredValue | null>[] = [];
    for (const id of ids) {
      const row = leads.get(id);
      if (!row || !isVisible(row)) continue;
      const record: Record<string, StoredValue | null> = { id };
      for (const [name, read] of readers) {
        const value = read(row);
        if (value !== null || !omitNulls) record[name] = value;
      }
      records.push(record);
    }
    return records;
  };
  const page: LeadQueries['page'] = (call, query, idsAfter) => {
    const names = wishedFields(call);
    const size = batchSizeOf(call.parameters);
    const key = `${query}\u0000${names.join()}\u0000${size}`;
    const after = tokens.read(key, call.parameters.get('nextPageToken'));
    const ids = idsAfter(after, size + 1);
    const result = render(ids.slice(0, size), names);
    const last = ids[size - 1];
    if (ids.length <= size || last === undefined) return { result };
    return {
      result,
      nextPageToken: tokens.issue(key, last),
      ...(settings().moreResultFalse ? { moreResult: false } : {}),
    };
  };

  return {
    render,
    page,
    byFilter(call) {
      const { parameters } = call;
      const filterType = requiredParameter(parameters, 'filterType');
      requiredParameter(parameters, 'filterValues');
      checkLookupField(fields, filterType);
      const values = [...new Set(listOf(parameters, 'filterValues'))];
      if (values.length > BATCH_LIMIT) {
        options.onTooManyValues(values.length);
        throw new ApiError('1003', `Invalid value for 'filterValues': at most ${BATCH_LIMIT} values`);
      }
      const dataType = fields.get(filterType)?.dataType;
      if (dataType === 'integer' || dataType === 'reference') for (const value of values) integerOf(value);
      const ids = leads.findIds(filterType, values, MATCH_LIMIT + 1);
      if (ids.length > MATCH_LIMIT) throw new ApiError('1003', 'Too many results match the filter');
      const query = createHash('sha1')
        .update(JSON.stringify([filterType, values]))
        .digest('hex');
      return page(call, query, (afterId, limit) => ids.filter((id) => id > afterId).slice(0, limit));
    },
    byId(call) {
      const text = call.path.leadId ?? '';
      const id = integerOf(text);
      const result = render([id], wishedFields(call));
      if (result.length === 0) throw new ApiError('1004', `Lead '${showValue(text)}' not found`);
      return { result };
    },
  };
}

function wishedFields({ parameters }: Call): string[] {
  const names = [...new Set(listOf(parameters, 'fields'))];
  return names.length === 0 ? DEFAULT_FIELDS : names;
}

/** @throws ApiError 1006 at the first name that is no field */
function readersOf(
  fields: LeadFields,
  leads: LeadStore,
  names: readonly string[],
): [name: string, read: (row: LeadRow) => StoredValue | null][] {
  return names.map((name) => {
    const field: LeadField | undefined = fields.get(name);
    if (!field) throw new ApiError('1006', `Field '${showValue(name)}' not found`);
    return [name, leads.reader(field)];
  });
}
