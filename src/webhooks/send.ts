import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { innerCode, tellable } from '../domain/error-text';
import type { Attempt } from '../domain/webhooks';
import { isAllowedHost } from '../security/allowed-urls';
import { publicLookup, whyNotPublic } from '../security/public-addresses';
import { type Signed, signatureHeaders } from './signature';

/** A receiver takes an event in and works on it later. */
const PATIENCE_MS = 10_000;
/** More of an answer is not read: only its status counts. */
const MOST_ANSWER_BYTES = 4_096;
const MOST_ANSWER_CHARACTERS = 200;

/** Where an event is sent, and what it is signed with. */
export interface Receiver {
  url: string;
  /** The newest first. */
  secrets: readonly string[];
}

/** Sends events. */
export interface WebhookSender {
  /** Why nothing may be sent to an address; null where it may be tried. */
  whyNot(url: string): string | null;
  /**
   * Sends an event once. Whatever the receiver does is a result, not an error.
   * @throws the reason of the signal, when that aborts
   */
  send(receiver: Receiver, event: Omit<Signed, 'sentAt'>, signal: AbortSignal): Promise<Attempt>;
}

/**
 * A sender that reaches servers of the internet over https, and what an administrator allows. Names are looked at when they have been
 * resolved, and the connection goes to the very address that was looked at; redirects are not followed.
 * @param allowedHosts `name` or `name:port`, lower case; plain http and private addresses are allowed to them
 */
export function webhookSender(allowedHosts: readonly string[]): WebhookSender {
  const lookup = publicLookup();
  return {
    whyNot: (url) => whyNotPublic(url, allowedHosts),
    async send(receiver, event, signal) {
      const refusal = whyNotPublic(receiver.url, allowedHosts);
      if (refusal !== null) return failed(refusal, 0);
      const url = new URL(receiver.url);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(event.body),
        'user-agent': 'Sync-Webhooks/1',
        accept: '*/*',
        ...signatureHeaders({ ...event, sentAt: Math.floor(Date.now() / 1_000) }, receiver.secrets),
      };
      const guard = isAllowedHost(url, allowedHosts) ? {} : { lookup };
      const startedAt = performance.now();
      try {
        const answer = await exchange(url, { headers, ...guard }, event.body, signal);
        return { ...judged(answer), durationMs: Math.round(performance.now() - startedAt) };
      } catch (error) {
        signal.throwIfAborted();
        const text = wordsOf(error);
        if (text === null) throw error;
        return failed(text, Math.round(performance.now() - startedAt));
      }
    },
  };
}

interface Received {
  status: number;
  retryAfter: string | undefined;
  text: string;
}

const failed = (problem: string, durationMs: number): Attempt => ({
  ...{ status: null, answer: null, retryAfterMs: null },
  problem,
  durationMs,
});

/** The receiver said nothing for too long. */
class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

/** Each request has a connection of its own: what was looked at of an address holds for that one. */
function exchange(
  url: URL,
  options: { headers: Record<string, string | number>; lookup?: ReturnType<typeof publicLookup> },
  body: string,
  signal: AbortSignal,
): Promise<Received> {
  const isPlain = url.protocol === 'http:';
  const agent = isPlain ? new HttpAgent() : new HttpsAgent();
  return new Promise<Received>((resolve, reject) => {
    const open = isPlain ? requestHttp : requestHttps;
    const request = open(url, { ...options, agent, method: 'POST' });
    const stop = () => request.destroy(new Error('stopped'));
    const timer = setTimeout(() => request.destroy(new TooSlow()), PATIENCE_MS);
    request.once('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const end = (text: string) => {
        resolve({ status, retryAfter: headers['retry-after'], text });
        request.destroy();
      };
      beginningOf(response).then(end, () => end(''));
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    request.end(body);
  });
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer); // no encoding is set
    size += (chunk as Buffer).length;
    if (size >= MOST_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_ANSWER_BYTES).toString('utf8');
}

function judged({ status, retryAfter, text }: Received): Omit<Attempt, 'durationMs'> {
  if (status >= 200 && status < 300) return { status, problem: null, answer: null, retryAfterMs: null };
  const isRedirect = status >= 300 && status < 400;
  const problem = isRedirect
    ? `The receiver answered ${status}, a redirect, which is not followed. Enter the final address.`
    : `The receiver answered ${status}.`;
  return { status, problem, answer: masked(text), retryAfterMs: retryAfterMs(retryAfter) };
}

/** As a number of seconds; as a date it would go by the receiver's clock, and is left out. */
const retryAfterMs = (header: string | undefined): number | null =>
  header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : null;

/** Long runs of characters without a blank may be a key or a token, also one of ours that is echoed. */
const TOKEN = /[\w+/=.-]{25,}/g;
const UNPRINTABLE = /[\p{C}\p{Z}]+/gu;

/** The beginning of an answer, as it may be kept: short, on one line, without addresses of people and what looks like a key. */
function masked(text: string): string | null {
  const clean = tellable(text.replaceAll(UNPRINTABLE, ' ').replaceAll(TOKEN, '…').trim());
  return clean === '' ? null : clean.slice(0, MOST_ANSWER_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
}

const WORDS: Readonly<Record<string, string>> = {
  ADDRESS_NOT_PUBLIC:
    'The host leads into a private network. Let an administrator add it to SYNC_ALLOWED_HOSTS if that is meant.',
  ENOTFOUND: 'The host name is not known.',
  EAI_AGAIN: 'The host name could not be resolved.',
  ECONNREFUSED: 'The receiver refused the connection.',
  ECONNRESET: 'The receiver closed the connection without an answer.',
  EPIPE: 'The receiver closed the connection without an answer.',
  EPROTO: 'The receiver does not speak TLS there.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the receiver is for another host.',
  CERT_HAS_EXPIRED: 'The certificate of the receiver has expired.',
};

/** What a failed exchange says to people; null for what is no failure of the network but a fault of our own. */
function wordsOf(error: unknown): string | null {
  if (error instanceof TooSlow) return `The receiver did not answer within ${PATIENCE_MS / 1_000} s.`;
  const code = innerCode(error) ?? (error instanceof AggregateError ? innerCode(error.errors[0]) : undefined);
  if (code === undefined) return null;
  return WORDS[code] ?? `The receiver could not be reached (${code}).`;
}
