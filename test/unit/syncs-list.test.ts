import {
  hasNeverFailed,
  heightsOf,
  isLastRunUndone,
  type RecentRun,
  recentInShort,
  recentInWords,
  runsOf,
} from '../../src/web/features/syncs/lib/recent-runs';

const run = (number: number, state: RecentRun['state'], read: number, more: Partial<RecentRun> = {}): RecentRun => ({
  ...{ number, state, read, trigger: 'interval', isUndone: false },
  ...more,
});

test('the last runs are told in words, like ones together, and drawn from the oldest to the newest', () => {
  const newestFirst = [run(4, 'succeeded', 50), run(3, 'succeeded', 200), run(2, 'missed', 0), run(1, 'partial', 100)];

  expect(recentInWords(newestFirst)).toBe('The last 4 runs, the newest first: 2 succeeded, 1 missed, 1 partial');
  expect(recentInShort(newestFirst)).toBe('Last 4 runs: 2 succeeded, 1 missed, 1 partial');
  expect(heightsOf(newestFirst).map(({ run: { number }, height }) => [number, height])).toEqual([
    [1, 50],
    [2, 20],
    [3, 100],
    [4, 25],
  ]);
});

test('a run that was undone is told as such, and is the last one where a retry and its undo came after it, which count as no runs', () => {
  const undo = run(3, 'succeeded', 5, { trigger: 'undo' });
  const retry = run(2, 'succeeded', 1, { trigger: 'retry' });
  const undone = run(1, 'succeeded', 6, { isUndone: true });

  const runs = runsOf([run(4, 'partial', 6), undo, retry, undone]);
  expect(recentInWords(runs)).toBe('The last 2 runs, the newest first: 1 partial, 1 undone');
  expect(isLastRunUndone([undo, retry, undone])).toBe(true);
  expect(isLastRunUndone([run(4, 'succeeded', 6), undo, retry, undone])).toBe(false);
  expect(isLastRunUndone([])).toBe(false);
});

test('what is still to be loaded is asked for where an execution that is told of, or an earlier one, may have failed records', () => {
  const succeeded = Array.from({ length: 10 }, (_, index) => run(10 - index, 'succeeded', 1));

  expect(hasNeverFailed(succeeded.slice(1))).toBe(true);
  expect(hasNeverFailed(succeeded)).toBe(false);
  expect(hasNeverFailed([run(2, 'succeeded', 1), run(1, 'partial', 1)])).toBe(false);
});
