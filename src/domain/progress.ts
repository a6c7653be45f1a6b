/** How far a phase is, how fast it goes and how long it takes. */
export interface Progress {
  done: number;
  /** Null where the whole is not known. */
  total: number | null;
  perSecond: number | null;
  secondsLeft: number | null;
}

/** @param now ISO 8601 UTC, like `phaseStartedAt` */
export function progressOf(
  phase: { progressDone: number; progressTotal: number | null; phaseStartedAt: string | null },
  now: string,
): Progress {
  const { progressDone: done, progressTotal: total, phaseStartedAt } = phase;
  const seconds = phaseStartedAt === null ? 0 : (Date.parse(now) - Date.parse(phaseStartedAt)) / 1_000;
  const perSecond = seconds > 0 ? Math.round(done / seconds) : null;
  const secondsLeft = total === null || !perSecond ? null : Math.max(0, Math.round((total - done) / perSecond));
  return { done, total, perSecond, secondsLeft };
}
