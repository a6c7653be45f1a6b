import type { Logger } from 'pino';
import type postgres from 'postgres';
import { Repeating } from './repeating';

const ASK_AGAIN_MS = 30_000;
/** An answer that took longer tells too little of the moment at which it was made. */
const SLOWEST_ANSWER_MS = 1_000;

/**
 * The present time as the database has it, so that workers whose machines disagree compare the same moments. Between two looks it goes by the
 * time that has passed, whatever is done to the machine's own clock.
 */
export class DatabaseClock {
  private readonly asking: Repeating;
  /** Milliseconds since 1970 at the beginning of this process's own count. */
  private startMs: number;

  private constructor(
    private readonly sql: postgres.Sql,
    log: Logger,
    startMs: number,
    /** Milliseconds that have passed, from any beginning. */
    private readonly passedMs: () => number,
  ) {
    this.startMs = startMs;
    this.asking = new Repeating('asking for the time', ASK_AGAIN_MS, () => this.ask(), log);
  }

  /** Asks for the time. */
  static async of(
    sql: postgres.Sql,
    log: Logger,
    passedMs: () => number = () => performance.now(),
  ): Promise<DatabaseClock> {
    return new DatabaseClock(sql, log, (await startOf(sql, passedMs)).startMs, passedMs);
  }

  /** ISO 8601 UTC. */
  now = (): string => new Date(this.startMs + this.passedMs()).toISOString();

  /** Asks again and again, until it is stopped. */
  start(): void {
    this.asking.start();
  }

  stop(): Promise<void> {
    return this.asking.stop();
  }

  private async ask(): Promise<void> {
    const { startMs, tookMs } = await startOf(this.sql, this.passedMs);
    if (tookMs <= SLOWEST_ANSWER_MS) this.startMs = startMs;
  }
}

async function startOf(sql: postgres.Sql, passedMs: () => number): Promise<{ startMs: number; tookMs: number }> {
  const before = passedMs();
  const [row] = await sql<{ ms: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
  const after = passedMs();
  if (!row) throw new Error('The database told no time.');
  return { startMs: row.ms - (before + after) / 2, tookMs: after - before };
}
