import { Temporal } from '@js-temporal/polyfill';

/**
 * The next day on which the clocks of a zone are put forward or back, so that a test never states one that has passed.
 * @param afterMs milliseconds since 1970
 * @returns the day, as `2027-03-28`
 */
export function nextClockChange(timeZone: string, afterMs: number, direction: 'forward' | 'back'): string {
  let at = Temporal.Instant.fromEpochMilliseconds(afterMs).toZonedDateTimeISO(timeZone);
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (!next) throw new Error(`The clocks of ${timeZone} are not changed any more.`);
    const before = next.subtract({ nanoseconds: 1 });
    if (next.offsetNanoseconds > before.offsetNanoseconds === (direction === 'forward')) {
      // where midnight itself is left out, the day that lacks it is the later one
      return next.toPlainDate().toString();
    }
    at = next;
  }
}

/** A day so many days after another one. */
export const dayAfter = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

/** What the clocks of a zone show at an instant: `2027-03-28 03:30 +02:00`. */
export function clockAt(instant: string, timeZone: string): string {
  const shown = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone);
  return `${shown.toPlainDate()} ${shown.toPlainTime().toString({ smallestUnit: 'minute' })} ${shown.offset}`;
}
