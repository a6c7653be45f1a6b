import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Does a step of a start that needs another part: while that is not there, it is waited for and tried again, and each try that
 * fails is logged with what is waited for.
 * @param what "the database", "Temporal"
 * @param options.isWorthWaiting false for errors that no waiting mends: they are thrown; by default all are waited for
 * @throws the reason of the signal as soon as it aborts
 */
export async function whenThere<Result>(
  what: string,
  step: () => Promise<Result>,
  options: { log: Logger; signal: AbortSignal; isWorthWaiting?: (error: unknown) => boolean },
): Promise<Result> {
  const { log, signal, isWorthWaiting = () => true } = options;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    signal.throwIfAborted();
    try {
      return await step();
    } catch (error) {
      signal.throwIfAborted();
      if (!isWorthWaiting(error)) throw error;
      log.warn({ err: error, waitMs }, `waiting for ${what}`);
      await sleep(waitMs, undefined, { signal });
    }
  }
}
