import { AsyncLocalStorage } from 'node:async_hooks';
import { ConnectorError } from '../connector-error';

const SIGN_IN_MS = 60_000;

export interface Patience {
  /** Longest wait for the first byte of an answer. */
  answerMs: number;
  /** Longest silence within an answer that has begun. */
  idleMs: number;
}

/** What one call of the connector is about; jsforce has no room for it in its methods, so it travels beside them. */
export interface CallContext {
  signal: AbortSignal;
  /** The call changes records, so that a lost answer leaves their state open. */
  isWrite: boolean;
  /** Part of a sign-in: a refusal is for the sign-in to judge, and no token is involved. */
  isSignIn: boolean;
  /** The call makes something anew each time, so that it is never repeated by itself. */
  once: boolean;
  /** Made even while the quota is known to be used up: a person asks for it. */
  pastQuota: boolean;
  patience: Patience;
  /** The answer is a file: its bytes are wanted, not its text. */
  isFile: boolean;
  /** The file that has come. */
  file: Buffer | null;
  /** Headers of the last answer, names in lower case. */
  headers: Readonly<Record<string, string>>;
}

export const callContext = new AsyncLocalStorage<CallContext>();

/**
 * Makes the calls of a sign-in.
 * @throws ConnectorError TIMEOUT when the login server does not answer within a minute
 */
export async function inSignIn<T>(work: () => Promise<T>): Promise<T> {
  const context: CallContext = {
    signal: AbortSignal.timeout(SIGN_IN_MS),
    isWrite: false,
    isSignIn: true,
    once: false,
    pastQuota: true,
    patience: { answerMs: SIGN_IN_MS, idleMs: SIGN_IN_MS },
    isFile: false,
    file: null,
    headers: {},
  };
  try {
    return await callContext.run(context, work);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new ConnectorError('The login server of Salesforce did not answer in time.', 'TIMEOUT', { retry: 'soon' });
  }
}
