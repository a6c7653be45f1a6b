import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from './problem';

const WINDOW_SECONDS = 60;
/** Wrong keys of one address in a minute; further unknown ones are not even looked at. */
const MOST_REFUSALS = 600;

/**
 * How often callers may call: so that one that runs wild takes nothing from the others, and keys cannot be guessed. Each process of the
 * API counts by itself.
 */
export class CallRates {
  private readonly calls: RateLimiterMemory;
  private readonly refusals = new RateLimiterMemory({ points: MOST_REFUSALS, duration: WINDOW_SECONDS });
  /** Hashes of keys that were right: whoever guesses from the same address, be it a proxy's, does not lock them out. */
  private readonly known = new Set<string>();

  constructor(callsPerMinute: number) {
    this.calls = new RateLimiterMemory({ points: callsPerMinute, duration: WINDOW_SECONDS });
  }

  /** Counts a call. @throws Problem 429 when the caller has made too many */
  async take(callerId: string): Promise<void> {
    try {
      await this.calls.consume(callerId);
    } catch (error) {
      throw refusal(error, 'Too many calls with this API key.');
    }
  }

  /** @throws Problem 429 when too many wrong keys came from the address, unless this one was right before */
  async demandFewRefusals(address: string, keyHash: string): Promise<void> {
    if (this.known.has(keyHash)) return;
    const counted = await this.refusals.get(address);
    if (counted && counted.consumedPoints >= MOST_REFUSALS) throw refusal(counted, 'Too many wrong API keys.');
  }

  /** Notes whether a key was right. */
  async judge(address: string, keyHash: string, isRight: boolean): Promise<void> {
    if (isRight) {
      this.known.add(keyHash);
      return;
    }
    this.known.delete(keyHash);
    await this.refusals.penalty(address);
  }
}

function refusal(counted: unknown, detail: string): unknown {
  if (!(counted instanceof RateLimiterRes)) return counted;
  const seconds = Math.ceil(counted.msBeforeNext / 1_000);
  return new Problem(429, `${detail} Try again in ${seconds} s.`, [], { 'Retry-After': String(seconds) });
}
