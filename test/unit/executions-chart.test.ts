import { EXECUTION } from '../../src/api/schemas/executions';
import type { Counts } from '../../src/domain/outcome';
import type { Execution } from '../../src/web/features/executions/api';
import { barsOf, legendOf } from '../../src/web/features/executions/chart';

const NOTHING: Counts = {
  ...{ read: 0, filteredOut: 0, duplicates: 0, created: 0 },
  ...{ updated: 0, unchanged: 0, skipped: 0, failed: 0 },
};
const ended = (number: number, counts: Partial<Counts>): Execution => ({
  ...EXECUTION,
  number,
  state: 'succeeded',
  counts: { ...NOTHING, ...counts },
});
const heights = (executions: Execution[]) =>
  barsOf(executions).map(({ parts }) => Object.fromEntries(parts.map(({ name, height }) => [name, height])));

test('executions stand from the oldest to the newest, on one scale, without the one that runs', () => {
  const running: Execution = { ...EXECUTION, number: 3, state: 'running' };
  const newestFirst = [running, ended(2, { unchanged: 50 }), ended(1, { created: 150, updated: 50 })];

  expect(barsOf(newestFirst).map(({ execution }) => execution.number)).toEqual([1, 2]);
  expect(heights(newestFirst)).toEqual([{ created: 75, updated: 25 }, { unchanged: 25 }]);
});

test('what an undo has deleted is told from what it has restored', () => {
  const bars = barsOf([{ ...ended(2, { updated: 30, unchanged: 10 }), trigger: 'undo', deleted: 20 }]);

  expect(bars[0]?.parts).toEqual([
    { name: 'deleted', height: 50 },
    { name: 'restored', height: 25 },
    { name: 'unchanged', height: 25 },
  ]);
  expect(legendOf(bars).map(([, word]) => word)).toEqual(['unchanged', 'deleted by an undo', 'restored by an undo']);
});

test('one failure among a million is seen', () => {
  expect(heights([ended(1, { created: 1_000_000, failed: 1 })])[0]?.failed).toBeGreaterThan(1);
});

test('executions that loaded nothing have empty bars; only what occurs is explained', () => {
  const bars = barsOf([ended(2, {}), ended(1, { created: 1, skipped: 1 })]);

  expect(bars.map(({ parts }) => parts.length)).toEqual([2, 0]);
  expect(legendOf(bars).map(([, word]) => word)).toEqual(['created', 'skipped']);
  expect(barsOf([ended(1, {})])).toHaveLength(1);
});
