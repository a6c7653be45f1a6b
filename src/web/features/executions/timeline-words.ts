import type { TimelineEntry } from '../../../api/schemas/timeline';
import { whoInWords } from '../../../domain/key-of-settings';
import type { Phase, Trigger } from '../../../domain/outcome';
import { EXECUTION_LOOKS } from '../../components/status-badge';
import { capitalised, counted, formatDuration, formatTime } from '../../lib/format';
import { phaseInWords } from '../../lib/phases';

/** What people did, as the audit names it. */
const ACTIONS: Record<string, string> = {
  'sync.activate': 'activated the sync',
  'sync.pause': 'paused the sync',
  'sync.resume': 'resumed the sync',
  'sync.runNow': 'asked for a run now',
  'sync.cancel': 'cancelled the sync',
  'sync.change': 'changed the definition, which takes effect with the next execution',
  'execution.cancel': 'cancelled the execution',
  'execution.undo': 'asked to undo the execution',
  'execution.retryFailed': 'had failed records tried again',
  'execution.giveUp': 'gave up failed records',
  'connection.change': 'changed a connection that the sync uses',
};

/** An entry of the timeline, for people: what it is, and more about it where there is more. */
export interface TimelineWords {
  title: string;
  details: string[];
}

/**
 * @param timeZone in which moments are named
 * @param trigger of the execution
 */
export function timelineInWords(entry: TimelineEntry, timeZone: string, trigger: Trigger): TimelineWords {
  const { kind, phase, text, records, who, state } = entry;
  const told = text === null ? [] : [text];
  const inPhase = phase === null ? [] : [`Phase: ${phaseInWords(phase, trigger)}`];
  switch (kind) {
    case 'started':
      return { title: 'The execution started', details: [] };
    case 'ended':
      return {
        title: `The execution ended: ${state === null ? 'over' : EXECUTION_LOOKS[state].label.toLowerCase()}`,
        details: told,
      };
    case 'action':
      return {
        title: `${who === null ? 'Someone' : capitalised(whoInWords(who))} ${(text && ACTIONS[text]) ?? `did: ${text}`}`,
        details: [],
      };
    case 'phaseBegun':
      return { title: `${phaseName(phase, trigger)}: started`, details: [] };
    case 'phaseEnded':
      return {
        title: `${phaseName(phase, trigger)}: done`,
        details: records ? [`${counted(records, 'record')} checked`] : [],
      };
    case 'attemptFailed':
      return {
        title: again('An attempt failed and is tried again', entry),
        details: [...told, ...inPhase, ...lastTime(entry, timeZone)],
      };
    case 'takenUp':
      return {
        title: again('Another worker took over', entry),
        details: [
          'The worker before it had stopped or could not be reached.',
          ...inPhase,
          ...lastTime(entry, timeZone),
        ],
      };
    case 'waiting':
      return {
        title: again(entry.endedAt === null ? 'Waiting' : 'Waited', entry),
        details: [...told, ...waitInWords(entry, timeZone)],
      };
    case 'stopped':
      return {
        title: text === 'pause' ? 'The pause took effect' : 'The cancellation took effect',
        details: ['Between two batches; nothing is left half sent.', ...inPhase],
      };
  }
}

const phaseName = (phase: Phase | null, trigger: Trigger): string =>
  phase === null ? 'A phase' : phaseInWords(phase, trigger);

const again = (title: string, { times }: TimelineEntry): string =>
  times === 1 ? title : `${title} (${counted(times, 'time')})`;

const lastTime = ({ times, endedAt }: TimelineEntry, timeZone: string): string[] =>
  times === 1 || endedAt === null ? [] : [`The last time: ${formatTime(endedAt, timeZone)}`];

function waitInWords({ at, endedAt, waitsUntil, times }: TimelineEntry, timeZone: string): string[] {
  if (endedAt !== null) {
    const lasted = formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(at)) / 1_000);
    return [times === 1 ? `For ${lasted}` : `Within ${lasted}`];
  }
  return waitsUntil === null ? [] : [`Until ${formatTime(waitsUntil, timeZone)}, as far as is known`];
}
