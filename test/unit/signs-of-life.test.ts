import { once } from 'node:events';
import { MockActivityEnvironment } from '@temporalio/testing';
import { SignsOfLife } from '../../activities/signs-of-life';

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
