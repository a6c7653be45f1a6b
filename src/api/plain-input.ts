import { Problem, pathOf } from './problem';

/**
 * Deeper than anything that is taken, so that what is limited more narrowly (filters) is told by its own limit; what checks input goes
 * down by itself, level by level.
 */
const MOST_LEVELS = 256;

/** Neither the database nor a vendor holds NUL, and half of a surrogate pair is no character. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

export const isPlain = (text: string): boolean => !UNSTORABLE.test(text);

/** A value, and how it is reached: by its name from the one around it. */
interface Place {
  value: unknown;
  name: PropertyKey | null;
  around: Place | null;
  level: number;
}

const pathTo = (place: Place | null): PropertyKey[] =>
  place === null || place.name === null ? [] : [...pathTo(place.around), place.name];

/**
 * Refuses what no schema looks for and nothing could keep: text that cannot be stored, and nesting beyond all measure.
 * @throws Problem 422
 */
export function demandPlain(...inputs: readonly unknown[]): void {
  const left: Place[] = inputs.map((value) => ({ value, name: null, around: null, level: 0 }));
  for (let place = left.pop(); place !== undefined; place = left.pop()) {
    const { value, level } = place;
    if (typeof value === 'string') {
      if (!isPlain(value)) throw refusal(pathTo(place), 'It holds NUL or half of a surrogate pair. Leave that out.');
    } else if (typeof value === 'object' && value !== null) {
      if (level >= MOST_LEVELS)
        throw refusal(pathTo(place).slice(0, 3), `It is nested deeper than ${MOST_LEVELS} levels.`);
      for (const [name, member] of Object.entries(value)) {
        if (!isPlain(name)) throw refusal(pathTo(place), 'A name holds NUL or half of a surrogate pair.');
        // paths are told of what is refused alone: most of a large body is not
        if (typeof member !== 'string' && (typeof member !== 'object' || member === null)) continue;
        left.push({ value: member, name: Array.isArray(value) ? Number(name) : name, around: place, level: level + 1 });
      }
    }
  }
}

const refusal = (path: readonly PropertyKey[], message: string): Problem =>
  new Problem(422, 'The request holds what cannot be kept.', [{ path: pathOf(path), message }]);
