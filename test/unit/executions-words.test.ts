import { retryInWords, valuesGoAt } from '../../src/web/features/executions/words';

test('values of records go so many days after the end of their execution, and never while it runs', () => {
  expect(valuesGoAt({ finishedAt: '2026-11-29T10:00:00.000Z' }, 30)).toBe('2026-12-29T10:00:00.000Z');
  expect(valuesGoAt({ finishedAt: null }, 30)).toBeNull();
});

test.each([
  [8, 8, 'Try 8 records again'],
  [1, 1, 'Try 1 record again'],
  [8, 10, 'Try 10 records again: these 8 and 2 more of the same reason'],
  [1, 1_200, 'Try 1,200 records again: this and 1,199 more of the same reason'],
])('a retry of a cause of %d, where %d of its reason are due, says how many it takes', (due, dueOfReason, words) => {
  expect(retryInWords(due, dueOfReason)).toBe(words);
});
