import { heightsOf, recentInWords } from '../../src/web/features/syncs/lib/recent-runs';

test('the last runs are told in words, like ones together, and drawn from the oldest to the newest', () => {
  const run = (number: number, state: 'succeeded' | 'partial' | 'missed', read: number) => ({ number, state, read });
  const newestFirst = [run(4, 'succeeded', 50), run(3, 'succeeded', 200), run(2, 'missed', 0), run(1, 'partial', 100)];

  expect(recentInWords(newestFirst)).toBe('The last 4 executions, the newest first: 2 succeeded, 1 missed, 1 partial');
  expect(heightsOf(newestFirst).map(({ run: { number }, height }) => [number, height])).toEqual([
    [1, 50],
    [2, 20],
    [3, 100],
    [4, 25],
  ]);
});
