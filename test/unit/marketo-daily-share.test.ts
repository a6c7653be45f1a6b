import { DailyShare, type Usage } from '../../src/connectors/marketo/daily-share';

const NOON = Date.parse('2026-07-15T17:00:00Z');

/** An instance whose usage is made of our calls and of looks at it, as the real one counts them. */
function given(most: number, usedBefore = 0) {
  let nowMs = NOON;
  let looks = 0;
  let made = 0;
  const share = new DailyShare(
    most,
    () => nowMs,
    async (): Promise<Usage> => {
      looks += 1;
      return { total: 10 * (usedBefore + made + looks), byUs: usedBefore + made + looks };
    },
  );
  return {
    call: async () => {
      await share.count();
      made += 1;
    },
    made: () => made,
    looks: () => looks,
    moveTo: (text: string) => {
      nowMs = Date.parse(text);
      usedBefore = 0;
      made = 0;
      looks = 0;
    },
  };
}

test('below the share, calls go on, with few looks at the usage', async () => {
  const day = given(100_000);

  for (let index = 0; index < 5_000; index += 1) await day.call();

  expect(day.looks()).toBeLessThanOrEqual(5_000 * 0.005);
});

test('no call waits for a look that is answered in time; those made meanwhile are counted', async () => {
  let answer: (usage: Usage) => void = () => undefined;
  let looks = 0;
  const share = new DailyShare(
    1_000,
    () => NOON,
    () => {
      looks += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  );

  for (let index = 0; index < 20; index += 1) await share.count();
  expect(looks).toBe(1);
  let hasPassed = false;
  const waiting = share.count().then(() => {
    hasPassed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasPassed).toBe(false);
  answer({ total: 994, byUs: 994 });
  await waiting;

  // 994 by the instance's count, and six that may not be among them
  await expect(Promise.race([share.count(), new Promise((resolve) => setImmediate(resolve, 'waits'))])).resolves.toBe(
    'waits',
  );
});

test('at the share, no call more is made, and the reset is told', async () => {
  const day = given(300);

  const failing = (async () => {
    for (;;) await day.call();
  })();

  await expect(failing).rejects.toMatchObject({
    code: 'QUOTA_SHARE_USED',
    advice: { retry: 'whenQuotaResets', resetsAt: '2026-07-16T05:00:00.000Z' },
  });
  expect(day.made()).toBeLessThanOrEqual(300);
  expect(day.made()).toBeGreaterThan(280);
});

test('what other workers of ours used counts, once it was looked at', async () => {
  const day = given(1_000, 990);

  await expect(
    (async () => {
      for (;;) await day.call();
    })(),
  ).rejects.toMatchObject({ code: 'QUOTA_SHARE_USED' });
  expect(day.made()).toBeLessThanOrEqual(20);
});

test('on the next day, calls go on', async () => {
  const day = given(10, 10);
  await expect(
    (async () => {
      for (;;) await day.call();
    })(),
  ).rejects.toMatchObject({ code: 'QUOTA_SHARE_USED' });

  day.moveTo('2026-07-16T07:00:00Z');

  await expect(day.call()).resolves.toBeUndefined();
});
