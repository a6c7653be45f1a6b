/** The server's clock may be a little behind. */
const AFTER_RUN_MS = 500;
const AGAIN_AFTER_MS = 5_000;
/** Timers of browsers cannot wait for months. */
const MOST_MS = 3_600_000;

/**
 * In how many milliseconds the list of the next runs has to be renewed, since the first of them has passed then; false where there is none.
 * @param nextRuns ISO 8601
 */
export function untilRenewal([first]: readonly string[], now: number): number | false {
  if (first === undefined) return false;
  const leftMs = Date.parse(first) - now + AFTER_RUN_MS;
  return leftMs > 0 ? Math.min(leftMs, MOST_MS) : AGAIN_AFTER_MS;
}
