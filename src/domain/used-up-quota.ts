/** The day's calls of an instance, or Sync's share of them, are used up. Times are milliseconds since 1970. */
export interface UsedUpQuota {
  code: string;
  /** What happened, for people. */
  message: string;
  /** The part of the calls that Sync might go to, from 0 to 1. */
  share: number;
  /** When it may be back, or is to be asked for again. */
  untilMs: number;
  /** Waits so far without a call that passed. */
  waits: number;
  /** A call asks just now whether it is back; nobody else does until then. */
  probingUntilMs: number;
}

/**
 * Notes that a quota is used up. Calls that were on their way when that became known tell nothing new.
 * @param backAt when it may be back, by the number of waits before this one
 */
export function closeQuota(
  known: UsedUpQuota | null,
  told: Pick<UsedUpQuota, 'code' | 'message' | 'share'>,
  backAt: (waits: number) => number,
  nowMs: number,
): UsedUpQuota {
  if (known && nowMs < known.untilMs) return known;
  const waits = known?.waits ?? 0;
  return { ...told, untilMs: backAt(waits), waits: waits + 1, probingUntilMs: 0 };
}

/** A call has passed: the quota is back, unless it was noted as used up while the call was on its way. */
export const openQuota = (known: UsedUpQuota | null, nowMs: number): UsedUpQuota | null =>
  known && nowMs < known.untilMs ? known : null;

/** Whether one call may ask if the quota is back. */
export const isProbeDue = ({ untilMs, probingUntilMs }: UsedUpQuota, nowMs: number): boolean =>
  nowMs >= untilMs && nowMs >= probingUntilMs;
