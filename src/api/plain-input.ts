import { Problem, pathOf } from './problem';

/**
 * Deeper than anything that is taken, so that what is limited more narrowly (filters) is told by its own limit; what checks input goes
 * down by itself, level by level.
 */
const MOST_LEVELS = 256;

/** Neither the database nor a vendor holds NUL, and half of a surrogate pair is no character. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

export const isPlain = (text: string): boolean => !UNSTORABLE.test(text);

/**
 * Refuses what no schema looks for and nothing could keep: text that cannot be stored, and nesting beyond all measure.
 * @throws Problem 422
 */
export function demandPlain(...inputs: readonly unknown[]): void {
  const left: { value: unknown; path: readonly PropertyKey[] }[] = inputs.map((value) => ({ value, path: [] }));
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    const { value, path } = item;
    if (typeof value === 'string') {
      if (!isPlain(value)) throw refusal(path, 'It holds NUL or half of a surrogate pair. Leave that out.');
    } else if (typeof value === 'object' && value !== null) {
      if (path.length >= MOST_LEVELS)
        throw refusal(path.slice(0, 3), `It is nested deeper than ${MOST_LEVELS} levels.`);
      for (const [name, member] of Object.entries(value)) {
        if (!isPlain(name)) throw refusal(path, 'A name holds NUL or half of a surrogate pair.');
        left.push({ value: member, path: [...path, Array.isArray(value) ? Number(name) : name] });
      }
    }
  }
}

const refusal = (path: readonly PropertyKey[], message: string): Problem =>
  new Problem(422, 'The request holds what cannot be kept.', [{ path: pathOf(path), message }]);
