import { startTimeSkipping } from '../support/time-skipping';

test('when a test sleeps for 200 days, the time-skipping server is there at once', async () => {
  const environment = await startTimeSkipping();
  const before = await environment.currentTimeMs();

  await environment.sleep('200 days');

  const days = ((await environment.currentTimeMs()) - before) / 86_400_000;
  await environment.teardown();
  expect(days).toBeCloseTo(200, 1);
}, 60_000);
