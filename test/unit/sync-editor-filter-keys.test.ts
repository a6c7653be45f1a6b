import { afterKey, type LineKey } from '../../src/web/features/sync-editor/lib/filter-keys';
import type { FilterGroup, FilterLine } from '../../src/web/features/sync-editor/lib/filter-query';
import { isGroup } from '../../src/web/features/sync-editor/lib/filter-query';

const line = (id: string, field = id): FilterLine => ({ id, field, operator: 'equals', value: 'x' });
const group = (id: string, ...rules: FilterGroup['rules']): FilterGroup => ({ id, combinator: 'and', rules });
const FILTER = group('whole', line('city'), group('inner', line('email'), line('open', '')), line('score'));

/** The ids as they are nested. */
const outline = (part: FilterGroup): string =>
  part.rules.map((each) => (isGroup(each) ? `(${outline(each)})` : String(each.id))).join(' ');
const press = (id: string, key: LineKey) => {
  const after = afterKey(FILTER, id, key, 'new');
  return after && [outline(after.query), after.focused];
};

test.each<[string, LineKey, string, [string, string | null] | null]>([
  ['adds a condition below the one that has the focus', 'addBelow', 'email', ['city (email new open) score', 'new']],
  ['adds one at the end', 'addBelow', 'score', ['city (email open) score new', 'new']],
  ['removes an empty condition, and goes to the one before', 'removeEmpty', 'open', ['city (email) score', 'email']],
  ['does not remove what is not empty', 'removeEmpty', 'email', null],
  ['moves a condition up', 'moveUp', 'open', ['city (open email) score', 'open']],
  ['moves it out of its group', 'moveUp', 'email', ['city email (open) score', 'email']],
  ['moves it into a group', 'moveDown', 'city', ['(city email open) score', 'city']],
  ['does not move it over the end', 'moveDown', 'score', null],
  ['moves a group up', 'moveUp', 'inner', ['(email open) city score', 'inner']],
  ['moves a group down', 'moveDown', 'inner', ['city score (email open)', 'inner']],
  ['does not move the outermost group', 'moveDown', 'whole', null],
  ['does nothing to what is not there', 'addBelow', 'gone', null],
])('a key %s', (_what, key, id, expected) => {
  expect(press(id, key)).toEqual(expected);
});

test('the only condition, when it is empty, leaves an empty filter', () => {
  expect(afterKey(group('whole', line('open', '')), 'open', 'removeEmpty', 'new')).toEqual({
    query: group('whole'),
    focused: null,
  });
});
