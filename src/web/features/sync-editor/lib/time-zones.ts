/** UTC, and names that people still use; the list of the platform leaves both out. */
const FURTHER = ['UTC', 'Asia/Kolkata', 'Asia/Ho_Chi_Minh', 'Europe/Kyiv', 'America/Argentina/Buenos_Aires'];

/** The offset of a zone now: `GMT+1`. */
function offsetOf(timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(new Date());
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** The abbreviation that people search by: `CET`, `EST`; none where it is an offset again. */
function abbreviationOf(timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' }).formatToParts(new Date());
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return name.startsWith('GMT') || name === timeZone ? '' : name;
}

let known: { value: string; label: string }[] | null = null;

/**
 * All time zones to choose from, with offset and abbreviation.
 * @param given zones that have to be there
 */
export function zoneOptions(given: readonly string[]): { value: string; label: string }[] {
  known ??= [...new Set([...FURTHER, ...Intl.supportedValuesOf('timeZone')])].sort().map(option);
  const present = new Set(known.map(({ value }) => value));
  return [...given.filter((zone) => zone !== '' && !present.has(zone)).map(option), ...known];
}

function option(value: string): { value: string; label: string } {
  try {
    const more = [offsetOf(value), abbreviationOf(value)].filter((text) => text !== '').join(', ');
    return { value, label: more === '' ? value : `${value} (${more})` };
  } catch {
    // a zone that this browser does not know
    return { value, label: value };
  }
}
