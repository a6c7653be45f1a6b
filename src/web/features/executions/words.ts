import type { OutcomeKind, Trigger } from '../../../domain/outcome';
import type { RefusalCode } from '../../../domain/values';
import { formatDuration } from '../../lib/format';
import type { Execution } from './api';

/** Why an execution was started. */
export const TRIGGER_WORDS: Record<Trigger, string> = {
  now: 'On activation',
  once: 'At its time',
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

/** How long an execution has taken, or takes by now. */
export function durationInWords({ startedAt, finishedAt }: Execution, now: number): string {
  if (startedAt === null) return 'not started';
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return formatDuration(Math.max(0, (end - Date.parse(startedAt)) / 1_000));
}

/** Why a value does not fit its field. */
const REFUSAL_WORDS: Record<RefusalCode, string> = {
  tooLong: 'The value is too long for the field',
  notANumber: 'The value is not a number',
  notWhole: 'The value is not a whole number',
  outOfRange: 'The number is larger than the field holds',
  notABoolean: 'The value is neither true nor false',
  notADate: 'The value is not a date',
  notADateTime: 'The value is not a date with a time',
  notATime: 'The value is not a time',
  notAnEmail: 'The value is not an e-mail address',
  notInPicklist: 'The value is not in the picklist of the field',
  notAnId: 'The value is not an Id',
};

/** Why a record was left out, where that is not a code of the vendor. */
const REASON_WORDS: Record<string, string> = {
  ...REFUSAL_WORDS,
  exists: 'The destination has it already',
  notFound: 'The destination does not have it',
  noKey: 'It has no match key',
  cancelled: 'It was not reached before the execution ended',
  missingReference: 'The record that it refers to is missing',
  changedSincePreview: 'It has changed since the preview',
  deletedInSource: 'The source does not have it any more',
  changedSince: 'Somebody has changed it since',
  deletedSince: 'Somebody has deleted it since',
  unknownId: 'Its Id in the destination is not known',
  ambiguous: 'Its key fits several records of the destination',
  inDoubt: 'It cannot be told whether it was written',
  deleted: 'Deleted again by the undo',
  restored: 'Given its values back by the undo',
};

/** A reason in words; a code of a vendor stays as it is. */
export const reasonInWords = (reason: string): string => REASON_WORDS[reason] ?? reason;
