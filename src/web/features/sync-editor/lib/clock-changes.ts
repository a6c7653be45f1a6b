import { formatTimeBare } from '../../../lib/format';

const MINUTE_MS = 60_000;
/** By so much clocks are put back: an hour, or half of one on Lord Howe Island. */
const PUT_BACK_MS = [60 * MINUTE_MS, 30 * MINUTE_MS];

const clockAt = (ms: number, timeZone: string): string => formatTimeBare(new Date(ms).toISOString(), timeZone);

function offsetAt(at: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(new Date(at));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/**
 * What a change of the clocks does to a run, in words; null where it does nothing.
 * @param run when it starts, ISO 8601
 * @param wanted the time of day that it should have, `02:30`; null where the clock does not count, as every 90 minutes
 * @param before the run before it
 */
export function clockNote(
  run: string,
  wanted: string | null,
  before: string | undefined,
  timeZone: string,
): string | null {
  const at = Date.parse(run);
  const clock = clockAt(at, timeZone);
  const time = clock.slice(-5);
  if (wanted !== null && time !== wanted) return `the clocks go forward: there is no ${wanted} on that day`;
  if (wanted !== null && PUT_BACK_MS.some((ms) => clockAt(at + ms, timeZone) === clock))
    return `the clocks go back: ${wanted} comes twice on that day, and the first one is meant`;
  if (before === undefined) return null;
  const [old, present] = [offsetAt(before, timeZone), offsetAt(run, timeZone)];
  return old === present ? null : `the clocks have changed: ${present} instead of ${old}`;
}
