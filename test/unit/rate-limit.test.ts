import { createRateLimit, type RateLimit } from '../../src/connectors/rate-limit';
import fc from '../support/fast-check';

const never = new AbortController().signal;

describe('a rate limit', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** Starts a call that takes a while; its time of start goes into the list. */
  const call = (limit: RateLimit, lastsMs: number, starts: number[]) =>
    limit.take(never).then((release) => {
      starts.push(Date.now());
      setTimeout(release, lastsMs);
    });

  test('when so many calls are in flight as the rule allows, the next waits until one is given back', async () => {
    const limit = createRateLimit({ calls: 100, windowMs: 1_000, atOnce: 2 }, Date.now);
    const first = await limit.take(never);
    await limit.take(never);
    let third = false;
    void limit.take(never).then(() => {
      third = true;
    });

    await jest.advanceTimersByTimeAsync(5_000);
    expect(third).toBe(false);
    first();
    await jest.advanceTimersByTimeAsync(0);

    expect(third).toBe(true);
  });

  test('when a permit is given back twice, it counts once', async () => {
    const limit = createRateLimit({ calls: 100, windowMs: 1_000, atOnce: 1 }, Date.now);
    const release = await limit.take(never);
    release();
    release();
    await limit.take(never);
    let third = false;
    void limit.take(never).then(() => {
      third = true;
    });

    await jest.advanceTimersByTimeAsync(5_000);

    expect(third).toBe(false);
  });

  test('whatever the rule and however long calls take, no window holds more calls, and no more are in flight', async () => {
    const rules = fc.record({
      calls: fc.integer({ min: 1, max: 6 }),
      windowMs: fc.integer({ min: 50, max: 400 }),
      atOnce: fc.integer({ min: 1, max: 4 }),
    });
    const durations = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(rules, durations, async (rule, lasting) => {
        const limit = createRateLimit(rule, Date.now);
        const starts: number[] = [];
        const spans: [number, number][] = [];

        for (const lastsMs of lasting) void call(limit, lastsMs, starts);
        await jest.advanceTimersByTimeAsync(60_000);

        expect(starts).toHaveLength(lasting.length);
        starts.forEach((start, index) => {
          spans.push([start, start + (lasting[index] ?? 0)]);
        });
        for (const start of starts) {
          expect(starts.filter((other) => other >= start && other < start + rule.windowMs).length).toBeLessThanOrEqual(
            rule.calls,
          );
          expect(spans.filter(([from, to]) => from <= start && to > start).length).toBeLessThanOrEqual(rule.atOnce);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('when the window is used up, the next call is made as soon as the first one leaves it, and no later than needed', async () => {
    const limit = createRateLimit({ calls: 3, windowMs: 1_000, atOnce: 10 }, Date.now);
    const starts: number[] = [];
    const beganAt = Date.now();

    for (let index = 0; index < 4; index += 1) void call(limit, 10, starts);
    await jest.advanceTimersByTimeAsync(2_000);

    expect((starts[3] ?? 0) - beganAt).toBeGreaterThan(1_000);
    expect((starts[3] ?? 0) - beganAt).toBeLessThan(1_050);
  });

  /** Makes calls one after the other, and then as many as wait for the window of the first. @returns how much later that is than a window after its start */
  const lateAfter = async (limit: RateLimit, lastsMs: readonly number[]) => {
    const beganAtMs: number[] = [];
    for (const ms of lastsMs) {
      const release = await limit.take(never, { isWrite: true, what: 'create' });
      beganAtMs.push(Date.now());
      await jest.advanceTimersByTimeAsync(ms);
      release();
    }
    return async () => {
      const starts: number[] = [];
      for (const _ of lastsMs) void call(limit, 10, starts);
      await jest.advanceTimersByTimeAsync(30_000);
      return starts.map((ms, index) => ms - 10_000 - (beganAtMs[index] ?? 0));
    };
  };

  test('a call that is not answered counts as late as it can have arrived', async () => {
    const limit = createRateLimit({ calls: 1, windowMs: 10_000, atOnce: 10 }, Date.now);
    const beganAtMs = Date.now();
    await limit.take(never);
    const starts: number[] = [];
    void call(limit, 10, starts);
    await jest.advanceTimersByTimeAsync(20_000);

    expect((starts[0] ?? 0) - beganAtMs).toBeGreaterThan(11_000);
    expect((starts[0] ?? 0) - beganAtMs).toBeLessThan(11_050);
  });

  test('what a call takes longer than the fastest of its kind, it may have been on its way', async () => {
    const limit = createRateLimit({ calls: 4, windowMs: 10_000, atOnce: 10 }, Date.now);

    const late = await (await lateAfter(limit, [1_500, 1_500, 1_700, 3_000]))();

    const whole = late.map((ms) => Math.round(ms / 10) * 10);
    expect(whole).toEqual([120, 120, 320, 1_000]);
  });

  test('an answer has come after its call', async () => {
    const limit = createRateLimit({ calls: 1, windowMs: 10_000, atOnce: 10 }, Date.now);

    const [late = 0] = await (await lateAfter(limit, [40]))();

    expect(late).toBeGreaterThan(40);
    expect(late).toBeLessThan(60);
  });

  test('where the system counts too many all the same, calls take longer to arrive than was thought', async () => {
    const limit = createRateLimit({ calls: 1, windowMs: 10_000, atOnce: 10 }, Date.now);
    limit.pauseFor(0, 'atOnce');
    limit.pauseFor(0, 'calls');

    const [late = 0] = await (await lateAfter(limit, [1_500]))();

    expect(late).toBeGreaterThan(240);
    expect(late).toBeLessThan(260);
  });

  test('without a window, only the calls in flight are limited', async () => {
    const limit = createRateLimit({ calls: 0, windowMs: 0, atOnce: 1 }, Date.now);

    for (let index = 0; index < 1_000; index += 1) (await limit.take(never))();
  });

  test('whoever asked first goes first, but writes go behind what is read', async () => {
    const limit = createRateLimit({ calls: 100, windowMs: 1_000, atOnce: 1 }, Date.now);
    const release = await limit.take(never);
    const order: string[] = [];
    for (const name of ['write 1', 'read 1', 'write 2', 'read 2', 'read 3']) {
      void limit.take(never, { isWrite: name.startsWith('write') }).then((next) => {
        order.push(name);
        next();
      });
    }

    release();
    await jest.advanceTimersByTimeAsync(0);

    expect(order).toEqual(['read 1', 'read 2', 'read 3', 'write 1', 'write 2']);
  });

  test('when somebody who waits is aborted, the reason is told and the next one takes the place', async () => {
    const limit = createRateLimit({ calls: 100, windowMs: 1_000, atOnce: 1 }, Date.now);
    const release = await limit.take(never);
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const aborted = limit.take(abort.signal);
    const next = limit.take(never);

    abort.abort(reason);

    await expect(aborted).rejects.toBe(reason);
    await expect(limit.take(abort.signal)).rejects.toBe(reason);
    release();
    await expect(next).resolves.toBeInstanceOf(Function);
  });

  test('when the last who waits is aborted, no timer is left behind', async () => {
    const limit = createRateLimit({ calls: 1, windowMs: 60_000, atOnce: 5 }, Date.now);
    await limit.take(never);
    const abort = new AbortController();
    const aborted = limit.take(abort.signal);

    abort.abort(new Error('cancelled'));

    await expect(aborted).rejects.toThrow('cancelled');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('during a pause nobody calls; a shorter pause does not end a longer one', async () => {
    const limit = createRateLimit({ calls: 100, windowMs: 1_000, atOnce: 5 }, Date.now);
    limit.pauseFor(5_000);
    limit.pauseFor(10);
    let isAdmitted = false;
    void limit.take(never).then(() => {
      isAdmitted = true;
    });

    await jest.advanceTimersByTimeAsync(4_999);
    expect(isAdmitted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);

    expect(isAdmitted).toBe(true);
  });
});
