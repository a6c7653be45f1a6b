/**
 * A vendor may apply a request so long after its answer was lost: Salesforce lets a call run ten minutes (salesforce-api.md), Marketo names no
 * limit and is given the same.
 */
export const LATE_EFFECT_MS = 10 * 60_000;

/** @param at ISO 8601 UTC @returns the moment (ISO 8601 UTC) from which on a request that was sent at another takes no effect any more */
export const endOfArrival = (at: string): string => new Date(Date.parse(at) + LATE_EFFECT_MS).toISOString();
