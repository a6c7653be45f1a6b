/** Told of what happens between Sync and a system, for metrics: durations and codes, never what was asked or answered. */
export interface CallWatch {
  /** A request has its answer, or came to nothing (`status` null: no connection, no answer in time, stopped). */
  answered(status: number | null, ms: number): void;
  /** The system refused a call, with this code of its own. */
  refused(code: string): void;
  /** The shared rate limit let a call pass after so long. */
  permitted(ms: number): void;
}

/** Sends a request, and tells how it was answered. */
export async function watched<Answer>(
  watch: CallWatch | undefined,
  send: () => Promise<Answer>,
  statusOf: (answer: Answer) => number,
): Promise<Answer> {
  if (!watch) return send();
  const startedAt = performance.now();
  let status: number | null = null;
  try {
    const answer = await send();
    status = statusOf(answer);
    return answer;
  } finally {
    watch.answered(status, performance.now() - startedAt);
  }
}
