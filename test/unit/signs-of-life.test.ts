import { once } from 'node:events';
import { msToNumber } from '@temporalio/common/lib/time';
import { MockActivityEnvironment } from '@temporalio/testing';
import { HEARTBEAT_EVERY_MS } from '../../activities/run';
import { SignsOfLife } from '../../activities/signs-of-life';
import { heartbeatTimeout } from '../../workflows/activity-options';

test('a short activity tells that it is alive as long as it runs', async () => {
  const environment = new MockActivityEnvironment({ activityType: 'finish', heartbeatTimeoutMs: 10_000 });
  const end = new AbortController();

  const ended = environment.run(() =>
    new SignsOfLife().execute({ args: [], headers: {} }, async () => {
      await once(end.signal, 'abort');
      return 'its result';
    }),
  );
  await once(environment, 'heartbeat');
  await once(environment, 'heartbeat');
  end.abort();

  expect(await ended).toBe('its result');
});

test('three heartbeats of an activity may be lost before its worker is taken for dead', () => {
  expect(msToNumber(heartbeatTimeout)).toBeGreaterThan(4 * HEARTBEAT_EVERY_MS);
});
