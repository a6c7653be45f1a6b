import { formatExactTime } from '../../../lib/format';
import type { Preview } from '../api';

type Duplicates = NonNullable<Preview['duplicates']>;

/** A record of a group of duplicates, with what was compared of it. */
interface Compared {
  sourceId: string;
  /** `Updated At 3 May 2026, 14:30:00, wins` */
  text: string;
}

/** The first records of a group with the dates that the rule compares, the one that wins at the top; empty where no date decides. */
export function comparedInWords(
  { decidedBy }: Pick<Duplicates, 'decidedBy'>,
  { dates, kept }: Pick<Duplicates['largest'][number], 'dates' | 'kept'>,
  timeZone: string,
): Compared[] {
  if (!decidedBy) return [];
  const best = dates.find(({ sourceId }) => sourceId === kept)?.value ?? null;
  const isTie = isKnown(best) && dates.some(({ sourceId, value }) => sourceId !== kept && value === best);
  const wins = isTie ? ', wins by the smaller Id' : ', wins';
  return dates
    .toSorted((one, other) => Number(other.sourceId === kept) - Number(one.sourceId === kept))
    .map(({ sourceId, value }) => ({
      sourceId,
      text: `${decidedBy.label} ${dateInWords(value, timeZone)}${sourceId === kept ? wins : ''}`,
    }));
}

/** Viewers are told that there is a date, and not which. */
const isKnown = (value: string | null): boolean => value === null || !Number.isNaN(Date.parse(value));

function dateInWords(value: string | null, timeZone: string): string {
  if (value === null) return 'not set';
  return isKnown(value) ? formatExactTime(value, timeZone) : value;
}
