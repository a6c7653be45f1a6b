import { setMaxListeners } from 'node:events';
import { AGE_SLICES, type Amounts, type RateLimitRule, sliceMs } from '../domain/instance-limit';

/**
 * The calls that one instance of a system allows, shared by all of Sync's work on it. Connectors take a permit before each
 * call and give it back when the answer has been read.
 */
export interface RateLimit {
  /**
   * Waits for its turn; rejects with the signal's reason when aborted.
   * @param how.isWrite writes go behind what is read, since what is to be written next follows from that
   * @param how.what calls of one kind, of which few are known, take about the same time
   */
  take(signal: AbortSignal, how?: CallKind): Promise<Permit>;
  /**
   * The system said that the limit is exceeded (others use it too): nobody calls for so many milliseconds.
   * @param exceeded the limit that is approached more carefully afterwards
   */
  pauseFor(ms: number, exceeded?: keyof Amounts): void;
}

export interface CallKind {
  isWrite: boolean;
  what?: string;
}

/** Leave for one call. Called, it gives the permit back; again, it does nothing. */
export type Permit = () => void;

/** What may be used until a moment of the limit's clock, with so many fresh calls at most. */
export interface Part extends Amounts {
  fresh: number;
  untilMs: number;
  /** So many calls of a window are spread over it, once half of them are used. */
  share: number;
}

/** A limit whose numbers can change, and that tells what is used of it. */
export interface LocalRateLimit extends RateLimit {
  /** From now on this holds; calls in flight stay in flight. */
  allow(part: Part): void;
  /** What of the present numbers lets no call pass, for the time being; null where a call would pass. */
  boundBy(): keyof Amounts | 'fresh' | null;
  uses(): Amounts;
  /** The calls of the last window by slices of their age; those on their way are in the latest. */
  ages(): number[];
  /** Calls that wait for their turn. */
  waiting(): number;
}

interface Waiting {
  isWrite: boolean;
  admit(): void;
}

/**
 * A call counts at the system when it arrives: so much later than it was let go at most, or when it is answered. A busy machine or line may
 * hold it up, and one call too many costs a whole window.
 */
const LONGEST_WAY_MS = 1_000;
/**
 * The way of the fastest of the last calls of its kind, at first; where the system counts too many all the same, it is longer than that. What
 * another one takes more than the fastest, it may have been on its way.
 */
const SHORTEST_WAY_MS = 120;
const LAST_ANSWERS = 20;

/**
 * Calls are spread over this part of the window: were all made at once, whoever takes over from a killed process would have none for the
 * rest of it; were they spread over all of it, what is late once would never be made up for.
 */
const SPREAD = 0.85;

/**
 * A limit for one process: of those that read whoever asked first goes first, then the same of those that write.
 * @param now milliseconds of a clock that never jumps
 */
export function createRateLimit(
  { windowMs, ...amounts }: RateLimitRule,
  now: () => number = () => performance.now(),
): LocalRateLimit {
  const queue: Waiting[] = [];
  /** When the calls of the last window can have arrived at the latest, in the order in which they were let go. */
  let arrivals: { atMs: number }[] = [];
  const forever = Number.POSITIVE_INFINITY;
  let allowed: Part = { ...amounts, fresh: forever, untilMs: forever, share: forever };
  let freshLeft = allowed.fresh;
  let inFlight = 0;
  let closedUntilMs = 0;
  let shortestWayMs = SHORTEST_WAY_MS;
  const tookMs = new Map<string, number[]>();
  /** When the next call is due where they are spread. */
  let dueMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const admitAll = (): void => {
    clearTimeout(timer);
    while (queue.length > 0 && inFlight < allowed.atOnce) {
      const waitMs = untilNextCall();
      if (waitMs > 0) {
        // where no call is allowed at all, that has to change first
        if (Number.isFinite(waitMs)) timer = setTimeout(admitAll, Math.ceil(waitMs));
        return;
      }
      inFlight += 1;
      queue.shift()?.admit();
    }
  };

  const callsOfWindow = (): number => {
    const presentMs = now();
    arrivals = arrivals.filter(({ atMs }) => atMs > presentMs - windowMs);
    return arrivals.length;
  };

  const boundBy = (): ReturnType<LocalRateLimit['boundBy']> => {
    if (now() >= allowed.untilMs) return 'fresh';
    if (inFlight >= allowed.atOnce) return 'atOnce';
    if (windowMs === 0) return null;
    if (callsOfWindow() >= allowed.calls) return 'calls';
    return freshLeft <= 0 ? 'fresh' : null;
  };

  const untilNextCall = (): number => {
    const presentMs = now();
    const pausedMs = closedUntilMs - presentMs;
    const bound = boundBy();
    if (bound === 'fresh') return Number.POSITIVE_INFINITY;
    if (bound !== 'calls')
      return arrivals.length < allowed.share / 2 ? pausedMs : Math.max(pausedMs, dueMs - presentMs);
    const firstMs = Math.min(...arrivals.map(({ atMs }) => atMs));
    // a little more than the window, since both ends of it may be counted
    return Math.max(pausedMs, firstMs + windowMs - presentMs + 1);
  };

  /** How much longer a call has taken than the fastest of the last ones of its kind. */
  const moreThanFastest = (what: string, ms: number): number => {
    const last = [...(tookMs.get(what) ?? []), ms].slice(-LAST_ANSWERS);
    tookMs.set(what, last);
    return ms - Math.min(...last);
  };

  /** Counts a call. */
  const letGo = (what: string): Permit => {
    const startMs = now();
    const arrival = { atMs: startMs + LONGEST_WAY_MS };
    if (windowMs > 0) {
      arrivals.push(arrival);
      freshLeft -= 1;
      const everyMs = (SPREAD * windowMs) / allowed.share;
      // as many as may run at once may come together
      dueMs = Math.max(dueMs, startMs - allowed.atOnce * everyMs) + everyMs;
    }
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      inFlight -= 1;
      const answeredMs = now();
      const latestMs = startMs + shortestWayMs + moreThanFastest(what, answeredMs - startMs);
      arrival.atMs = Math.min(arrival.atMs, answeredMs, latestMs);
      admitAll();
    };
  };

  return {
    take: (signal, { isWrite, what = '' } = { isWrite: false }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        // all calls of a run share one signal, and many of them wait at once
        setMaxListeners(0, signal);
        const onAbort = () => {
          queue.splice(queue.indexOf(waiting), 1);
          if (queue.length === 0) clearTimeout(timer);
          reject(signal.reason);
        };
        const waiting: Waiting = {
          isWrite,
          admit: () => {
            signal.removeEventListener('abort', onAbort);
            resolve(letGo(what));
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const firstWrite = isWrite ? -1 : queue.findIndex((other) => other.isWrite);
        queue.splice(firstWrite === -1 ? queue.length : firstWrite, 0, waiting);
        admitAll();
      }),
    pauseFor: (ms, exceeded) => {
      if (exceeded === 'calls') shortestWayMs = Math.min(2 * shortestWayMs, LONGEST_WAY_MS);
      closedUntilMs = Math.max(closedUntilMs, now() + ms);
      admitAll();
    },
    allow: (part) => {
      allowed = part;
      freshLeft = part.fresh;
      admitAll();
    },
    boundBy,
    uses: () => ({ calls: windowMs === 0 ? 0 : callsOfWindow(), atOnce: inFlight }),
    ages: () => {
      if (callsOfWindow() === 0) return [];
      const slice = sliceMs({ windowMs });
      const places = arrivals.map(({ atMs }) => Math.floor(Math.max(0, now() - atMs) / slice));
      return Array.from({ length: AGE_SLICES }, (_, at) => places.filter((place) => place === at).length);
    },
    waiting: () => queue.length,
  };
}
