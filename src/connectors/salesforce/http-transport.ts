import { PassThrough, type Readable } from 'node:stream';
import axios from 'axios';
import type { HttpRequest, HttpResponse } from 'jsforce';
import { StreamPromise } from 'jsforce/lib/util/promise';
import { watched } from '../call-watch';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { type Agents, errorOfLookup, freshAgents, keptAgents, urlNotAllowed } from '../outgoing';
import type { Guarded } from '../quota-gate';
import { type CallContext, callContext } from './call-context';
import type { DailyQuota } from './daily-quota';
import { errorOfAnswer, errorOfNetwork, isPasswordExpired, unreadableAnswer } from './errors';
import { whileAwaited } from './while-awaited';

/** A REST call may take Salesforce ten minutes; with its transfer nothing takes longer than this. */
const TOTAL_MS = 20 * 60_000;
/** Larger answers than Salesforce gives to anything that is asked here. */
const MOST_ANSWER_BYTES = 512 * 1024 * 1024;

/** What the transport needs to know of the session, and tells it. */
interface SessionOfTransport {
  /** The newest token, which may have come while a call waited for its permit. */
  readonly accessToken: string | null;
  /** A sign-in that is under way. */
  readonly signIn: Promise<unknown> | null;
  /** An answer to a call with a token came, and the token was not refused. */
  onTokenAccepted(): void;
  /** Whether the token may be sent there. */
  takesToken(url: string): boolean;
}

/**
 * How jsforce reaches the network. Its own transport repeats PUT and GET by itself, follows redirects with the token, hangs when an
 * answer is cut, and cannot be stopped; this one sends each request once (a safe one again, when its connection broke), takes a
 * permit of the shared rate limit, checks the address, stops at the signal, and turns refusals into `ConnectorError`.
 */
export class HttpTransport {
  private readonly kept: Agents;

  constructor(
    private readonly deps: ConnectorDeps,
    private readonly quota: DailyQuota,
    private readonly session: SessionOfTransport,
  ) {
    this.kept = keptAgents(deps.lookup);
  }

  httpRequest(request: HttpRequest): StreamPromise<HttpResponse> {
    return StreamPromise.create(() => ({ stream: new PassThrough(), promise: this.exchange(request) }));
  }

  /** Part of jsforce's interface of a transport; nothing here streams. */
  getRequestStreamCreator(): never {
    throw new Error('Salesforce calls are not streamed.');
  }

  private async exchange(request: HttpRequest): Promise<HttpResponse> {
    const context = callContext.getStore();
    if (!context) throw new Error('A call to Salesforce was made outside of the client.');
    this.deps.checkUrl(request.url);
    if (!context.isSignIn && !this.session.takesToken(request.url)) throw foreignAddress(request.url);
    if (context.isSignIn) return this.inTurn(context, () => this.send(request, context));
    const call = (guarded: Guarded) =>
      this.inTurn(context, () => guarded(async () => this.judge(await this.send(request, context), context)));
    return context.pastQuota ? call((send) => send()) : this.quota.pass(context.signal, call);
  }

  /** 401 goes back to jsforce, which signs in again by our function and repeats the call. */
  private async judge(response: HttpResponse, context: CallContext): Promise<HttpResponse> {
    const { statusCode: status, headers, body } = response;
    context.headers = headers;
    await this.quota.note(headers['sforce-limit-info']);
    if (status === 401 && !isPasswordExpired(body)) return response;
    this.session.onTokenAccepted();
    if (status < 300) return response;
    const error = errorOfAnswer({ status, headers, body, isWrite: context.isWrite, now: this.deps.now() });
    this.deps.watch?.refused(error.code);
    if (error.advice.retry === 'after') this.deps.rateLimit.pauseFor(error.advice.delayMs, 'atOnce');
    throw error;
  }

  private async inTurn<T>(context: CallContext, work: () => Promise<T>): Promise<T> {
    const release = await this.permit(context);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** A broken connection is often an idle one that the server had closed: what is safe to repeat goes again on a fresh one. */
  private async send(request: HttpRequest, context: CallContext): Promise<HttpResponse> {
    const current = context.isSignIn ? request : this.withNewestToken(request);
    // on a fresh connection a lost answer is no stale one's
    if (context.once) return this.transfer(current, context, true);
    try {
      return await this.transfer(current, context, false);
    } catch (error) {
      const isBroken = error instanceof ConnectorError && error.code === 'CONNECTION_LOST';
      if (!isBroken || context.isWrite || context.isSignIn) throw error;
      return await this.transfer(current, context, true);
    }
  }

  private transfer(request: HttpRequest, context: CallContext, onFreshConnection: boolean): Promise<HttpResponse> {
    const agents = onFreshConnection ? freshAgents(this.deps.lookup) : this.kept;
    return watched(
      this.deps.watch,
      () => transfer(request, context, agents),
      ({ statusCode }) => statusCode,
    );
  }

  /** Takes a permit at a time when no sign-in is under way, which needs one itself. */
  private async permit(context: CallContext): Promise<() => void> {
    for (;;) {
      const release = await this.deps.rateLimit.take(context.signal, context);
      const { signIn } = this.session;
      if (context.isSignIn || !signIn) return release;
      release();
      // a failed sign-in shows by the old token's refusal
      await whileAwaited(signIn, context.signal).catch(() => context.signal.throwIfAborted());
    }
  }

  private withNewestToken(request: HttpRequest): HttpRequest {
    const { accessToken } = this.session;
    if (accessToken === null) return request;
    return { ...request, headers: { ...request.headers, Authorization: `Bearer ${accessToken}` } };
  }
}

const foreignAddress = (url: string): ConnectorError =>
  urlNotAllowed(
    `Salesforce's answer leads to ${URL.canParse(url) ? new URL(url).origin : 'no address'}, which is not that of the organisation.`,
  );

async function transfer(request: HttpRequest, context: CallContext, agents: Agents): Promise<HttpResponse> {
  const patience = new Patience(context);
  try {
    const response = await axios.request<Readable>({
      url: request.url,
      method: request.method,
      headers: { ...request.headers, 'accept-encoding': 'gzip, deflate' },
      data: request.body ?? undefined,
      responseType: 'stream',
      decompress: true,
      maxRedirects: 0,
      proxy: false,
      maxBodyLength: Number.POSITIVE_INFINITY,
      maxContentLength: Number.POSITIVE_INFINITY,
      validateStatus: () => true,
      transformRequest: (data) => data,
      signal: patience.signal,
      ...agents,
    });
    patience.startReading();
    const bytes = await readBytes(response.data, patience, context.isWrite);
    const isFile = context.isFile && response.status < 300;
    if (isFile) context.file = bytes;
    const body = isFile ? '' : bytes.toString('utf8');
    return { statusCode: response.status, headers: lowerCased(response.headers), body };
  } catch (error) {
    context.signal.throwIfAborted();
    if (patience.signal.aborted) {
      throw new ConnectorError(
        'Salesforce did not answer in time.',
        'TIMEOUT',
        { retry: 'soon' },
        { answerLost: context.isWrite },
      );
    }
    if (error instanceof ConnectorError) throw error;
    const code = codeOf(error);
    if (code === null) throw error;
    // the error itself stays here: it carries the request with its token
    throw errorOfLookup(code, 'Salesforce') ?? errorOfNetwork(code, context.isWrite);
  } finally {
    patience.end();
  }
}

async function readBytes(stream: Readable, patience: Patience, isWrite: boolean): Promise<Buffer> {
  const { signal } = patience;
  const stop = () => stream.destroy(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for await (const chunk of stream) {
      patience.progress();
      const bytes = chunk as Buffer; // no encoding is set
      sizeBytes += bytes.length;
      if (sizeBytes > MOST_ANSWER_BYTES) throw unreadableAnswer('it is too large', isWrite);
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** @returns null for what is no failure of the network but a fault of our own */
function codeOf(error: unknown): string | null {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  return axios.isAxiosError(error) ? 'ERR_NETWORK' : null;
}

function lowerCased(headers: object): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) result[name.toLowerCase()] = String(value);
  }
  return result;
}

/** Ends a call that is stopped, says nothing for too long, or lasts too long altogether. */
class Patience {
  private readonly controller = new AbortController();
  private readonly total: NodeJS.Timeout;
  private idle: NodeJS.Timeout;
  private readonly stop = () => this.controller.abort();

  constructor(private readonly context: CallContext) {
    const { signal, patience } = context;
    this.total = setTimeout(this.stop, TOTAL_MS);
    this.idle = setTimeout(this.stop, patience.answerMs);
    // a signal combined from both would stay with the caller's for as long as that lives
    signal.addEventListener('abort', this.stop, { once: true });
    if (signal.aborted) this.stop();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  startReading(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(this.stop, this.context.patience.idleMs);
  }

  progress(): void {
    this.idle.refresh();
  }

  end(): void {
    clearTimeout(this.idle);
    clearTimeout(this.total);
    this.context.signal.removeEventListener('abort', this.stop);
  }
}
