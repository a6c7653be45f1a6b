import { ambiguousIds } from '../../src/domain/import-decision';
import { seenFirst } from '../../src/web/features/sync-editor/lib/begun-table';
import {
  conditionName,
  finishInWords,
  unfinishedConditions,
} from '../../src/web/features/sync-editor/lib/condition-names';
import { shortened, shorteningOf } from '../../src/web/features/sync-editor/lib/quick-fix';
import { fittingValues, isUnknown, suggestedValues } from '../../src/web/features/sync-editor/lib/suggested-values';
import { takenAsTheyAre } from '../../src/web/features/sync-editor/lib/unchecked-rows';
import { ApiProblem } from '../../src/web/lib/api';
import { field } from '../support/described';

const CITIES = ['Uşak', 'Wien', 'Linz', 'Austerlitz'];
const asOption = (value: string) => ({ value, label: value });

test.each([
  ['usak', ['Uşak']],
  ['Aus', ['Austerlitz']],
  ['nothing', []],
  // it was chosen, and may give way to another
  ['wien', CITIES],
  ['', CITIES],
])('of the values that are suggested "%s" finds %j', (search, found) => {
  const items = CITIES.map(asOption);

  expect(fittingValues({ options: items, search, limit: 50 })).toEqual(found.map(asOption));
  expect(fittingValues({ options: [{ group: 'Suggestions', items }], search, limit: 50 })).toEqual([
    { group: 'Suggestions', items: found.map(asOption) },
  ]);
  expect(isUnknown(CITIES, search)).toBe(found.length === 0);
});

test('where suggestions come from stands at the head of their list; values of a picklist need no head', () => {
  const told = 'Suggestions from 20 example records; others can be typed.';

  expect(suggestedValues({ values: CITIES, told })).toEqual([{ group: told, items: CITIES }]);
  expect(suggestedValues({ values: CITIES, told: null })).toEqual(CITIES);
  expect(suggestedValues({ values: [], told })).toEqual([]);
});

describe('what the server says of a condition', () => {
  const filter = {
    all: [
      { column: 'email', operator: 'isNotEmpty' as const },
      { any: [{ column: 'country', operator: 'equals' as const, value: '' }] },
    ],
  };
  const person = { fields: [field('country', { label: 'Country' })] };
  const problem = (...paths: string[]) =>
    new ApiProblem(
      422,
      'Refused',
      'The filter cannot be evaluated as it is.',
      paths.map((path) => ({ path, message: 'Give one value.' })),
    );

  test.each([
    ['filter.all[1].any[0].value', 'Country'],
    ['filter.all[0]', 'email'],
    ['filter.all[7].value', null],
    ['filter', null],
  ])('is told by its column: %s is of %s', (path, name) => {
    expect(conditionName(path, { filter }, person)).toBe(name);
  });

  test('is no alarm while nothing else is wrong', () => {
    expect(unfinishedConditions(problem('filter.all[1].any[0].value'))).toHaveLength(1);
    expect(unfinishedConditions(problem('filter.all[0]', 'source.object'))).toBeNull();
    expect(unfinishedConditions(problem())).toBeNull();
    expect(unfinishedConditions(new Error('filter'))).toBeNull();
    expect(finishInWords(['Country', 'Country', null], 'to count')).toBe('Finish the condition on Country to count.');
    expect(finishInWords([null], 'to count')).toBe('Finish the condition to count.');
  });
});

test('an expression that takes the first characters of a field, and nothing else, is known as that', () => {
  const fields = [field('lastName'), field('odd name')];
  const read = (expression: string) => shorteningOf({ kind: 'expression', expression }, fields);

  for (const each of fields.map(({ name }) => ({ field: name, length: 80 })))
    expect(read(shortened(each))).toEqual(each);
  expect(read('text(fields.other).left(80)')).toBeNull();
  expect(read("text(fields.lastName + '!').left(80)")).toBeNull();
  expect(read("text(fields.lastName).left(80) + '…'")).toBeNull();
  expect(shorteningOf({ kind: 'field', expression: 'text(fields.lastName).left(80)' }, fields)).toBeNull();
});

test('of a value table what was seen in records comes first, each part in its order', () => {
  const table = ['a', 'b', 'c', 'd'].map((from) => ({ from, to: null }));

  expect(seenFirst(table, new Set(['c', 'b']))).toEqual([1, 2, 0, 3]);
});

test('before activating it is said what becomes of suggestions that nobody has confirmed', () => {
  const rows = (likely: number) => Array.from({ length: likely }, () => ({ confidence: 'likely' as const }));

  expect(takenAsTheyAre([{ confidence: null }, { confidence: 'sure' }])).toBeNull();
  expect(takenAsTheyAre(rows(1))).toBe('1 suggested mapping that you have not confirmed is taken as it is.');
  expect(takenAsTheyAre(rows(7))).toBe('7 suggested mappings that you have not confirmed are taken as they are.');
});

test.each([
  ['2 destination records have this key: 12, 003A. Merge them, or match by another field.', ['12', '003A']],
  [
    '7 destination records have this key: 1, 2, 3, 4, 5, …. Merge them, or match by another field.',
    ['1', '2', '3', '4', '5'],
  ],
  ['The key fits 2 records of the destination: 12, 13. Merge them, or match by another field.', ['12', '13']],
  ['Last Name is required and has no value.', []],
  [null, []],
])('the records that are named in "%s" are %j', (message, ids) => {
  expect(ambiguousIds(message)).toEqual(ids);
});
