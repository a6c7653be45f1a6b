import { EXECUTION } from '../../src/api/schemas/executions';
import type { Execution } from '../../src/web/features/executions/api';
import {
  causeInWords,
  dealtWith,
  figuresOf,
  isChanged,
  laterInWords,
  startedInWords,
  titleOf,
  valuesGoAt,
} from '../../src/web/features/executions/words';
import { phaseInWords, phasesOf } from '../../src/web/lib/phases';

test('values of records go so many days after the end of their execution, and never while it runs', () => {
  expect(valuesGoAt({ finishedAt: '2026-11-29T10:00:00.000Z' }, 30)).toBe('2026-12-29T10:00:00.000Z');
  expect(valuesGoAt({ finishedAt: null }, 30)).toBeNull();
});

test.each([
  [26, { loaded: 0, leftOut: 0, givenUp: 0, undone: 0 }, 'Failed: 26 records'],
  [3, { loaded: 20, leftOut: 2, givenUp: 1, undone: 0 }, 'Failed: 26 records, 3 still to be loaded'],
  [0, { loaded: 20, leftOut: 0, givenUp: 6, undone: 0 }, '26 failed: 20 loaded later, 6 given up'],
  [0, { loaded: 0, leftOut: 26, givenUp: 0, undone: 0 }, '26 failed: 26 left out later'],
  [0, { loaded: 6, leftOut: 0, givenUp: 0, undone: 20 }, '26 failed: 6 loaded later, 20 of the run that was undone'],
])('a cause of 26 failed records, of which %d are due, says what became of the others', (due, since, words) => {
  expect(causeInWords({ outcome: 'failed', records: 26, due, since })).toBe(words);
});

const ran = (number: number, version: number, trigger: Execution['trigger'] = 'interval') =>
  ({ number, version, trigger }) as Execution; // the members that are looked at

test('an execution tells that it is the first one of a changed definition, an undo aside', () => {
  const newestFirst = [ran(5, 3), ran(4, 1, 'undo'), ran(3, 3), ran(2, 1), ran(1, 1)];

  expect(newestFirst.filter((each) => isChanged(each, newestFirst)).map(({ number }) => number)).toEqual([3]);
});

test('what has become of failed records is told by kind, without what has happened to none', () => {
  const causes = [
    { since: { loaded: 15, leftOut: 0, givenUp: 7, undone: 0 } },
    { since: { loaded: 5, leftOut: 0, givenUp: 0, undone: 0 } },
  ];

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
  expect(figuresOf(undo).map(({ label, records }) => [label, records])).toEqual([
    ['Read', 6],
    ['Deleted by the undo', 3],
    ['Restored by the undo', 1],
    ['Already as before', 1],
    ['Left alone', 1],
    ['Failed', 0],
  ]);
});

test('a retry tells how many records it takes, and whether a person has corrected them', () => {
  const counts = { ...EXECUTION.counts, read: 8 };
  const retry: Execution = { ...EXECUTION, trigger: 'retry', state: 'succeeded', counts };

  expect(startedInWords(retry)).toBe('Retry of 8 failed records');
  expect(startedInWords({ ...retry, corrected: 1 })).toBe('Retry of 1 corrected record');
  expect(startedInWords({ ...retry, state: 'running' })).toBe('Retry of failed records');
  expect(startedInWords({ ...retry, trigger: 'manual' })).toBe('By hand');
});

test('an undo has phases of its own, and a retry those of a run', () => {
  const words = (trigger: Execution['trigger']) => phasesOf(trigger).map((phase) => phaseInWords(phase, trigger));

  expect(words('undo')).toEqual(['Gathering', 'Deleting and restoring']);
  expect(words('retry')).toEqual(['Reading', 'Filtering', 'Looking for duplicates', 'Mapping', 'Loading']);
});

test.each([
  ['created', 'loaded later in'],
  ['skipped', 'left out later in'],
  ['failed', 'given up in'],
] as const)('a failed record that was %s later says so', (outcome, words) => {
  expect(laterInWords({ executionId: 'any', number: 2, outcome })).toBe(words);
});
