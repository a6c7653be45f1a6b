import { setMaxListeners } from 'node:events';

/**
 * The calls that one instance of a system allows, shared by all of Sync's work on it. Connectors take a permit before each
 * call and give it back when the answer has been read.
 */
export interface RateLimit {
  /** Waits for its turn; rejects with the signal's reason when aborted. @returns the function that gives the permit back */
  take(signal: AbortSignal): Promise<() => void>;
  /** The system said that the limit is exceeded (others use it too): nobody calls for so many milliseconds. */
  pauseFor(ms: number): void;
}

/** At most `calls` in any `windowMs` (0: without a window), and at most `atOnce` in flight. */
export interface RateLimitRule {
  calls: number;
  windowMs: number;
  atOnce: number;
}

interface Waiting {
  admit(): void;
}

/** A call counts at the system when it arrives: so much later than it was let go, at most, or when it is answered. */
const LONGEST_WAY_MS = 150;

/**
 * A limit for one process: whoever asked first goes first.
 * @param now milliseconds of a clock that never jumps
 */
export function createRateLimit(rule: RateLimitRule, now: () => number = () => performance.now()): RateLimit {
  const queue: Waiting[] = [];
  /** When the calls of the last window can have arrived at the latest, in the order in which they were let go. */
  let arrivals: { atMs: number }[] = [];
  let inFlight = 0;
  let closedUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const admitAll = (): void => {
    clearTimeout(timer);
    while (queue.length > 0 && inFlight < rule.atOnce) {
      const waitMs = untilNextCall();
      if (waitMs > 0) {
        timer = setTimeout(admitAll, Math.ceil(waitMs));
        return;
      }
      inFlight += 1;
      queue.shift()?.admit();
    }
  };

  const untilNextCall = (): number => {
    const presentMs = now();
    const pausedMs = closedUntilMs - presentMs;
    if (rule.windowMs === 0) return pausedMs;
    arrivals = arrivals.filter(({ atMs }) => atMs > presentMs - rule.windowMs);
    if (arrivals.length < rule.calls) return pausedMs;
    const firstMs = Math.min(...arrivals.map(({ atMs }) => atMs));
    // a little more than the window, since both ends of it may be counted
    return Math.max(pausedMs, firstMs + rule.windowMs - presentMs + 1);
  };

  /** Counts a call, and makes the function that gives its permit back; a second call of that does nothing. */
  const letGo = (): (() => void) => {
    const arrival = { atMs: now() + LONGEST_WAY_MS };
    if (rule.windowMs > 0) arrivals.push(arrival);
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      inFlight -= 1;
      arrival.atMs = Math.min(arrival.atMs, now());
      admitAll();
    };
  };

  return {
    take: (signal) =>
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
          admit: () => {
            signal.removeEventListener('abort', onAbort);
            resolve(letGo());
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        queue.push(waiting);
        admitAll();
      }),
    pauseFor: (ms) => {
      closedUntilMs = Math.max(closedUntilMs, now() + ms);
      admitAll();
    },
  };
}
