import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type AuditEntry, noteAudit } from '../../db/queries/audit';
import { claimKey, type FirstAnswer, firstAnswer, type KeyedCall, keepAnswer } from '../../db/queries/idempotency';
import type { ApiDeps } from './deps';
import { Problem } from './problem';
import type { Change, Note } from './route';

/** What a handler has come to, as it is sent and kept. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Another call with the same key was faster: its answer is this one's too. */
class AnsweredAlready extends Error {
  constructor(readonly first: FirstAnswer) {
    super('answered already');
  }
}

/** Visible ASCII, with single blanks between. */
const KEY = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/;
export const idempotencyKey = z.string().max(255).regex(KEY, 'visible ASCII characters, such as a UUID').meta({
  description: 'Makes a repeat of the request get the first answer, for a day',
  example: '3f1d2c8e-6a53-4f1e-9a57-0f2f5a0d7c11',
});

/**
 * The call of a request that has an `Idempotency-Key`. Keys are the caller's own, and belong to one path.
 * @param request.key the header as it came
 * @throws Problem 422 for what cannot be a key
 */
export function keyedCall(request: { key: string; callerId: string; path: string; body: unknown }): KeyedCall {
  const parsed = idempotencyKey.safeParse(request.key);
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ message }) => ({ path: 'Idempotency-Key', message }));
    throw new Problem(422, 'The Idempotency-Key cannot be used.', errors);
  }
  const requestHash = createHash('sha256')
    .update(JSON.stringify(request.body ?? null))
    .digest('hex');
  return { key: `${request.callerId}:${request.key}`, route: `POST ${request.path}`, requestHash };
}

interface ServedCall {
  /** Name of the caller, for the audit. */
  who: string;
  /** From where the call comes, for the audit. */
  address: string | null;
  /** Present when the request has an `Idempotency-Key`. */
  keyed: KeyedCall | null;
  /** The answer is shown once and kept nowhere. */
  isSecret: boolean;
  /** What a handler's result means as a reply. */
  toReply(result: unknown): Reply;
}

/**
 * Makes the changes of one call: each in one transaction with its entries in the audit, and, where the call has an
 * `Idempotency-Key`, with the key and the answer. So a repeat gets the first answer, and whatever ends a process leaves all or nothing.
 */
export class Changes {
  private isKept = false;

  constructor(
    private readonly deps: Pick<ApiDeps, 'database'>,
    private readonly call: ServedCall,
  ) {}

  /** Runs a handler; a repeat of an earlier call gets the answer of that one instead. */
  async answer(handle: (change: Change) => Promise<unknown>): Promise<Reply> {
    const { keyed, toReply } = this.call;
    if (!keyed) return toReply(await handle(this.change));
    const first = await firstAnswer(this.deps.database.db, keyed);
    if (first) return this.repeated(first);
    try {
      const result = await handle(this.change);
      if (!this.isKept) await this.inTransaction(async () => result);
      return toReply(result);
    } catch (error) {
      if (error instanceof AnsweredAlready) return this.repeated(error.first);
      throw error;
    }
  }

  private readonly change: Change = (work) =>
    this.inTransaction(async (tx) => {
      let entries = 0;
      const note: Note = async (action, subject, details) => {
        entries += 1;
        const { who, address } = this.call;
        const entry: AuditEntry = { who, address, action, subject, ...(details ? { details } : {}) };
        await noteAudit(tx, entry);
      };
      const result = await work(tx, note);
      if (entries === 0) throw new Error('A change was made that the audit does not know of.');
      return result;
    });

  private async inTransaction<Result>(work: (tx: ApiDeps['database']['db']) => Promise<Result>): Promise<Result> {
    const { keyed, toReply, isSecret } = this.call;
    const result = await this.deps.database.db.transaction(async (tx) => {
      const first = keyed ? await claimKey(tx, keyed) : null;
      if (first) throw new AnsweredAlready(first);
      const done = await work(tx);
      if (keyed) {
        const { status, headers, body } = toReply(done);
        await keepAnswer(tx, keyed, status, isSecret ? null : { headers, body: body ?? null });
      }
      return done;
    });
    this.isKept = true;
    return result;
  }

  private repeated(first: FirstAnswer): Reply {
    if (first.requestHash !== this.call.keyed?.requestHash) {
      throw new Problem(422, 'This Idempotency-Key was used for a request with another body. Use a new key.');
    }
    if (this.call.isSecret) throw new Problem(409, 'This Idempotency-Key was used; what it made was shown that once.');
    const { headers, body } = first.body as Pick<Reply, 'headers' | 'body'>; // written by `inTransaction` alone
    return { status: first.status ?? 200, headers: { ...headers, 'Idempotency-Replayed': 'true' }, body };
  }
}
