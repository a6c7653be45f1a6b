import { countedAs, OUTCOMES, type OutcomeKind, type Trigger } from '../../../domain/outcome';
import { undoneBy } from '../../lib/counts';
import { counted, formatDuration, formatNumber } from '../../lib/format';
import type { Cause, Execution, RecordOutcome } from './api';

/** Why an execution was started. */
const TRIGGER_WORDS: Record<Trigger, string> = {
  now: 'On activation',
  once: 'At the set time',
  interval: 'By schedule',
  manual: 'By hand',
  retry: 'Retry of failed records',
  undo: 'Undo',
};

/** Why an execution was started; of a retry with how many records it takes, as far as that is known. */
export function startedInWords({ trigger, state, counts, corrected }: Execution): string {
  if (trigger !== 'retry') return TRIGGER_WORDS[trigger];
  if (corrected > 0) return `Retry of ${counted(corrected, 'corrected record')}`;
  return state === 'running' || counts.read === 0
    ? TRIGGER_WORDS.retry
    : `Retry of ${counted(counts.read, 'failed record')}`;
}

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

/** A figure of an execution. */
export interface Figure {
  label: string;
  records: number;
  /** Which records these are. */
  shows: { outcome: OutcomeKind | 'all'; reason?: string };
}

/** The counts with their words; of an undo what it can have done, by the names of that. */
export function figuresOf(execution: Execution): Figure[] {
  const { counts } = execution;
  const undone = undoneBy(execution);
  if (!undone) {
    return COUNT_WORDS.map(([name, label]) => ({
      label,
      records: counts[name],
      shows: { outcome: OUTCOMES.find((outcome) => countedAs[outcome] === name) ?? 'all' },
    }));
  }
  return [
    { label: 'Read', records: counts.read, shows: { outcome: 'all' } },
    { label: 'Deleted by the undo', records: undone.deleted, shows: { outcome: 'updated', reason: 'deleted' } },
    { label: 'Restored by the undo', records: undone.restored, shows: { outcome: 'updated', reason: 'restored' } },
    { label: 'Already as before', records: counts.unchanged, shows: { outcome: 'unchanged' } },
    { label: 'Left alone', records: counts.skipped, shows: { outcome: 'skipped' } },
    { label: 'Failed', records: counts.failed, shows: { outcome: 'failed' } },
  ];
}

/** How an execution is called: `Execution 4: undo of execution 1`. */
export const titleOf = ({ number, trigger, follows }: Pick<Execution, 'number' | 'trigger' | 'follows'>): string =>
  trigger === 'undo' && follows ? `Execution ${number}: undo of execution ${follows.number}` : `Execution ${number}`;

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

/** How many records of a cause there are, and what has become of them since: `26 failed: 20 loaded later, 6 given up` */
export function causeInWords(cause: Pick<Cause, 'outcome' | 'records' | 'due' | 'since'>): string {
  const { outcome, records, due } = cause;
  if (outcome !== 'failed' || due === records) return `${OUTCOME_WORDS[outcome]}: ${counted(records, 'record')}`;
  return due > 0
    ? `Failed: ${counted(records, 'record')}, ${formatNumber(due)} still to be loaded`
    : `${formatNumber(records)} failed: ${dealtWith([cause])}`;
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

/** What has become of failed records that are not due any more: `20 loaded later, 7 given up` */
export function dealtWith(causes: readonly Pick<Cause, 'since'>[]): string {
  const sumOf = (fate: keyof Cause['since']) => causes.reduce((sum, { since }) => sum + since[fate], 0);
  const fates: [number, string][] = [
    [sumOf('loaded'), 'loaded later'],
    [sumOf('leftOut'), 'left out later'],
    [sumOf('givenUp'), 'given up'],
    [sumOf('undone'), 'of the run that was undone'],
  ];
  return fates.flatMap(([records, words]) => (records > 0 ? [`${formatNumber(records)} ${words}`] : [])).join(', ');
}

/** What giving up means for records. */
export const notTriedAgain = (records: number): string =>
  records === 1
    ? 'It is not tried again, neither by a retry nor by a run that reads only changes, until it changes in the source.'
    : 'They are not tried again, neither by a retry nor by a run that reads only changes, until they change in the source.';
