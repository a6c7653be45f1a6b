import type { Definition, Filter } from './definition';
import type { ExecutionState } from './outcome';

/**
 * A record becomes visible some time after its stamp was taken, and clocks differ: each run begins to read so long before the last
 * one did (Salesforce: "Late commit"; Marketo: windows that the next run overlaps).
 */
export const OVERLAP_MS = 10 * 60_000;

/** Logs of deletions are written later than changes show, up to hours under load (Marketo, activities): they are read from so long before. */
const DELETIONS_OVERLAP_MS = 6 * 3_600_000;

/** States of runs that have read everything there was to read. */
export const COMPLETE_STATES = ['succeeded', 'partial'] as const satisfies readonly ExecutionState[];

/** Why a sync that reads what changed reads everything: nothing to build on, other rules than last time, or nothing that would tell. */
export const READS_ALL_BECAUSE = [
  'firstRun',
  'definitionChanged',
  'secretKeyChanged',
  'relativeFilter',
  'sourceCannotTell',
] as const;
export type ReadsAllBecause = (typeof READS_ALL_BECAUSE)[number];

/** The same for people. */
export const READS_ALL_IN_WORDS: Record<ReadsAllBecause, string> = {
  firstRun: 'Everything is read, since no earlier run has read everything.',
  definitionChanged: 'Everything is read, since source, destination, filter, match, mapping or rules have changed.',
  secretKeyChanged:
    'Everything is read, since the secret key was changed, with which the keys of records are remembered as hashes.',
  relativeFilter: 'Everything is read, since the filter selects other records as time goes by.',
  sourceCannotTell:
    'Everything is read, since the source cannot tell what has changed or been deleted since the last run.',
};

/** The last run that a later one may build on: it has read everything, and what it knew is in the index. */
export interface CompleteRun {
  /** ISO 8601 UTC. */
  asOf: string;
  signature: string;
}

/** What a run reads. */
export interface Reading {
  /** ISO 8601 UTC; null for everything. */
  changedSince: string | null;
  /** Deletions since this instant are asked for; null with `changedSince`. */
  deletedSince: string | null;
  readsAllBecause: ReadsAllBecause | null;
}

/** True for a filter that selects other records as time goes by, although none of them changed. */
export function isRelative(filter: Filter): boolean {
  if ('all' in filter) return filter.all.some(isRelative);
  if ('any' in filter) return filter.any.some(isRelative);
  if ('not' in filter) return isRelative(filter.not);
  return filter.operator === 'inLast' || filter.operator === 'inNext';
}

/** Raised whenever the index is to be built anew, since an older release filled it by other rules. */
const RULES = 1;

/**
 * Everything by which a definition decides what becomes of a record, as text that is equal whenever the decisions are: the order of
 * members does not matter, and what only names or times a sync is left out.
 * @param timeZone in which days of the filter and of mappings begin
 */
export function decidingParts(definition: Definition, timeZone: string): string {
  const { source, destination, match, deduplicate, importRule, mappings, blankValues, filter } = definition;
  const parts = { source, destination, match, deduplicate, importRule, mappings, blankValues, filter };
  return JSON.stringify(inOrder({ rules: RULES, timeZone, ...parts }));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, inOrder(member)]));
}

/**
 * Decides whether a run may read only what changed.
 * @param signature of the present definition: the id of the key that hashes are made with, a dot, and a hash of its `decidingParts`
 * @param last the last complete run of the sync; null when there is none
 */
export function readingOf(
  { records, filter }: Pick<Definition, 'records' | 'filter'>,
  signature: string,
  last: CompleteRun | null,
): Reading {
  if (records === 'all') return everything(null);
  if (filter && isRelative(filter)) return everything('relativeFilter');
  if (!last) return everything('firstRun');
  if (last.signature !== signature) {
    const [, rules] = signature.split('.');
    const [, lastRules] = last.signature.split('.');
    return everything(rules !== undefined && rules === lastRules ? 'secretKeyChanged' : 'definitionChanged');
  }
  return {
    changedSince: before(last.asOf, OVERLAP_MS),
    deletedSince: before(last.asOf, DELETIONS_OVERLAP_MS),
    readsAllBecause: null,
  };
}

const everything = (readsAllBecause: ReadsAllBecause | null): Reading => ({
  changedSince: null,
  deletedSince: null,
  readsAllBecause,
});

const before = (instant: string, ms: number): string => new Date(Date.parse(instant) - ms).toISOString();

/** True when what a run has read can be built on by later ones: everything it selects stays selected until it changes. */
export const canBeBuiltOn = ({ records, filter }: Pick<Definition, 'records' | 'filter'>): boolean =>
  records === 'changed' && !(filter && isRelative(filter));
