import { SharedRateLimit } from '../../src/connectors/shared-rate-limit';
import { type Ask, FRESH_LIMIT, type Grant, type RateLimitRule, shareOut } from '../../src/domain/instance-limit';
import fc from '../support/fast-check';

/** All that is wanted. */
const generous = ({ wants }: Ask): Grant => ({
  ...wants,
  share: Number.POSITIVE_INFINITY,
  leaseMs: 5_000,
  isContended: false,
  pauseMs: 0,
});

test('a limit that could not be renewed while nobody called is agreed on anew at the next call', async () => {
  let isAway = false;
  const exchange = async (ask: Ask) => {
    if (isAway) throw new Error('the database is away');
    return generous(ask);
  };
  let tell = (_trouble: unknown): void => undefined;
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const limit = new SharedRateLimit({ calls: Number.POSITIVE_INFINITY, windowMs: 0, atOnce: 10 }, exchange, (trouble) =>
    tell(trouble),
  );
  const { signal } = new AbortController();
  (await limit.take(signal))();

  isAway = true;
  await told;
  isAway = false;
  const giveBack = await limit.take(signal);

  giveBack();
  await limit.close();
}, 10_000);

describe('processes that share a limit', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** Processes with a database between them, and an instance that notes when each call began. */
  class World {
    readonly begunAtMs: number[] = [];
    private shared = FRESH_LIMIT;
    private readonly ends: (() => void)[] = [];

    constructor(private readonly rule: RateLimitRule) {}

    /** Starts a process that always has so many calls to make, each of so long. @returns how to kill it, and when it called */
    start(hasToDo: number, lastsMs: number): { kill: () => void; calledAtMs: number[] } {
      let isDead = false;
      const calledAtMs: number[] = [];
      const exchange = async (ask: Ask): Promise<Grant> => {
        await later(3);
        if (isDead) return never();
        const { limit, grant } = shareOut(this.shared, ask, Date.now());
        this.shared = JSON.parse(JSON.stringify(limit)) as typeof FRESH_LIMIT;
        await later(2);
        return isDead ? never() : grant;
      };
      const limit = new SharedRateLimit(this.rule, exchange, () => undefined, Date.now);
      const ended = new AbortController();
      const work = async () => {
        for (;;) {
          const release = await limit.take(ended.signal);
          calledAtMs.push(Date.now());
          this.begunAtMs.push(Date.now());
          await later(lastsMs);
          if (isDead) return;
          release();
        }
      };
      for (let place = 0; place < hasToDo; place += 1) work().catch(() => undefined);
      const kill = () => {
        isDead = true;
        ended.abort();
      };
      this.ends.push(kill);
      return { kill, calledAtMs };
    }

    end(): void {
      for (const kill of this.ends) kill();
    }

    mostInAWindow(): number {
      const from = (startMs: number) =>
        this.begunAtMs.filter((ms) => ms >= startMs && ms < startMs + this.rule.windowMs).length;
      return Math.max(...this.begunAtMs.map(from));
    }
  }

  const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const never = () => new Promise<never>(() => undefined);
  const MARKETO: RateLimitRule = { calls: 100, windowMs: 20_000, atOnce: 10 };

  test('whenever processes come and are killed, no window holds more calls than the rule allows', async () => {
    const step = fc.record({
      hasToDo: fc.integer({ min: 1, max: 30 }),
      lastsMs: fc.integer({ min: 1, max: 2_500 }),
      killedAfterMs: fc.integer({ min: 1, max: 30_000 }),
      nextAfterMs: fc.integer({ min: 1, max: 20_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const world = new World(MARKETO);
        for (const { hasToDo, lastsMs, killedAfterMs, nextAfterMs } of steps) {
          setTimeout(world.start(hasToDo, lastsMs).kill, killedAfterMs);
          await jest.advanceTimersByTimeAsync(nextAfterMs);
        }
        world.start(20, 200);
        await jest.advanceTimersByTimeAsync(60_000);
        world.end();
        expect(world.mostInAWindow()).toBeLessThanOrEqual(MARKETO.calls);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test.each([300, 1_000, 2_500])(
    'whenever a process that uses all of the limit is killed, its heir calls within ten seconds (%d ms a call)',
    async (lastsMs) => {
      for (let killedAfterMs = 25_000; killedAfterMs < 46_000; killedAfterMs += 1_500) {
        const world = new World(MARKETO);
        const killed = world.start(30, lastsMs);
        await jest.advanceTimersByTimeAsync(killedAfterMs);
        killed.kill();
        const heir = world.start(30, lastsMs);
        await jest.advanceTimersByTimeAsync(10_000);
        world.end();
        expect(heir.calledAtMs.length).toBeGreaterThan(0);
      }
    },
    60_000,
  );

  test.each([5, 200, 1_000])(
    'a process that always has calls to make makes as many in a minute as the rule allows (%d ms a call)',
    async (lastsMs) => {
      const world = new World(MARKETO);
      const { calledAtMs } = world.start(30, lastsMs);
      await jest.advanceTimersByTimeAsync(60_000 - 1);
      world.end();

      const most = Math.min(300, (10 * 60_000) / lastsMs);
      expect(calledAtMs.length / most).toBeGreaterThanOrEqual(0.99);
    },
  );

  test('what processes leave that have few calls to make, another one uses', async () => {
    const world = new World(MARKETO);
    for (const lastsMs of [1_500, 3_000]) world.start(1, lastsMs);
    world.start(30, 200);
    await jest.advanceTimersByTimeAsync(180_000);
    world.end();

    const ofLastMinute = world.begunAtMs.filter((ms) => ms >= Date.now() - 60_000).length;
    expect(ofLastMinute / 300).toBeGreaterThanOrEqual(0.96);
  });

  test('whoever waits for the window alone does not ask the database again and again', async () => {
    let asked = 0;
    const exchange = async (ask: Ask) => {
      asked += 1;
      return generous(ask);
    };
    const limit = new SharedRateLimit(MARKETO, exchange, () => undefined, Date.now);
    const ended = new AbortController();
    for (let call = 0; call < 100; call += 1) {
      const taken = limit.take(ended.signal);
      await jest.advanceTimersByTimeAsync(0);
      (await taken)();
    }
    asked = 0;

    limit.take(ended.signal).catch(() => undefined);
    await jest.advanceTimersByTimeAsync(15_000);
    ended.abort();

    expect(asked).toBeLessThanOrEqual(11);
  });
});
