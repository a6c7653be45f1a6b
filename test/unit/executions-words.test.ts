import { valuesGoAt } from '../../src/web/features/executions/words';

test('values of records go so many days after the end of their execution, and never while it runs', () => {
  expect(valuesGoAt({ finishedAt: '2026-11-29T10:00:00.000Z' }, 30)).toBe('2026-12-29T10:00:00.000Z');
  expect(valuesGoAt({ finishedAt: null }, 30)).toBeNull();
});
