import { Problem } from './problem';
import type { Caller } from './route';

/** How many streams of events may be open at once. */
export interface MostStreams {
  /** By one session of a browser, or by one key without a session. */
  ofOne: number;
  ofAll: number;
}

/** When a refused client does well to ask again. */
const AGAIN_AFTER_SECONDS = 10;

/** Counts the streams of events that are open: each holds a connection for as long as its client likes. Each process of the API counts by itself. */
export class EventStreams {
  private all = 0;
  private readonly byCaller = new Map<string, number>();

  constructor(private readonly most: MostStreams) {}

  /** Counts a stream until `work` is over. @throws Problem 429 where too many are open, before anything was sent */
  async during(caller: Pick<Caller, 'id' | 'sessionId'>, work: () => Promise<void>): Promise<void> {
    const who = caller.sessionId ?? caller.id;
    const own = this.byCaller.get(who) ?? 0;
    if (own >= this.most.ofOne) throw tooMany(`${own} executions are followed with this key or session already.`);
    if (this.all >= this.most.ofAll) throw tooMany(`${this.all} executions are followed already, by all together.`);
    this.count(who, 1);
    try {
      await work();
    } finally {
      this.count(who, -1);
    }
  }

  private count(who: string, by: number): void {
    this.all += by;
    const own = (this.byCaller.get(who) ?? 0) + by;
    if (own === 0) this.byCaller.delete(who);
    else this.byCaller.set(who, own);
  }
}

const tooMany = (what: string): Problem =>
  new Problem(429, `${what} End one of them, or ask for the execution itself now and then (GET /executions/:id).`, [], {
    'Retry-After': String(AGAIN_AFTER_SECONDS),
  });
