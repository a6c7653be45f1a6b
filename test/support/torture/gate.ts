import type postgres from 'postgres';
import type { RateLimit } from '../../../src/connectors/rate-limit';
import type { RunningClock } from '../../../src/sandbox/clock';

/** What happens to a worker, and when: at the nth of the things that it does with the world outside, before or after it. */
export interface Strike {
  at: number;
  when: 'before' | 'after';
  /** `kill`: it does nothing more. `freeze`: it stands still, and goes on so many milliseconds later, not knowing that it was given up. */
  how: { kill: true } | { freezeMs: number };
}

/** What a killed worker meets wherever it would touch the world. */
export class Killed extends Error {
  override name = 'Killed';
}

type Step = 'statement' | 'inTransaction' | 'call';

/**
 * All that a worker does with the world outside, its statements and its calls, passes here: the place to kill or to freeze it between
 * "committed", "sent" and "answered".
 */
export class Gate {
  private passed = 0;
  private strike: Strike | null = null;
  private isDead = false;
  private thawed: Promise<void> = Promise.resolve();
  private announce: () => void = () => undefined;
  /** Resolves as soon as the worker is given up. */
  readonly struck = new Promise<void>((resolve) => {
    this.announce = resolve;
  });
  isStruck = false;

  /** Arms it, counting from here on. */
  arm(strike: Strike): void {
    this.passed = 0;
    this.strike = strike;
  }

  /** The worker will not be struck any more. */
  disarm(): void {
    this.strike = null;
  }

  async before(step: Step): Promise<void> {
    this.passed += 1;
    this.strikeIf('before', step);
    await this.thawed;
    if (this.isDead) throw new Killed();
  }

  async after(step: Step): Promise<void> {
    this.answered(step);
    await this.thawed;
    if (this.isDead) throw new Killed();
  }

  /** As `after`, where nobody can wait: what follows meets the gate before it does anything. */
  answered(step: Step): void {
    this.strikeIf('after', step);
  }

  private strikeIf(when: Strike['when'], step: Step): void {
    const { strike } = this;
    if (!strike || strike.when !== when || this.passed < strike.at) return;
    // one that stands still within a transaction holds its locks, and its successor only waits for them
    if ('freezeMs' in strike.how && step === 'inTransaction') return;
    this.strike = null;
    this.isStruck = true;
    if ('kill' in strike.how) this.isDead = true;
    else {
      const { freezeMs } = strike.how;
      this.thawed = new Promise((resolve) => setTimeout(resolve, freezeMs));
    }
    this.announce();
  }
}

/** The calls of all workers of a run, dead or alive: where a vendor's limit would have them wait, the sandbox's clock goes on. */
export class CallWindow {
  private left = CALLS_IN_WINDOW;

  constructor(private readonly clock: Pick<RunningClock, 'advance'>) {}

  take(): void {
    this.left -= 1;
    if (this.left > 0) return;
    this.clock.advance(WINDOW_MS);
    this.left = CALLS_IN_WINDOW;
  }
}

/** Fewer than the 100 that Marketo allows: a call that is sent again at once is not counted here. */
const CALLS_IN_WINDOW = 80;
const WINDOW_MS = 20_000;

/** A limit of calls through which each call of a worker passes its gate. */
export const gatedCalls = (gate: Gate, window: CallWindow): RateLimit => ({
  async take(signal) {
    signal.throwIfAborted();
    await gate.before('call');
    window.take();
    return () => gate.answered('call');
  },
  pauseFor: () => undefined,
});

type Callable = (...given: unknown[]) => unknown;

/** The database as a worker sees it through its gate. */
export function gatedSql<Client extends postgres.Sql>(sql: Client, gate: Gate, step: Step = 'statement'): Client {
  return new Proxy(sql, {
    apply: (target, _self, given: unknown[]) => gatedQuery((target as unknown as Callable)(...given), gate, step),
    get(target, name) {
      if (name === 'begin') return (work: Callable) => transaction(target, work, gate);
      const member = Reflect.get(target, name) as unknown;
      if (name === 'unsafe')
        return (...given: unknown[]) => gatedQuery((member as Callable).apply(target, given), gate, step);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

async function transaction(sql: postgres.Sql, work: Callable, gate: Gate): Promise<unknown> {
  await gate.before('statement');
  const result = await sql.begin((tx) => work(gatedSql(tx as unknown as postgres.Sql, gate, 'inTransaction')));
  await gate.after('statement');
  return result;
}

interface Lazy extends PromiseLike<unknown> {
  writable?: () => Promise<unknown>;
}

/** A query is sent when somebody waits for it; a part of another one never is. */
function gatedQuery(made: unknown, gate: Gate, step: Step): unknown {
  // the driver makes names and lists of values, too, that are parts of a query
  if (!(made instanceof Promise)) return made;
  const query = made as Lazy;
  const wait = query.then.bind(query) as Promise<unknown>['then'];
  // what the driver refuses after the gate has closed is told to nobody
  Promise.prototype.then.call(query, undefined, () => undefined);
  // whoever gets the stream of a COPY has to end it, so there is no gate between the two
  let isOpening = false;
  const gated = async () => {
    await gate.before(step);
    const rows = await new Promise((resolve, reject) => void wait(resolve, reject));
    await gate.after(step);
    return rows;
  };
  // biome-ignore lint/suspicious/noThenProperty: a query is a promise that begins when it is waited for
  query.then = ((onRows, onError) =>
    isOpening ? wait(onRows, onError) : gated().then(onRows, onError)) as Lazy['then'];
  const open = query.writable?.bind(query);
  if (open) {
    query.writable = async () => {
      await gate.before(step);
      isOpening = true;
      return open();
    };
  }
  return query;
}
