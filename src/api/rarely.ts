/** The same result for all who ask within a while, also while it is on its way. */
export function rarely<Result>(everyMs: number, work: () => Promise<Result>): () => Promise<Result> {
  let last: { result: Promise<Result>; untilMs: number } | undefined;
  return () => {
    const nowMs = performance.now();
    if (!last || nowMs >= last.untilMs) last = { result: work(), untilMs: nowMs + everyMs };
    return last.result;
  };
}
