/**
 * A vendor may apply a request so long after its answer was lost: Salesforce lets a call run ten minutes (salesforce-api.md), Marketo names no
 * limit and is given the same.
 */
export const LATE_EFFECT_MS = 10 * 60_000;

/** A bulk job that nobody waits for any more has ended or failed by then: each of its batches is tried ten times for ten minutes (salesforce-api.md). */
export const JOB_EFFECT_MS = 24 * 60 * 60_000;

/** @param at ISO 8601 UTC @returns the moment (ISO 8601 UTC) from which on a request that was sent at another takes no effect any more */
export const endOfArrival = (at: string): string => new Date(Date.parse(at) + LATE_EFFECT_MS).toISOString();

/** What a run waits for that can go on with none of its records, as people read it. */
export function waitingText(syncName: string, endsByItself: boolean, isPaused: boolean): string {
  if (endsByItself)
    return `What "${syncName}" has sent to the same records was not answered, and may take effect yet. The rest is loaded after that.`;
  const advice = isPaused ? ' That one is paused: resume or cancel it.' : '';
  return `"${syncName}" is at work on the same records. The rest is loaded after that.${advice}`;
}
