import { overdueSince } from '../../src/domain/sync-status';

const NOW = '2026-12-02T01:30:10.000Z';
const ACTIVE = {
  status: 'active' as const,
  nextRunAt: '2026-12-02T01:30:00.000Z',
  activatedAt: '2026-12-01T09:00:00.000Z',
};
const ENDED = {
  state: 'succeeded' as const,
  startedAt: '2026-12-01T09:00:00.300Z',
  scheduledFor: '2026-12-01T09:00:00.000Z',
};
const RUNNING = { ...ENDED, state: 'running' as const };

test.each([
  ['whose time has passed without a run', ACTIVE, ENDED, ACTIVE.nextRunAt],
  [
    'that no worker has looked at since it was activated',
    { ...ACTIVE, nextRunAt: null },
    undefined,
    ACTIVE.activatedAt,
  ],
  [
    'that was activated again, and not looked at since',
    { ...ACTIVE, nextRunAt: null, activatedAt: '2026-12-02T01:00:00.000Z' },
    ENDED,
    '2026-12-02T01:00:00.000Z',
  ],
])('a sync %s is overdue since then', (_which, sync, last, since) => {
  expect(overdueSince(sync, last, NOW)).toBe(since);
});

test.each([
  ['is due at this moment', { ...ACTIVE, nextRunAt: '2026-12-02T01:30:06.000Z' }, ENDED],
  ['is due later', { ...ACTIVE, nextRunAt: '2026-12-03T01:30:00.000Z' }, ENDED],
  ['runs, through the tick that is shown as the next', ACTIVE, RUNNING],
  ['is paused', { ...ACTIVE, status: 'paused' as const }, ENDED],
  ['waits for a person', { ...ACTIVE, status: 'needsAttention' as const }, RUNNING],
  ['has no further run', { ...ACTIVE, nextRunAt: null }, ENDED],
])('a sync that %s is not overdue', (_why, sync, last) => {
  expect(overdueSince(sync, last, NOW)).toBeNull();
});
