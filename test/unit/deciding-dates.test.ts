import { comparedInWords } from '../../src/web/features/sync-editor/lib/deciding-dates';

const decidedBy = { field: 'updatedAt', label: 'Updated At' };
const group = (kept: string, ...values: (string | null)[]) => ({
  kept,
  dates: values.map((value, index) => ({ sourceId: String(index + 1), value })),
});
const texts = (kept: string, ...values: (string | null)[]) =>
  comparedInWords({ decidedBy }, group(kept, ...values), 'Europe/Vienna').map(
    ({ sourceId, text }) => `${sourceId}: ${text}`,
  );

test('of duplicates the one that wins comes first, each with the date that was compared', () => {
  expect(texts('2', '2026-02-01T10:00:00.000Z', '2026-05-03T10:30:00.000Z', null)).toEqual([
    '2: Updated At 3 May 2026, 12:30:00, wins',
    '1: Updated At 1 Feb 2026, 11:00:00',
    '3: Updated At not set',
  ]);
});

test('with equal dates it is told that the Id decides', () => {
  const at = '2026-05-03T10:30:00.000Z';

  expect(texts('1', at, at)).toEqual([
    '1: Updated At 3 May 2026, 12:30:00, wins by the smaller Id',
    '2: Updated At 3 May 2026, 12:30:00',
  ]);
});

test('where no date decides there is none, and a masked one is shown as it is', () => {
  expect(comparedInWords({ decidedBy: null }, group('1', null), 'UTC')).toEqual([]);
  expect(texts('1', '•••', '•••')).toEqual(['1: Updated At •••, wins', '2: Updated At •••']);
});
