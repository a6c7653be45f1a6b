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

/** At most `calls` in any `windowMs`, and at most `atOnce` in flight. */
export interface RateLimitRule {
  calls: number;
  windowMs: number;
  atOnce: number;
}

interface Waiting {
  admit(): void;
}

/**
 * A limit for one process: whoever asked first goes first.
 * @param now milliseconds since 1970
 */
export function createRateLimit(rule: RateLimitRule, now: () => number = Date.now): RateLimit {
  const queue: Waiting[] = [];
  /** When the calls of the last window were made. */
  let made: number[] = [];
  let inFlight = 0;
  let closedUntil = 0;
  let timer: NodeJS.Timeout | undefined;

  const admitAll = () => {
    clearTimeout(timer);
    for (;;) {
      const waitMs = wait();
      if (queue.length === 0 || inFlight >= rule.atOnce) return;
      if (waitMs > 0) {
        timer = setTimeout(admitAll, waitMs);
        return;
      }
      inFlight += 1;
      made.push(now());
      queue.shift()?.admit();
    }
  };

  /** Milliseconds until the next call may be made. */
  const wait = (): number => {
    const present = now();
    made = made.filter((at) => at > present - rule.windowMs);
    const [oldest] = made;
    const byWindow = made.length < rule.calls || oldest === undefined ? 0 : oldest + rule.windowMs - present + 1;
    return Math.max(byWindow, closedUntil - present);
  };

  const giveBack = () => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      inFlight -= 1;
      admitAll();
    };
  };

  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal.reason);
        };
        const waiting: Waiting = {
          admit: () => {
            signal.removeEventListener('abort', onAbort);
            resolve(giveBack());
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        queue.push(waiting);
        admitAll();
      }),
    pauseFor: (ms) => {
      closedUntil = Math.max(closedUntil, now() + ms);
      admitAll();
    },
  };
}
