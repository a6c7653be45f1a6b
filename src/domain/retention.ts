import type { OutcomeKind } from './outcome';

const DAY_MS = 86_400_000;

/** Outcomes of records that nothing is written of: their staged values serve nobody once their execution has ended. */
export const LEAVE_NO_VALUES = ['filteredOut', 'duplicate', 'unchanged'] as const satisfies readonly OutcomeKind[];

/** Outcomes whose message is Sync's own and names Ids at most; the text of any other may quote a value, and goes when values go. */
export const KEEP_THEIR_TEXT = ['filteredOut', 'duplicate', 'skipped'] as const satisfies readonly OutcomeKind[];

/**
 * The instant from which on values are kept: those of what ended before it go.
 * @param now ISO 8601 UTC
 */
export const keptSince = (now: string, retentionDays: number): string =>
  new Date(Date.parse(now) - retentionDays * DAY_MS).toISOString();

/**
 * Chooses the days whose staged values can go as a whole: each is over, and nobody needs what was filed under it. The day of an execution
 * that runs, or that has ended only lately, stays, however long ago it began.
 * @param days `2026-03-01`, as executions file what they stage
 * @param needed days of executions whose values are kept
 * @param since see `keptSince`
 */
export const daysToDrop = (days: readonly string[], needed: ReadonlySet<string>, since: string): string[] =>
  days.filter((day) => Date.parse(day) + DAY_MS <= Date.parse(since) && !needed.has(day));
