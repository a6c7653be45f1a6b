/** UTC, and names that people use; the list of the platform leaves both out. */
const FURTHER = [
  'UTC',
  'GMT',
  'Asia/Kolkata',
  'Asia/Ho_Chi_Minh',
  'Europe/Kyiv',
  'America/Argentina/Buenos_Aires',
  'US/Eastern',
  'US/Central',
  'US/Mountain',
  'US/Arizona',
  'US/Pacific',
  'US/Alaska',
  'US/Hawaii',
];

/** The offset of a zone now: `GMT+1`. */
function offsetOf(timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(new Date());
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** English of a region has abbreviations for its own zones alone. */
const ENGLISH: readonly (readonly [RegExp, string])[] = [
  [/^Europe\//, 'en-GB'],
  [/^Africa\//, 'en-ZA'],
  [/^(Australia|Pacific|Antarctica)\//, 'en-AU'],
  [/^Asia\/(Kolkata|Calcutta)$/, 'en-IN'],
];

/** What no English has, and people search by. */
const FURTHER_ABBREVIATIONS: Record<string, string> = {
  'Asia/Tokyo': 'JST',
  'Asia/Seoul': 'KST',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Singapore': 'SGT',
  'Europe/Moscow': 'MSK',
};

/** The abbreviations that people search by, in winter and in summer: `CET/CEST`, `EST/EDT`; none where they are offsets again. */
function abbreviationsOf(timeZone: string): string {
  const language = ENGLISH.find(([zones]) => zones.test(timeZone))?.[1] ?? 'en-US';
  const format = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'short' });
  const year = new Date().getUTCFullYear();
  const names = [0, 6].map((month) => {
    const parts = format.formatToParts(new Date(Date.UTC(year, month, 1)));
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  });
  const known = [...new Set(names)].filter((name) => !/^GMT[+-]/.test(name) && name !== timeZone);
  return known.join('/') || (FURTHER_ABBREVIATIONS[timeZone] ?? '');
}

let known: { value: string; label: string }[] | null = null;

/**
 * All time zones to choose from, with offset and abbreviations.
 * @param given zones that have to be there
 */
export function zoneOptions(given: readonly string[]): { value: string; label: string }[] {
  known ??= [...new Set([...FURTHER, ...Intl.supportedValuesOf('timeZone')])].sort().map(option);
  const present = new Set(known.map(({ value }) => value));
  return [...given.filter((zone) => zone !== '' && !present.has(zone)).map(option), ...known];
}

function option(value: string): { value: string; label: string } {
  try {
    const more = [...new Set([offsetOf(value), abbreviationsOf(value)])]
      .filter((text) => text !== '' && text !== value)
      .join(', ');
    return { value, label: more === '' ? value : `${value} (${more})` };
  } catch {
    // a zone that this browser does not know
    return { value, label: value };
  }
}
