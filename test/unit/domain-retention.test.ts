import { daysToDrop, keptSince } from '../../src/domain/retention';

const SINCE = keptSince('2026-05-31T10:00:00.000Z', 30);

test('values are kept for as many days as are set, to the moment', () => {
  expect(SINCE).toBe('2026-05-01T10:00:00.000Z');
});

test('a day goes when it has been over for as long as values are kept, and not an hour before', () => {
  const days = ['2026-04-29', '2026-04-30', '2026-05-01', '2026-05-02'];

  expect(daysToDrop(days, new Set(), SINCE)).toEqual(['2026-04-29', '2026-04-30']);
  expect(daysToDrop(days, new Set(), '2026-05-01T00:00:00.000Z')).toEqual(['2026-04-29', '2026-04-30']);
  expect(daysToDrop(days, new Set(), '2026-04-30T23:59:59.999Z')).toEqual(['2026-04-29']);
});

test('a day of an execution whose values are needed stays, however old it is', () => {
  expect(daysToDrop(['2020-01-01', '2026-04-30'], new Set(['2020-01-01']), SINCE)).toEqual(['2026-04-30']);
});
