import type { OutcomeKind, Trigger } from '../../../domain/outcome';
import { undoneBy } from '../../lib/counts';
import { counted, formatDuration, formatNumber } from '../../lib/format';
import type { Execution, RecordOutcome } from './api';

/** Why an execution was started. */
export const TRIGGER_WORDS: Record<Trigger, string> = {
  now: 'On activation',
  once: 'At the set time',
  interval: 'By schedule',
  manual: 'By hand',
  retry: 'Retry of failed records',
  undo: 'Undo',
};

/** What became of a record. */
export const OUTCOME_WORDS: Record<OutcomeKind, string> = {
  filteredOut: 'Filtered out',
  duplicate: 'Duplicate',
  created: 'Created',
  updated: 'Updated',
  unchanged: 'Unchanged',
  skipped: 'Skipped',
  failed: 'Failed',
};

/** The counts in the order of the work, so that they add up from left to right. */
export const COUNT_WORDS = [
  ['read', 'Read'],
  ['filteredOut', 'Filtered out'],
  ['duplicates', 'Duplicates'],
  ['created', 'Created'],
  ['updated', 'Updated'],
  ['unchanged', 'Unchanged'],
  ['skipped', 'Skipped'],
  ['failed', 'Failed'],
] as const satisfies readonly (readonly [keyof Execution['counts'], string])[];

/** The counts with their words; what an undo counts as updated is told as what it is. */
export function figuresOf(execution: Execution): [label: string, records: number][] {
  const undone = undoneBy(execution);
  return COUNT_WORDS.flatMap(([name, label]): [string, number][] =>
    undone && name === 'updated'
      ? [
          ['Deleted by the undo', undone.deleted],
          ['Restored by the undo', undone.restored],
        ]
      : [[label, execution.counts[name]]],
  );
}

/** What an undo has done to a record, by the reason that it gives. */
const UNDONE_WORDS: Partial<Record<string, string>> = {
  deleted: 'Deleted by the undo',
  restored: 'Restored by the undo',
};

/** Whether a reason says no more than `outcomeInWords` does. */
export const isToldByOutcome = (reason: string): boolean => UNDONE_WORDS[reason] !== undefined;

/** What became of a record in words, by the reason where that says more. */
export function outcomeInWords({ outcome, reason }: { outcome: OutcomeKind; reason: string | null }): string {
  const undone = reason === null ? undefined : UNDONE_WORDS[reason];
  return (outcome === 'updated' ? undone : undefined) ?? OUTCOME_WORDS[outcome];
}

/** How long an execution has taken, or takes by now. */
export function durationInWords({ startedAt, finishedAt }: Execution, now: number): string {
  if (startedAt === null) return 'not started';
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return formatDuration(Math.max(0, (end - Date.parse(startedAt)) / 1_000));
}

const DAY_MS = 86_400_000;

/** When the values of an execution's records go: so many days after its end; null while it runs. */
export const valuesGoAt = ({ finishedAt }: Pick<Execution, 'finishedAt'>, retentionDays: number): string | null =>
  finishedAt === null ? null : new Date(Date.parse(finishedAt) + retentionDays * DAY_MS).toISOString();

/**
 * What a retry of a cause takes: all that is due for its reason.
 * @param due how many of them stand in the cause's own card; the rest failed with the same reason at other fields
 */
export const retryInWords = (due: number, dueOfReason: number): string =>
  due === dueOfReason
    ? `Try ${counted(due, 'record')} again`
    : `Try all ${formatNumber(dueOfReason)} with this reason again`;

/** Why a retry takes more records than the card of the cause has; null where it does not. @param due as for `retryInWords` */
export function othersInWords(due: number, dueOfReason: number): string | null {
  const others = dueOfReason - due;
  if (others === 0) return null;
  return `${formatNumber(others)} of the ${formatNumber(dueOfReason)} failed because of another field, in a card of its own.`;
}

/** Whether an execution ran by another definition than the one before it; an undo goes by that of what it undoes. */
export function isChanged({ number, version, trigger }: Execution, newestFirst: readonly Execution[]): boolean {
  const before = newestFirst.find((other) => other.number < number && other.trigger !== 'undo');
  return trigger !== 'undo' && before !== undefined && before.version !== version;
}

/** What later became of a record that failed, before the execution that did it is named. */
export function laterInWords({ outcome }: NonNullable<RecordOutcome['later']>): string {
  if (outcome === 'failed') return 'given up in';
  return outcome === 'created' || outcome === 'updated' || outcome === 'unchanged'
    ? 'loaded later in'
    : 'left out later in';
}

/** Why failed records are not due any more: what `due` of a cause leaves out. */
export const dealtWith = (records: number): string =>
  records === 1
    ? 'a later execution has loaded it or left it out, or somebody has given it up'
    : 'later executions have loaded them or left them out, or somebody has given them up';
