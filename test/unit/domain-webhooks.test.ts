import { type Attempt, holdAfter, isToldOverdue, nextAfter, reasonToSwitchOff } from '../../src/domain/webhooks';

const attempt = (more: Partial<Attempt>): Attempt => ({
  ...{ status: 500, problem: 'The receiver answered 500.', answer: null, durationMs: 5, retryAfterMs: null },
  ...more,
});
const HOUR_MS = 3_600_000;

test('an event is tried again after ever longer waits, for about a day, and is given up then', () => {
  const waits: number[] = [];
  let next = nextAfter(attempt({}), 1);
  while (next.state === 'waiting') {
    waits.push(next.inMs);
    next = nextAfter(attempt({}), waits.length + 1);
  }

  expect(next).toEqual({ state: 'failed', isGone: false });
  expect(waits).toEqual([...waits].sort((one, other) => one - other));
  expect(waits[0]).toBe(5_000);
  const hours = waits.reduce((sum, wait) => sum + wait, 0) / HOUR_MS;
  expect(hours).toBeGreaterThanOrEqual(24);
  expect(hours).toBeLessThan(25);
});

test.each([
  ['what was taken is delivered', attempt({ status: 204, problem: null }), 3, { state: 'delivered' }],
  ['without an answer it is tried again', attempt({ status: null }), 1, { state: 'waiting', inMs: 5_000 }],
  ['410 gives up at once', attempt({ status: 410 }), 1, { state: 'failed', isGone: true }],
  ['the receiver may ask for more time', attempt({ retryAfterMs: 60_000 }), 1, { state: 'waiting', inMs: 60_000 }],
  ['but for no less', attempt({ retryAfterMs: 1_000 }), 1, { state: 'waiting', inMs: 5_000 }],
  ['nor for days', attempt({ retryAfterMs: 900 * HOUR_MS }), 1, { state: 'waiting', inMs: 12 * HOUR_MS }],
] as const)('after an attempt: %s', (_title, made, attempts, expected) => {
  expect(nextAfter(made, attempts)).toEqual(expected);
});

test('a receiver that is away is left alone as a whole, longer and longer, for minutes at most', () => {
  expect([1, 4, 5, 20, 1_000].map(holdAfter)).toEqual([null, null, 25_000, 100_000, 300_000]);
});

test.each([
  ['after a day of failures', { isGone: false, failingSince: '2026-12-01T00:00:00.000Z' }, false],
  ['after three days of failures', { isGone: false, failingSince: '2026-11-29T00:00:00.000Z' }, true],
  ['when the receiver is gone', { isGone: true, failingSince: '2026-12-02T00:00:00.000Z' }, true],
])('%s, a webhook is switched off, with a reason: %o → %s', (_title, failures, isOff) => {
  expect(reasonToSwitchOff(failures, '2026-12-02T00:00:00.000Z') !== null).toBe(isOff);
});

test('a sync is told to be overdue when it is late by more than a restart of a worker takes', () => {
  const since = '2026-12-02T00:00:00.000Z';

  expect(['2026-12-02T00:00:59.000Z', '2026-12-02T00:01:01.000Z'].map((now) => isToldOverdue(since, now))).toEqual([
    false,
    true,
  ]);
});
