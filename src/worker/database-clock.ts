import type { Logger } from 'pino';
import type postgres from 'postgres';
import { Repeating } from './repeating';

const ASK_AGAIN_MS = 30_000;
/** An answer that took longer tells too little of the moment at which it was made. */
const SLOWEST_ANSWER_MS = 1_000;
/** By as much the machine's own clock and the time that has passed have come apart where it slept: while it does, no time is counted. */
const SLEPT_MS = 5_000;

/**
 * The present time as the database has it, so that workers whose machines disagree compare the same moments. Between two looks it goes by the
 * time that has passed, whatever is done to the machine's own clock.
 */
export class DatabaseClock {
  private readonly asking: Repeating;
  /** Milliseconds since 1970 at the beginning of this process's own count. */
  private startMs: number;
  /** How far the machine's own clock is ahead of the count. */
  private ownAheadMs: number;

  private constructor(
    private readonly sql: postgres.Sql,
    private readonly log: Logger,
    startMs: number,
    private readonly own: OwnTime,
  ) {
    this.startMs = startMs;
    this.ownAheadMs = own.clockMs() - own.passedMs();
    this.asking = new Repeating('asking for the time', ASK_AGAIN_MS, () => this.ask(), log);
  }

  /** Asks for the time. */
  static async of(sql: postgres.Sql, log: Logger, own: OwnTime = OWN_TIME): Promise<DatabaseClock> {
    return new DatabaseClock(sql, log, (await startOf(sql, own.passedMs)).startMs, own);
  }

  /** ISO 8601 UTC. */
  now = (): string => {
    const passedMs = this.own.passedMs();
    const aheadMs = this.own.clockMs() - passedMs;
    if (Math.abs(aheadMs - this.ownAheadMs) > SLEPT_MS) {
      this.ownAheadMs = aheadMs;
      this.ask().catch((error: unknown) =>
        this.log.warn({ err: error }, 'the database could not be asked for the time'),
      );
    }
    return new Date(this.startMs + passedMs).toISOString();
  };

  /** Asks again and again, until it is stopped. */
  start(): void {
    this.asking.start();
  }

  stop(): Promise<void> {
    return this.asking.stop();
  }

  private async ask(): Promise<void> {
    const { startMs, tookMs } = await startOf(this.sql, this.own.passedMs);
    if (tookMs <= SLOWEST_ANSWER_MS) this.startMs = startMs;
  }
}

/** What a process knows of the time by itself. */
interface OwnTime {
  /** Milliseconds that have passed, from any beginning. */
  passedMs(): number;
  /** The machine's clock, right or wrong: milliseconds since 1970. */
  clockMs(): number;
}
const OWN_TIME: OwnTime = { passedMs: () => performance.now(), clockMs: () => Date.now() };

async function startOf(sql: postgres.Sql, passedMs: () => number): Promise<{ startMs: number; tookMs: number }> {
  const before = passedMs();
  const [row] = await sql<{ ms: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
  const after = passedMs();
  if (!row) throw new Error('The database told no time.');
  return { startMs: row.ms - (before + after) / 2, tookMs: after - before };
}
