import type { Database } from 'better-sqlite3';
import { fold } from '../text-folding';

/** How many prepared arguments are kept; a query has few, and rows are many. */
const KEPT = 100;

/** `null` stands for any run of characters, the empty text for one character, everything else for itself. */
export type PatternParts = readonly (string | null)[];

/** Gives the database what SOQL needs and SQL lacks. */
export function defineSoqlFunctions(database: Database): void {
  const patterns = remembered((key) => JSON.parse(key) as PatternParts); // made by the compiler of conditions
  database.function('soql_like', { deterministic: true }, (text: unknown, pattern: unknown) =>
    typeof text === 'string' ? Number(isLike(Array.from(fold(text)), patterns(String(pattern)))) : null,
  );
  const groups = remembered((key) => JSON.parse(key) as string[][]); // likewise
  database.function('soql_includes', { deterministic: true }, (text: unknown, wanted: unknown) => {
    if (typeof text !== 'string') return null;
    const chosen = new Set(text.split(';').map(fold));
    return Number(groups(String(wanted)).some((group) => group.every((value) => chosen.has(value))));
  });
}

function remembered<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      if (known.size >= KEPT) known.clear();
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

/** Goes through text and pattern once, returning to the last run only: no pattern can make it slow. */
function isLike(text: readonly string[], pattern: PatternParts): boolean {
  let place = 0;
  let part = 0;
  let runPart = -1;
  let runPlace = 0;
  while (place < text.length) {
    const wanted = pattern[part];
    if (wanted !== undefined && wanted !== null && (wanted === '' || wanted === text[place])) {
      place += 1;
      part += 1;
    } else if (wanted === null) {
      runPart = part;
      runPlace = place;
      part += 1;
    } else if (runPart >= 0) {
      part = runPart + 1;
      runPlace += 1;
      place = runPlace;
    } else return false;
  }
  while (pattern[part] === null) part += 1;
  return part === pattern.length;
}
