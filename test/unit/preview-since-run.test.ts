import type { Preview } from '../../src/web/features/sync-editor/api';
import { hasRun } from '../../src/web/features/sync-editor/lib/since-run';
import type { Sync } from '../../src/web/features/syncs/api';

const preview = { state: 'completed', finishedAt: '2026-12-01T09:12:09.310Z' } as Preview;
const runAt = (scheduledFor: string) => ({ scheduledFor }) as Sync['lastExecution'];

test.each([
  ['no run', null, preview, false],
  ['one before it', runAt('2026-12-01T09:00:00.000Z'), preview, false],
  ['one after it', runAt('2026-12-01T09:13:00.000Z'), preview, true],
  ['one while it goes on', runAt('2026-12-01T09:13:00.000Z'), { ...preview, state: 'running' as const }, false],
  ['no preview', runAt('2026-12-01T09:13:00.000Z'), undefined, false],
])('what a preview has found is not as it was once the sync has run: %s', (_what, last, found, expected) => {
  expect(hasRun(last, found)).toBe(expected);
});
