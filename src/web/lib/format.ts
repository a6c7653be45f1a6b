/** Where the person is. */
export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

/** `1,204,311` */
export const formatNumber = (value: number): string => whole.format(value);
/** `12%` of 0.12 */
export const formatShare = (value: number): string => share.format(value);

/** `1 record`, `1,204 records` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`;

/** `28 Nov 2026, 17:40 Europe/Vienna`. @param at ISO 8601 */
export function formatTime(at: string, timeZone: string = ownTimeZone()): string {
  return `${formatTimeBare(at, timeZone)} ${timeZone}`;
}

/** The same without the zone, where it stands beside. */
export function formatTimeBare(at: string, timeZone: string = ownTimeZone()): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(at));
}

/** `28 Nov 2026, 17:40:09`, where seconds count and the zone stands beside. */
export const formatExactTime = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(new Date(at));

const longDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
/** `1 January 2026`. @param day a calendar day, `2026-01-01` */
export const formatDay = (day: string): string => longDay.format(new Date(`${day}T00:00:00Z`));

/** Units with their seconds, and from how many on they are told in: what would be rounded to 60 minutes is an hour. */
const UNITS = [
  ['day', 86_400, 84_600],
  ['hour', 3_600, 3_570],
  ['minute', 60, 60],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `in 3 hours`, `5 minutes ago`, `now`. */
export function formatRelative(at: string, now: number = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1_000;
  const unit = UNITS.find(([, , least]) => Math.abs(seconds) >= least);
  if (!unit) return Math.abs(seconds) < 20 ? 'now' : seconds < 0 ? 'less than a minute ago' : 'in less than a minute';
  return relative.format(Math.round(seconds / unit[1]), unit[0]);
}

/** `2 min 5 s`, `3 h 10 min`, `less than a second`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return rounded % 60 === 0 ? `${minutes} min` : `${minutes} min ${rounded % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${whole.format(hours)} h` : `${whole.format(hours)} h ${minutes % 60} min`;
}

/** With a capital at the start, as a sentence begins. */
export const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
