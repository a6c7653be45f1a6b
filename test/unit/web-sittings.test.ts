import type { DraftDefinition } from '../../src/domain/definition';
import { savesInWords, sittings } from '../../src/web/features/syncs/lib/sittings';

const saved = (version: number, minute: number, changed: Partial<DraftDefinition>, savedBy = 'one') => ({
  version,
  savedBy,
  savedAt: new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString(),
  definition: { name: 'Weekly', ...changed } as DraftDefinition,
});

const country = (value: string): Partial<DraftDefinition> => ({
  filter: { all: [{ column: 'Country', operator: 'equals', value }] },
});

/** From the first to the last version of each piece, the newest first. */
const pieces = (...versions: ReturnType<typeof saved>[]) =>
  sittings(versions.toReversed()).map(({ first, last }) => [first.version, last.version]);

test('what was saved half typed is a step to what it became', () => {
  expect(
    pieces(saved(1, 0, {}), saved(2, 1, country('G')), saved(3, 1, country('Ge')), saved(4, 2, country('Germany'))),
  ).toEqual([
    [2, 4],
    [1, 1],
  ]);
});

test('what was soon changed back stays in sight, so that one can go back to it, whichever form says the same', () => {
  const before = saved(1, 0, { importRule: 'createAndUpdate' });
  expect(pieces(before, saved(2, 1, { importRule: 'update' }), saved(3, 2, {}))).toEqual([
    [3, 3],
    [2, 2],
    [1, 1],
  ]);
});

test('a change of something else is one of its own', () => {
  const both = { ...country('DE'), description: 'Of Germany' };
  expect(pieces(saved(1, 0, {}), saved(2, 1, country('DE')), saved(3, 1, both))).toEqual([
    [3, 3],
    [2, 2],
    [1, 1],
  ]);
});

test.each([
  ['later', saved(3, 12, country('AT'))],
  ['by somebody else', saved(3, 1, country('AT'), 'another')],
])('what is changed again %s is a change of its own', (_how, last) => {
  expect(pieces(saved(1, 0, {}), saved(2, 1, country('DE')), last)).toEqual([
    [3, 3],
    [2, 2],
    [1, 1],
  ]);
});

test.each([
  [10, 10, 'Saved (version 10)'],
  [2, 10, 'Saved 9 times (versions 2 to 10)'],
])('versions %i to %i are told by how often was saved', (first, last, words) => {
  expect(savesInWords(first, last)).toBe(words);
});
