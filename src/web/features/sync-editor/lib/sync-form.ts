import type {
  AmountOfTime,
  BlankPolicy,
  DeduplicateRule,
  Definition,
  DefinitionProblem,
  DraftDefinition,
  ImportRule,
  Mapping,
  Schedule,
} from '../../../../domain/definition';
import { bySource } from './begun-table';
import { type FilterGroup, type FilterOfQuery, filterOfQuery, queryOfFilter } from './filter-query';

/** A value that a definition can hold. */
export type Scalar = string | number | boolean | null;

/** One end of a sync as it is chosen; an empty text is not chosen yet. */
export interface EndForm {
  connectionId: string;
  object: string;
}

/** A mapping as it is edited; either side may still be missing. */
export interface MappingRow {
  /** Tells rows apart while they move; no part of the definition. */
  key: string;
  kind: 'field' | 'constant' | 'expression';
  field: string;
  constant: Scalar;
  expression: string;
  to: string;
  default: Scalar;
  /** The value table; null for none. */
  table: { from: string; to: Scalar }[] | null;
  otherwise: NonNullable<Mapping['otherwise']>;
  lookup: Mapping['lookup'] | null;
  /** Null goes by the sync's own policy. */
  blankValues: BlankPolicy | null;
  /** Of a suggestion that nobody has confirmed: how sure it is. */
  confidence: 'sure' | 'likely' | null;
}

/** The schedule as it is edited: what another type needs is kept while one tries them out. */
export interface ScheduleForm {
  type: Schedule['type'] | '';
  /** Wall-clock times, `2026-12-01T09:00`; empty while not chosen. */
  at: string;
  every: AmountOfTime;
  start: string;
  end: string;
  timeZone: string;
}

/** All five pages as they are edited. */
export interface SyncForm {
  name: string;
  description: string;
  source: EndForm;
  destination: EndForm;
  /** Null goes by the default of the two objects. */
  match: { source: string; destination: string } | null;
  deduplicate: DeduplicateRule;
  importRule: ImportRule;
  blankValues: BlankPolicy;
  salesforce: { assignmentRules: boolean; allowDuplicates: boolean };
  mappings: MappingRow[];
  filter: FilterGroup | null;
  records: Definition['records'];
  schedule: ScheduleForm;
  stopAfterFailures: { percent: number; of: number } | null;
  firstRun: { records: number } | null;
}

/** @param key unique among the rows */
export const emptyRow = (key: string): MappingRow => ({
  key,
  kind: 'field',
  field: '',
  constant: '',
  expression: '',
  to: '',
  default: null,
  table: null,
  otherwise: 'pass',
  lookup: null,
  blankValues: null,
  confidence: null,
});

/** @param timeZone the zone of who looks at it */
const emptySchedule = (timeZone: string): ScheduleForm => ({
  type: '',
  at: '',
  every: { amount: 1, unit: 'day' },
  start: '',
  end: '',
  timeZone,
});

/** What the editor shows of a definition; of a new sync, the defaults. */
export function formOf(draft: Partial<DraftDefinition>, timeZone: string): SyncForm {
  const { salesforce, schedule, stopAfterFailures, firstRun, filter } = draft;
  return {
    name: draft.name ?? '',
    description: draft.description ?? '',
    source: draft.source ?? { connectionId: '', object: '' },
    destination: draft.destination ?? { connectionId: '', object: '' },
    match: draft.match ?? null,
    deduplicate: draft.deduplicate ?? 'importEverything',
    importRule: draft.importRule ?? 'createAndUpdate',
    blankValues: draft.blankValues ?? 'keep',
    salesforce: salesforce ?? { assignmentRules: false, allowDuplicates: false },
    mappings: (draft.mappings ?? []).map((mapping, index) => rowOf(mapping, `saved-${index}`)),
    filter: filter && !isEverything(filter) ? queryOfFilter(filter) : null,
    records: draft.records ?? 'all',
    // one without a zone keeps to that of the installation
    schedule: { ...emptySchedule(timeZone), ...(schedule && { timeZone: '', ...(schedule as Partial<ScheduleForm>) }) },
    stopAfterFailures: stopAfterFailures ?? null,
    firstRun: firstRun ?? null,
  };
}

const isEverything = (filter: NonNullable<DraftDefinition['filter']>): boolean =>
  'all' in filter && filter.all.length === 0;

/** A mapping as it is edited. */
export function rowOf(mapping: Mapping, key: string): MappingRow {
  const { from, values } = mapping;
  const row = emptyRow(key);
  return {
    ...row,
    ...('field' in from ? { field: from.field } : {}),
    ...('constant' in from ? { kind: 'constant' as const, constant: from.constant } : {}),
    ...('expression' in from ? { kind: 'expression' as const, expression: from.expression } : {}),
    to: mapping.to,
    default: mapping.default ?? null,
    table: values
      ? Object.entries(values)
          .map(([given, becomes]) => ({ from: given, to: becomes }))
          .sort(bySource)
      : null,
    otherwise: mapping.otherwise ?? 'pass',
    lookup: mapping.lookup ?? null,
    blankValues: mapping.blankValues ?? null,
  };
}

/** The edited form as the API takes it, and what of it the API cannot take yet. */
export interface FormAsDraft {
  draft: DraftDefinition;
  /** For each mapping of the draft, the key of its row. */
  rowKeys: string[];
  filter: FilterOfQuery;
  /** What has been begun and cannot be saved; a row of the mapping by its key: `rows.KEY`. */
  unfinished: DefinitionProblem[];
}

/** @returns what can be saved; a name that is missing is left empty, which the API refuses */
export function draftOf(form: SyncForm): FormAsDraft {
  const unfinished: DefinitionProblem[] = [];
  const rowKeys: string[] = [];
  const mappings: Mapping[] = [];
  for (const row of form.mappings) {
    const message = whatRowLacks(row);
    if (message) unfinished.push({ path: `rows.${row.key}`, message });
    else {
      mappings.push(mappingOf(row));
      rowKeys.push(row.key);
    }
  }
  const filter = filterOfQuery(form.filter);
  unfinished.push(...filter.unfinished.map(({ path, message }) => ({ path, message })));
  const schedule = scheduleOf(form.schedule);
  const usesSalesforceOptions = form.salesforce.assignmentRules || form.salesforce.allowDuplicates;
  const draft: DraftDefinition = {
    name: form.name.trim(),
    description: form.description,
    ...(isChosen(form.source) ? { source: form.source } : {}),
    ...(isChosen(form.destination) ? { destination: form.destination } : {}),
    ...(form.match?.source && form.match.destination ? { match: form.match } : {}),
    deduplicate: form.deduplicate,
    importRule: form.importRule,
    blankValues: form.blankValues,
    ...(mappings.length > 0 ? { mappings } : {}),
    ...(filter.filter && !isEverything(filter.filter) ? { filter: filter.filter } : {}),
    records: form.records,
    ...(schedule ? { schedule } : {}),
    ...(usesSalesforceOptions ? { salesforce: form.salesforce } : {}),
    ...(form.stopAfterFailures ? { stopAfterFailures: form.stopAfterFailures } : {}),
    ...(form.firstRun ? { firstRun: form.firstRun } : {}),
  };
  return { draft, rowKeys, filter, unfinished };
}

/** Whether something was begun that a draft has no place for: a connection without its object, a schedule without its time. */
export const isHalfChosen = ({ source, destination, match, schedule }: SyncForm): boolean =>
  [source, destination].some((end) => end.connectionId !== '' && end.object === '') ||
  (match !== null && (match.source === '' || match.destination === '')) ||
  (schedule.type !== '' && scheduleOf(schedule) === undefined);

const isChosen = ({ connectionId, object }: EndForm): boolean => connectionId !== '' && object !== '';

/** Why a row is no mapping yet; null where it is one. A constant may be empty: it clears the field. */
function whatRowLacks(row: MappingRow): string | null {
  const isSourceMissing =
    (row.kind === 'field' && row.field === '') || (row.kind === 'expression' && row.expression.trim() === '');
  if (isSourceMissing) {
    return row.kind === 'field'
      ? 'Choose a source field (a constant and an expression are at the end of the list), or remove this mapping.'
      : 'Write an expression (the options of the mapping list its functions), or remove this mapping.';
  }
  if (row.to === '') return 'Choose a destination field, or remove this mapping.';
  if (row.lookup && (row.lookup.object === '' || row.lookup.by === '')) {
    return 'Choose the object and the field to look up by, or take the look-up away.';
  }
  return null;
}

/** A row as the API takes it; null while it is no mapping yet. */
export const mappingOfRow = (row: MappingRow): Mapping | null => (whatRowLacks(row) ? null : mappingOf(row));

function mappingOf(row: MappingRow): Mapping {
  const from =
    row.kind === 'field'
      ? { field: row.field }
      : row.kind === 'constant'
        ? { constant: row.constant }
        : { expression: row.expression };
  const table = row.table?.filter((entry) => entry.from !== '') ?? [];
  return {
    from,
    to: row.to,
    ...(row.default === null || row.default === '' ? {} : { default: row.default }),
    ...(table.length > 0
      ? {
          values: Object.fromEntries(table.map((entry) => [entry.from, entry.to])),
          otherwise: row.otherwise,
        }
      : {}),
    ...(row.lookup ? { lookup: row.lookup } : {}),
    ...(row.blankValues ? { blankValues: row.blankValues } : {}),
  };
}

/** @returns the schedule as the API takes it, undefined while it lacks a time */
export function scheduleOf({ type, at, every, start, end, timeZone }: ScheduleForm): Schedule | undefined {
  const zone = timeZone === '' ? {} : { timeZone };
  switch (type) {
    case '':
      return undefined;
    case 'now':
      return { type, ...zone };
    case 'once':
      return at === '' ? undefined : { type, at, ...zone };
    case 'interval':
      return start === '' ? undefined : { type, every, start, ...(end === '' ? {} : { end }), ...zone };
  }
}
