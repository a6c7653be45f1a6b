import { EXECUTION } from '../../src/api/schemas/executions';
import type { Execution } from '../../src/web/features/executions/api';
import {
  dealtWith,
  figuresOf,
  isChanged,
  laterInWords,
  othersInWords,
  retryInWords,
  titleOf,
  valuesGoAt,
} from '../../src/web/features/executions/words';

test('values of records go so many days after the end of their execution, and never while it runs', () => {
  expect(valuesGoAt({ finishedAt: '2026-11-29T10:00:00.000Z' }, 30)).toBe('2026-12-29T10:00:00.000Z');
  expect(valuesGoAt({ finishedAt: null }, 30)).toBeNull();
});

test.each([
  [8, 8, 'Try 8 records again', null],
  [1, 1, 'Try 1 record again', null],
  [8, 10, 'Try all 10 with this reason again', '2 of the 10 failed because of another field, in a card of its own.'],
  [2, 3, 'Try all 3 with this reason again', '1 of the 3 failed because of another field, in a card of its own.'],
])(
  'a retry of a cause of %d, where %d of its reason are due, says how many it takes, and where the others are',
  (due, dueOfReason, words, others) => {
    expect(retryInWords(due, dueOfReason)).toBe(words);
    expect(othersInWords(due, dueOfReason)).toBe(others);
  },
);

const ran = (number: number, version: number, trigger: Execution['trigger'] = 'interval') =>
  ({ number, version, trigger }) as Execution; // the members that are looked at

test('an execution tells that it is the first one of a changed definition, an undo aside', () => {
  const newestFirst = [ran(5, 3), ran(4, 1, 'undo'), ran(3, 3), ran(2, 1), ran(1, 1)];

  expect(newestFirst.filter((each) => isChanged(each, newestFirst)).map(({ number }) => number)).toEqual([3]);
});

test('what has become of failed records is told by kind, without what has happened to none', () => {
  const causes = [{ since: { loaded: 15, leftOut: 0, givenUp: 7 } }, { since: { loaded: 5, leftOut: 0, givenUp: 0 } }];

  expect(dealtWith(causes)).toBe('20 loaded later, 7 given up');
});

test('an undo is called after what it undoes, and told by what it can have done', () => {
  const counts = { ...EXECUTION.counts, read: 6, updated: 4, unchanged: 1, skipped: 1, failed: 0 };
  const undo: Execution = {
    ...EXECUTION,
    number: 4,
    trigger: 'undo',
    follows: { id: 'any', number: 1 },
    counts,
    deleted: 3,
  };

  expect(titleOf(undo)).toBe('Execution 4: undo of execution 1');
  expect(figuresOf(undo)).toEqual([
    ['Read', 6],
    ['Deleted by the undo', 3],
    ['Restored by the undo', 1],
    ['Already as before', 1],
    ['Left alone', 1],
    ['Failed', 0],
  ]);
});

test.each([
  ['created', 'loaded later in'],
  ['skipped', 'left out later in'],
  ['failed', 'given up in'],
] as const)('a failed record that was %s later says so', (outcome, words) => {
  expect(laterInWords({ executionId: 'any', number: 2, outcome })).toBe(words);
});
