import { randomUUID } from 'node:crypto';
import type { Amounts, Ask, Grant, RateLimitRule } from '../domain/instance-limit';
import { type CallKind, createRateLimit, type LocalRateLimit, type Permit, type RateLimit } from './rate-limit';

/** Tells what this owner uses and wants, and gets its part: see `shareOut`. */
export type Exchange = (ask: Ask) => Promise<Grant>;

/** A part is renewed so often while it is used, and more often while somebody waits for some of it. */
const RENEW_MS = 1_500;
const CONTENDED_MS = 400;
/** More calls of the window are taken than are waiting, so that not each call asks: a tenth of them all; none while somebody lacks some. */
const BLOCKS = 10;
/**
 * So many blocks of fresh calls are made at most until the others are told of them: nobody knows when those of a killed process were
 * made, so they count as long as they can.
 */
const FRESH_BLOCKS = 2;
const NOTHING: Amounts = { calls: 0, atOnce: 0 };

/**
 * The part that this process has of an instance's limits. Calls are counted here, without asking anybody; only the size of the part
 * is agreed with the other processes, when it has to grow, and from time to time.
 */
export class SharedRateLimit implements RateLimit {
  private readonly owner = randomUUID();
  private readonly local: LocalRateLimit;
  private has: Amounts = NOTHING;
  private hasUntilMs = 0;
  /** The most calls in flight since the part was agreed last. */
  private peakAtOnce = 0;
  private wasUsed = false;
  /** Somebody had less than it wanted when the part was agreed last. */
  private isContended = false;
  /** The last answer was less than was wanted: to ask at once again is of no use. */
  private isShort = false;
  private asking: Promise<void> | null = null;
  private pause: NonNullable<Ask['pause']> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  /** @param now milliseconds of a clock that never jumps */
  constructor(
    private readonly rule: RateLimitRule,
    private readonly exchange: Exchange,
    private readonly onTrouble: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.local = createRateLimit({ ...rule, ...NOTHING }, now);
  }

  async take(signal: AbortSignal, how?: CallKind): Promise<Permit> {
    const admitted = this.local.take(signal, how);
    this.wasUsed = true;
    const { atOnce } = this.local.uses();
    this.peakAtOnce = Math.max(this.peakAtOnce, atOnce + this.local.waiting());
    if (this.wouldHelp()) void this.agree();
    const release = await admitted;
    // whoever waits behind may need more now
    if (this.wouldHelp()) void this.agree();
    return release;
  }

  pauseFor(ms: number, exceeded?: keyof Amounts): void {
    this.local.pauseFor(ms, exceeded);
    this.pause = { ms: Math.max(ms, this.pause?.ms ?? 0), exceeded: exceeded ?? this.pause?.exceeded ?? null };
    void this.agree();
  }

  /** Gives back what is not used any more, and agrees on nothing again. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.asking;
    if (this.hasUntilMs === 0) return;
    this.hold(NOTHING);
    const uses = this.local.uses();
    const ages = this.local.ages();
    const ask: Ask = { owner: this.owner, rule: this.rule, uses, wants: NOTHING, ages, fresh: 0, leaves: true };
    await this.exchange(ask).catch(this.onTrouble);
  }

  private hold({ calls, atOnce }: Amounts, fresh = 0, share = 0): void {
    this.has = { calls, atOnce };
    this.local.allow({ calls, atOnce, fresh, untilMs: this.hasUntilMs, share });
  }

  /** Somebody waits whom another agreement may let through. */
  private wouldHelp(): boolean {
    if (this.local.waiting() === 0 || this.isShort) return false;
    const bound = this.local.boundBy();
    return bound === 'fresh' || (bound !== null && this.has[bound] < this.rule[bound]);
  }

  private block(): number {
    return Math.ceil(this.rule.calls / BLOCKS);
  }

  private wants(): Amounts {
    const { calls, atOnce } = this.local.uses();
    const waiting = this.local.waiting();
    if (waiting === 0 && atOnce === 0 && !this.wasUsed) return { calls, atOnce: 0 };
    return {
      calls:
        this.rule.windowMs === 0
          ? 0
          : Math.min(this.rule.calls, calls + waiting + (this.isContended ? 0 : this.block())),
      atOnce: Math.min(this.rule.atOnce, Math.max(this.peakAtOnce, atOnce + waiting) + 1),
    };
  }

  /** One question at a time; whoever needs another answer afterwards asks again. */
  private async agree(): Promise<void> {
    if (this.isClosed) return;
    this.asking ??= this.askOnce();
    return this.asking;
  }

  private async askOnce(): Promise<void> {
    clearTimeout(this.timer);
    const wants = this.wants();
    const { pause } = this;
    this.pause = null;
    this.peakAtOnce = 0;
    this.wasUsed = false;
    const askedAtMs = this.now();
    // until the answer tells what may be used from now on, nothing more is
    const uses = this.local.uses();
    const fresh = this.rule.windowMs === 0 ? 0 : FRESH_BLOCKS * this.block();
    this.hold(uses);
    let nextMs = RENEW_MS;
    try {
      const told = { owner: this.owner, rule: this.rule, uses, ages: this.local.ages(), fresh };
      const grant = await this.exchange({ ...told, wants, ...(pause && { pause }) });
      this.hasUntilMs = askedAtMs + grant.leaseMs;
      if (grant.pauseMs > 0) this.local.pauseFor(grant.pauseMs);
      this.isShort = grant.calls < wants.calls || grant.atOnce < wants.atOnce;
      this.hold(grant, fresh, grant.share);
      this.isContended = grant.isContended;
      if (grant.isContended) nextMs = CONTENDED_MS;
    } catch (error) {
      this.pause ??= pause;
      this.isShort = true;
      this.onTrouble(error);
    }
    // at once with what follows: whoever comes in between would take an answer that is there already for the next one
    this.asking = null;
    this.askLater(nextMs);
  }

  /** Whoever holds nothing and waits for nothing is left alone. */
  private askLater(ms: number): void {
    const { calls, atOnce } = this.local.uses();
    const waiting = this.local.waiting();
    const isIdle = calls + atOnce + waiting + this.has.calls + this.has.atOnce === 0;
    if (this.isClosed) return;
    if (isIdle && this.pause === null) {
      // no renewal will find out that there is more again: the next call asks
      this.isShort = false;
      return;
    }
    if (this.wouldHelp()) ms = 0;
    this.timer = setTimeout(() => void this.renew(), ms);
    this.timer.unref();
  }

  private async renew(): Promise<void> {
    this.isShort = false;
    await this.agree();
  }
}
