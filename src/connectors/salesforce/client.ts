import { setMaxListeners } from 'node:events';
import type { Connection, HttpRequest } from 'jsforce';
import type { ZodType } from 'zod';
import type { SalesforceSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { type CallContext, callContext } from './call-context';
import { errorOfCode, unreadableAnswer } from './errors';
import { SessionHolder } from './session';
import type { Session } from './sign-in';
import type { SalesforceTuning } from './tuning';

export interface CallOptions {
  signal: AbortSignal;
  /** The call changes records, so that a lost answer leaves their state open. */
  isWrite?: boolean;
  /** The call makes something anew each time, so that it is never repeated by itself. */
  once?: boolean;
  /** Made even while the quota is known to be used up: a person asks for it. */
  pastQuota?: boolean;
}

export interface Answer<T> {
  body: T;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
}

/** A request below the instance's address: `/query?…` below the API version, or a path that begins with `/services/`. */
export interface PathRequest {
  method: HttpRequest['method'];
  path: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  csv?: string;
  headers?: Record<string, string>;
}

/** All calls to one Salesforce organisation: signs in, parses what comes back, and throws `ConnectorError` alone. */
export class SalesforceClient {
  private readonly session: SessionHolder;

  constructor(
    readonly settings: SalesforceSettings,
    readonly deps: ConnectorDeps,
    private readonly tuning: SalesforceTuning,
  ) {
    this.session = new SessionHolder(settings, deps);
  }

  /** `/services/data/v60.0` */
  get versionPath(): string {
    return `/services/data/v${this.settings.apiVersion}`;
  }

  /** Calls of the last 24 hours, as the latest answer told; null before the first. */
  get apiUsage(): { used: number; limit: number } | null {
    return this.session.connection.limitInfo.apiUsage ?? null;
  }

  async signInAnew(signal: AbortSignal): Promise<Session> {
    return this.session.renew(signal);
  }

  /** The organisation of the session; signs in where there is none. */
  async organizationId(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    return (await this.session.ensure(signal)).organizationId;
  }

  /** The user of the session; signs in where there is none. */
  async userId(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    return (await this.session.ensure(signal)).userId;
  }

  /** Makes calls of jsforce, which find their signal and the rest beside them. */
  async call<T>(options: CallOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
    return (await this.withHeaders(options, work)).body;
  }

  /** Sends a request and parses its JSON. */
  async json<T>(request: PathRequest, schema: ZodType<T>, options: CallOptions): Promise<T> {
    const body = await this.call(options, (connection) => connection.request<unknown>(toHttp(request)));
    return this.parse(body, schema, options);
  }

  /** Sends a request and gives its body as text, whatever it says of its type. */
  async text(request: PathRequest, options: CallOptions): Promise<Answer<string>> {
    const answer = await this.withHeaders(options, (connection) =>
      connection.request<unknown>(toHttp(request), { responseType: 'text/plain', noContentResponse: '' }),
    );
    if (typeof answer.body !== 'string') throw unreadableAnswer('it is no text', options.isWrite ?? false);
    return { body: answer.body, headers: answer.headers };
  }

  /** Sends a request and gives the bytes of the file that it asks for. */
  async file(request: PathRequest, options: CallOptions): Promise<Answer<Buffer>> {
    const work = (connection: Connection) =>
      connection.request<unknown>(toHttp(request), { responseType: 'text/plain', noContentResponse: '' });
    const { file, headers } = await this.withHeaders(options, work, true);
    if (file === null) throw unreadableAnswer('it is no file', options.isWrite ?? false);
    return { body: file, headers };
  }

  /** @throws ConnectorError `soon` when the value is not what the guide describes, for it may have been cut */
  parse<T>(value: unknown, schema: ZodType<T>, options: CallOptions): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    throw unreadableAnswer(
      at ? `“${at}” is missing or of another type` : 'it is not of the documented form',
      options.isWrite ?? false,
    );
  }

  private async withHeaders<T>(
    options: CallOptions,
    work: (connection: Connection) => Promise<T>,
    isFile = false,
  ): Promise<Answer<T> & Pick<CallContext, 'file'>> {
    const isWrite = options.isWrite ?? false;
    const { readAnswerMs, writeAnswerMs, idleMs } = this.tuning;
    const context: CallContext = {
      signal: options.signal,
      isWrite,
      isSignIn: false,
      once: options.once ?? false,
      pastQuota: options.pastQuota ?? false,
      patience: { answerMs: isWrite ? writeAnswerMs : readAnswerMs, idleMs },
      isFile,
      file: null,
      headers: {},
    };
    options.signal.throwIfAborted();
    // all calls of a run share one signal, and many of them wait at once
    setMaxListeners(0, options.signal);
    await this.session.ensure(options.signal);
    try {
      const body = await callContext.run(context, () => work(this.session.connection));
      return { body, headers: context.headers, file: context.file };
    } catch (error) {
      options.signal.throwIfAborted();
      throw this.translated(error);
    }
  }

  /** jsforce hides a failed sign-in behind its own error, and judges some 401 by itself. */
  private translated(error: unknown): unknown {
    if (error instanceof ConnectorError || !(error instanceof Error)) return error;
    if (error.message.startsWith('Unable to refresh session')) {
      return (
        this.session.lastFailure ??
        new ConnectorError('The sign-in of Salesforce failed.', 'SIGN_IN_FAILED', { retry: 'soon' })
      );
    }
    const { errorCode } = error as { errorCode?: unknown }; // set on errors of jsforce's HTTP layer
    if (typeof errorCode !== 'string') return error;
    return errorOfCode(errorCode, '', { status: 401, isWrite: false, now: this.deps.now() });
  }
}

function toHttp({ method, path, json, csv, headers }: PathRequest): HttpRequest {
  if (csv !== undefined)
    return { method, url: path, body: csv, headers: { 'content-type': 'text/csv; charset=utf-8', ...headers } };
  if (json === undefined) return { method, url: path, headers: { ...headers } };
  return { method, url: path, body: JSON.stringify(json), headers: { 'content-type': 'application/json', ...headers } };
}
