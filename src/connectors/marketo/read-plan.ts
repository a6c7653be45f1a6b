import type { Condition, Filter } from '../../domain/definition';
import type { ReadingCosts } from '../../domain/forecast';
import type { FieldType, ObjectDescription, Value } from '../../domain/object-description';
import type { ReadRequest, SplitFilter } from '../connector';
import { ConnectorError } from '../connector-error';
import { STATIC_LIST_COLUMN } from './describe';
import { conditionsAmong, conjuncts, refuseListsIn, together, valuesOf } from './filter-parts';
import { kindOf } from './objects';
import { canBeAsked, fieldsToRead } from './query';
import { overlap, spanOf, windowsOf } from './time-span';
import { BATCH_RECORDS, type MarketoTuning } from './tuning';
import { toSeconds } from './values';

/** How records are read; all dates in milliseconds since 1970, a missing beginning is that of the instance. */
export type ReadPlan =
  /** By a filter query: the records that hold one of the values. */
  | { by: 'keys'; field: string; values: string[] }
  /** By bulk extract of static lists. */
  | { by: 'lists'; listIds: number[] }
  /** By bulk extract of a program's members. */
  | { by: 'program'; programId: number }
  /** By bulk extract over a date, in windows. `updatedAt` looks at the last change of any field, also such as the column does not show. */
  | { by: 'windows'; field: 'createdAt' | 'updatedAt'; fromMs: number | null; toMs: number }
  /** By walking all integer ids. */
  | { by: 'ids' };

interface PlannedRead {
  plan: ReadPlan;
  /** What Marketo evaluates of the filter. */
  pushed: Condition[];
  /** What Sync has to evaluate, be it once more. */
  local: Filter | null;
}

/** With more keys than this, an export costs less than asking for each. */
const MOST_KEYS = 3_000;
/**
 * Marketo compares them as a filter means it, unless the value is written in another way than Marketo writes it; other texts perhaps
 * without regard to accents. What is not exact, Sync compares again.
 */
const EXACT: ReadonlySet<FieldType> = new Set(['id', 'email', 'integer']);

/** Decides how the records of a request are read. @throws ConnectorError `NEEDS_KEY_FILTER`, `FILTER_NOT_POSSIBLE` */
export function planOf(request: ReadRequest): PlannedRead {
  const parts = conjuncts(request.filter);
  const conditions = conditionsAmong(parts);
  const planned = (plan: ReadPlan, pushed: Condition[], done: readonly Condition[]): PlannedRead => {
    const local = together(parts.filter((part) => !(done as readonly Filter[]).includes(part)));
    refuseListsIn(local);
    return { plan, pushed, local };
  };
  const list = conditions.find(({ column }) => column === STATIC_LIST_COLUMN);
  const listIds = list ? listIdsOf(list) : null;
  if (list && listIds && request.object.name === 'Lead') return planned({ by: 'lists', listIds }, [list], [list]);
  const keyed = bestKeys(request, conditions);
  if (keyed) {
    const type = request.object.fields.find(({ name }) => name === keyed.condition.column)?.type;
    const isExact = type !== undefined && EXACT.has(type) && (valuesOf(keyed.condition) ?? []).every(isPlain);
    const plan: ReadPlan = { by: 'keys', field: keyed.condition.column, values: keyed.values };
    return planned(plan, [keyed.condition], isExact ? [keyed.condition] : []);
  }
  if (!request.object.readableAsWhole) throw needsKeys(request.object);
  if (request.object.name === 'Company') return planned({ by: 'ids' }, [], []);
  const { programId } = kindOf(request.object.name);
  // all of them also where only what changed is wanted: not every subscription can export members by a date
  if (programId !== undefined) return planned({ by: 'program', programId }, [], []);
  const { plan, pushed } = windowPlan(request, conditions);
  return planned(plan, pushed, []);
}

/** Not so ` 7 ` and `007`, by which Marketo would find 7. */
const isPlain = (value: Value): boolean => {
  const text = String(value);
  return text === text.trim() && !/^-?0\d/.test(text);
};

const needsKeys = ({ name, keyFields }: ObjectDescription): ConnectorError =>
  new ConnectorError(
    `Marketo lists ${name} records by their keys alone. Add a filter "in" on one of: ${keyFields.join(', ')}.`,
    'NEEDS_KEY_FILTER',
    { retry: 'never' },
  );

function listIdsOf(condition: Condition): number[] | null {
  const ids = valuesOf(condition)?.map(Number) ?? null;
  return ids?.every((id) => Number.isSafeInteger(id) && id > 0) ? [...new Set(ids)] : null;
}

/** The condition on a key that the fewest values fit, if there is one that can be asked for. */
function bestKeys(
  { object }: ReadRequest,
  conditions: readonly Condition[],
): { condition: Condition; values: string[] } | null {
  const candidates = conditions.flatMap((condition) => {
    const values = object.keyFields.includes(condition.column) ? valuesOf(condition) : null;
    if (!values || values.some((value) => value === null || String(value).includes(','))) return [];
    const texts = values
      .map((value) => String(value).trim())
      .filter((text) => canBeAsked(object, condition.column, text));
    return [{ condition, values: [...new Set(texts)] }];
  });
  const [best] = candidates.sort((one, other) => one.values.length - other.values.length);
  if (!best) return null;
  // where nothing else is possible, many calls are better than none
  return best.values.length <= MOST_KEYS || !object.readableAsWhole ? best : null;
}

/**
 * The span of an export. It only narrows what is read: the conditions are evaluated again, since the border of a window, and what
 * counts as a change, are Marketo's own.
 */
function windowPlan(
  request: ReadRequest,
  conditions: readonly Condition[],
): Pick<PlannedRead, 'pushed'> & { plan: ReadPlan } {
  const asOfMs = Date.parse(request.asOf);
  const on = (column: string) => conditions.filter((condition) => condition.column === column);
  const bounding = (column: string, end: 'fromMs' | 'toMs') =>
    on(column).filter((condition) => spanOf(condition, request)[end] !== null);
  const updated = overlap(bounding('updatedAt', 'fromMs').map((condition) => spanOf(condition, request)));
  const changedMs = request.changedSince === null ? null : Date.parse(request.changedSince);
  const since =
    updated.fromMs === null || changedMs === null ? (changedMs ?? updated.fromMs) : Math.max(changedMs, updated.fromMs);
  // people have a date of creation to be exported by, custom objects have not
  const isPerson = request.object.name === 'Lead';
  const created = isPerson ? overlap(on('createdAt').map((condition) => spanOf(condition, request))) : overlap([]);
  if (!isPerson || (since !== null && (changedMs !== null || created.fromMs === null || since > created.fromMs))) {
    // a later change of another field moves a record out of an earlier window, so there is no upper end but the present
    const pushed = since === null ? [] : bounding('updatedAt', 'fromMs');
    return { plan: { by: 'windows', field: 'updatedAt', fromMs: since, toMs: asOfMs }, pushed };
  }
  const pushed = on('createdAt').filter((condition) => {
    const span = spanOf(condition, request);
    return span.fromMs !== null || span.toMs !== null;
  });
  const toMs = Math.min(created.toMs ?? asOfMs, asOfMs);
  return { plan: { by: 'windows', field: 'createdAt', fromMs: created.fromMs, toMs }, pushed };
}

/** What is asked of Marketo for a request, and what is left to Sync. */
export function splitFilter(request: ReadRequest): SplitFilter {
  const { plan, pushed, local } = planOf(request);
  return { pushed: together(pushed), local, query: queryText(request, plan), apiCalls: callsOf(plan), megabytes: null };
}

function queryText(request: ReadRequest, plan: ReadPlan): string {
  const { path, isCustom, exportedAt } = kindOf(request.object.name);
  const fields = fieldsToRead(request).join(',');
  const byFilter = `POST /rest/v1/${path}.json?_method=GET`;
  const byExport = `POST /bulk/v1/${exportedAt ?? (isCustom ? path : 'leads')}/export/create.json`;
  switch (plan.by) {
    case 'keys':
      return `${byFilter} with filterType=${plan.field}&filterValues=${shownValues(plan.values)}&fields=${fields}, ${BATCH_RECORDS} values at a time`;
    case 'lists':
      return plan.listIds
        .map(
          (staticListId) =>
            `${byExport} with ${JSON.stringify({ fields: fieldsToRead(request), filter: { staticListId } })}`,
        )
        .join('\n');
    case 'program':
      return `${byExport} with ${JSON.stringify({ fields: fieldsToRead(request), filter: { programId: plan.programId } })}`;
    case 'windows': {
      const startAt = plan.fromMs === null ? 'the beginning of the instance' : toSeconds(plan.fromMs);
      const filter = { [plan.field]: { startAt, endAt: toSeconds(plan.toMs) } };
      return `${byExport} with ${JSON.stringify({ fields: fieldsToRead(request), filter })}, in windows of at most 31 days`;
    }
    case 'ids':
      return `${byFilter} with filterType=${request.object.idField}&fields=${fields} for all ids, in blocks of ${BATCH_RECORDS}, until many blocks in a row are empty`;
  }
}

const SHOWN_VALUES = 5;
const shownValues = (values: readonly string[]): string =>
  values.length <= SHOWN_VALUES
    ? values.join(',')
    : `${values.slice(0, SHOWN_VALUES).join(',')},… (${values.length} values)`;

/** To make an export, start it, and look at it twice as a rule; then its file is read. */
const CALLS_BEFORE_FILE = 4;
/** The same with a file of one page. */
const CALLS_OF_EXPORT = CALLS_BEFORE_FILE + 1;

/** What reading usually costs. What is walked by its ids is taken to have no gaps. */
export function readingCosts(request: ReadRequest, { pageBytes, emptyBlocks }: MarketoTuning): ReadingCosts {
  const { plan } = planOf(request);
  switch (plan.by) {
    case 'keys':
      return { beforehand: 0, perPart: 1, recordsPerCall: null, bytesPerCall: null };
    case 'lists':
    case 'program':
      return { beforehand: 0, perPart: CALLS_BEFORE_FILE, recordsPerCall: null, bytesPerCall: pageBytes };
    case 'windows': {
      // the oldest person is looked for where the filter names no beginning
      const beforehand = plan.fromMs === null ? 1 : 0;
      return { beforehand, perPart: CALLS_BEFORE_FILE, recordsPerCall: null, bytesPerCall: pageBytes };
    }
    case 'ids':
      return { beforehand: emptyBlocks, perPart: 0, recordsPerCall: BATCH_RECORDS, bytesPerCall: null };
  }
}

function callsOf(plan: ReadPlan): number | null {
  switch (plan.by) {
    case 'keys':
      return Math.ceil(plan.values.length / BATCH_RECORDS);
    case 'lists':
      return plan.listIds.length * CALLS_OF_EXPORT;
    case 'program':
      return CALLS_OF_EXPORT;
    case 'windows':
      return plan.fromMs === null ? null : windowsOf(plan.fromMs, plan.toMs).length * CALLS_OF_EXPORT;
    case 'ids':
      return null;
  }
}
