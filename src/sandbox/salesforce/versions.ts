import { ApiError, notFound } from './api-error';

/** Earlier ones were retired in Summer '25 (release notes, "API versions 21.0 through 30.0 are retired"). */
const FIRST_VERSION = 31;
const RETIRED_FROM = 21;
/** Summer '26. */
const LAST_VERSION = 67;
/** Spring '24; three releases a year follow each other from it, and come before it. */
const SPRING_24 = 60;
const SEASONS = ['Spring', 'Summer', 'Winter'] as const;

export interface ApiVersion {
  label: string;
  url: string;
  version: string;
}

/** All that are served, as `GET /services/data` lists them. */
export const API_VERSIONS: readonly ApiVersion[] = Array.from(
  { length: LAST_VERSION - FIRST_VERSION + 1 },
  (_, index) => {
    const number = FIRST_VERSION + index;
    return { label: labelOf(number), url: `/services/data/v${number}.0`, version: `${number}.0` };
  },
);

/**
 * @param segment of a path: `v60.0`
 * @throws ApiError 410 for a retired version, 404 for what is none
 */
export function versionOf(segment: string): number {
  const number = Number(/^v(\d{1,3})\.0$/.exec(segment)?.[1] ?? Number.NaN);
  if (number >= RETIRED_FROM && number < FIRST_VERSION)
    throw new ApiError(410, 'GONE', `API version ${number}.0 is retired and no longer supported.`);
  if (!(number >= FIRST_VERSION && number <= LAST_VERSION)) throw notFound();
  return number;
}

function labelOf(version: number): string {
  const years = Math.floor((version - SPRING_24) / SEASONS.length);
  const season = SEASONS[version - SPRING_24 - years * SEASONS.length] ?? SEASONS[0];
  // the Winter release is named after the year that follows
  const year = 24 + years + (season === 'Winter' ? 1 : 0);
  return `${season} '${String(year).padStart(2, '0')}`;
}
