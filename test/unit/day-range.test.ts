import { dayRange, relativeDays, relativeRange } from '../../src/domain/day-range';

describe('dayRange', () => {
  test.each([
    ['2026-03-01', 'Asia/Kolkata', '2026-02-28T18:30:00.000Z', '2026-03-01T18:30:00.000Z'],
    ['2026-03-29', 'Europe/Vienna', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['2026-10-25', 'Europe/Vienna', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['2026-03-01', 'UTC', '2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
  ])('%s in %s reaches from %s to before %s', (day, zone, from, to) => {
    expect(dayRange(day, zone)).toEqual({ from, to });
  });

  test('when midnight does not exist, the day begins when the gap ends', () => {
    expect(dayRange('2018-11-04', 'America/Sao_Paulo').from).toBe('2018-11-04T03:00:00.000Z');
  });
});

describe('relativeRange', () => {
  const asOf = '2026-03-31T10:20:30.400Z';

  test.each([
    [90, 'minute', 'last', '2026-03-31T08:50:30.400Z', asOf],
    [2, 'hour', 'next', asOf, '2026-03-31T12:20:30.400Z'],
    [7, 'day', 'last', '2026-03-23T23:00:00.000Z', asOf],
    [1, 'week', 'next', asOf, '2026-04-07T22:00:00.000Z'],
    [1, 'month', 'last', '2026-02-27T23:00:00.000Z', asOf],
  ] as const)('%s %s %s in Vienna is from %s to %s', (amount, unit, direction, from, to) => {
    expect(relativeRange({ amount, unit }, direction, asOf, 'Europe/Vienna')).toEqual({ from, to });
  });

  test.each([
    [7, 'day', 'last', '2026-03-24', '2026-03-31'],
    [7, 'day', 'next', '2026-03-31', '2026-04-07'],
    [1, 'month', 'last', '2026-02-28', '2026-03-31'],
    [20, 'hour', 'next', '2026-03-31', '2026-04-01'],
  ] as const)('for calendar days, %s %s %s in Vienna is %s to %s', (amount, unit, direction, first, last) => {
    expect(relativeDays({ amount, unit }, direction, asOf, 'Europe/Vienna')).toEqual({ first, last });
  });
});
