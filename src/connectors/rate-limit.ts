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
