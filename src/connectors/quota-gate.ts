import { closeQuota, isProbeDue, openQuota, type UsedUpQuota } from '../domain/used-up-quota';
import { ConnectorError } from './connector-error';

/** What is known of an instance's quota: by this process, or by all of them. */
export interface QuotaNotes {
  /** Null while calls may be made, as far as anybody knows; it may be two seconds old. */
  known(): Promise<UsedUpQuota | null>;
  /** @param changed told what is known just now, gives what is known from then on. @returns that */
  change(changed: (known: UsedUpQuota | null) => UsedUpQuota | null): Promise<UsedUpQuota | null>;
  /** Takes note of what the system told of the day's calls, all programs' together. It is for people: nothing is decided by it. */
  noteUsage?(usage: { used: number; limit: number }): void;
}

/** What this process alone knows. */
export function ownQuotaNotes(): QuotaNotes {
  let known: UsedUpQuota | null = null;
  return {
    known: async () => known,
    change: async (changed) => {
      known = changed(known);
      return known;
    },
  };
}

interface GateRules {
  now(): number;
  notes: QuotaNotes;
  /** The part of the instance's calls that Sync may go to, from 0 to 1. */
  share: number;
  /** Tells the quota of all calls from others, such as that of exports. */
  isOfAllCalls(error: ConnectorError): boolean;
  /** When it may be back; `waits` counts those before it. Milliseconds since 1970. */
  backAt(resetsAt: string, waits: number): number;
}

/**
 * Sends a request whose turn has come: not when the quota was found used up while it waited, and with a refusal noted before the next
 * one's turn. To be called while the permit is held.
 * @throws ConnectorError the refusal
 */
export type Guarded = <T>(send: () => Promise<T>) => Promise<T>;

/**
 * Keeps all calls back while the day's quota, or Sync's share of it, is used up: a refused call is not repeated before the time of
 * the next probe, and then one call alone probes while the others wait for what it finds, in other processes too.
 */
export class QuotaGate {
  private probe: Promise<unknown> | null = null;

  constructor(private readonly rules: GateRules) {}

  /** Makes the call, unless the quota is known to be used up; then throws the refusal that told so. */
  async pass<T>(signal: AbortSignal, call: (guarded: Guarded) => Promise<T>): Promise<T> {
    const { now, notes } = this.rules;
    for (;;) {
      const known = await notes.known();
      if (!known || !this.isMeant(known)) return call(this.whileOpen);
      if (this.probe) {
        await this.probe;
        signal.throwIfAborted();
        continue;
      }
      if (!isProbeDue(known, now())) {
        // what puts a run to sleep until the reset must be so just now
        const present = await notes.change((noted) => noted);
        // a probe of ours that has begun meanwhile is waited for
        if (!this.probe && present && this.isMeant(present) && !isProbeDue(present, now())) throw refusalOf(present);
        continue;
      }
      const probing = this.asProbe(() => call(this.watched));
      // whatever it finds, those who wait look again
      this.probe = probing.then(
        () => undefined,
        () => undefined,
      );
      try {
        const probed = await probing;
        if (probed) return probed.result;
      } finally {
        this.probe = null;
      }
    }
  }

  /** The quota, or the share of it that Sync may go to, is used up. */
  async close(message: string, code: string, resetsAt: string): Promise<ConnectorError> {
    const { now, notes, share, backAt } = this.rules;
    const closed = await notes.change((known) =>
      closeQuota(known, { message, code, share }, (waits) => backAt(resetsAt, waits), now()),
    );
    return refusalOf(closed ?? { message, code, share, untilMs: Date.parse(resetsAt), waits: 1, probingUntilMs: 0 });
  }

  private readonly whileOpen: Guarded = async (send) => {
    const known = await this.rules.notes.known();
    if (known && this.isMeant(known)) throw refusalOf(known);
    return this.watched(send);
  };

  /** A share that was used up says nothing of a larger one. */
  private isMeant({ code, share }: UsedUpQuota): boolean {
    return code !== SHARE_USED || share >= this.rules.share;
  }

  /** @returns null when another process was faster */
  private async asProbe<T>(call: () => Promise<T>): Promise<{ result: T } | null> {
    const { now, notes } = this.rules;
    let isOurs = false;
    await notes.change((known) => {
      isOurs = known !== null && isProbeDue(known, now());
      return isOurs && known ? { ...known, probingUntilMs: now() + PROBING_MS } : known;
    });
    if (!isOurs) return null;
    try {
      const result = await call();
      await notes.change((known) => openQuota(known, now()));
      return { result };
    } catch (error) {
      // where it told nothing, the next call probes
      await notes.change((known) => known && { ...known, probingUntilMs: 0 });
      throw error;
    }
  }

  private readonly watched: Guarded = async (send) => {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.advice.retry !== 'whenQuotaResets') throw error;
      if (error.code === SHARE_USED || !this.rules.isOfAllCalls(error)) throw error;
      throw await this.close(error.message, error.code, error.advice.resetsAt);
    }
  };
}

/** The code of a refusal by Sync itself, which leaves the rest of the day's calls to others. */
export const SHARE_USED = 'QUOTA_SHARE_USED';
/** A probe of another process is waited for so long; a killed one's is taken over then. */
const PROBING_MS = 60_000;

function refusalOf({ message, code, untilMs, probingUntilMs }: UsedUpQuota): ConnectorError {
  const resetsAt = new Date(Math.max(untilMs, probingUntilMs)).toISOString();
  const text = `${message} Sync asks again at ${resetsAt.slice(0, 10)} ${resetsAt.slice(11, 16)} UTC.`;
  return new ConnectorError(text, code, { retry: 'whenQuotaResets', resetsAt });
}
