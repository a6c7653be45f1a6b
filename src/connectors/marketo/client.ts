import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance, type AxiosResponse, isAxiosError } from 'axios';
import { z } from 'zod';
import type { MarketoSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { lostError, RATE_WINDOW_MS, responseError, statusError } from './errors';
import { TokenSource } from './token';

const envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.coerce.string(), message: z.string().default('') })).optional(),
  result: z.array(z.unknown()).default([]),
  nextPageToken: z.string().optional(),
  moreResult: z.boolean().optional(),
});
export type Envelope = z.output<typeof envelope>;

/** Marketo's own time-outs reach 90 s for Sync Leads and 60 s for most others; ours are longer, or a late success is taken for a failure. */
const TIMEOUT_MS = 120_000;
/** In one call: so often a refused token is replaced, and a full window or a full house waited for. */
const FRESH_TOKENS = 2;
const RATE_WAITS = 5;

export interface MarketoCall {
  /** For messages: "read leads". */
  what: string;
  /** From `/rest` or `/bulk` on. */
  path: string;
  method?: 'GET' | 'POST';
  /** Sent in the address; for long ones use `form`. */
  query?: Record<string, string>;
  /** A GET whose parameters are too long for an address: sent as a POST with `_method=GET` (Marketo developer guide). */
  form?: Record<string, string>;
  json?: unknown;
  isWrite?: boolean;
}

/** HTTP to one Marketo instance: token, rate limit, envelope, errors. */
export class MarketoClient {
  readonly tokens: TokenSource;
  private readonly http: AxiosInstance;

  constructor(
    readonly settings: MarketoSettings,
    readonly deps: ConnectorDeps,
  ) {
    this.http = axios.create({
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true }),
      maxRedirects: 0,
      validateStatus: () => true,
      maxContentLength: Number.POSITIVE_INFINITY,
      maxBodyLength: Number.POSITIVE_INFINITY,
      proxy: false,
    });
    this.tokens = new TokenSource(this.http, settings, deps);
  }

  /** Makes a call whose answer is Marketo's envelope. @throws ConnectorError for `success: false` and for everything that is no envelope */
  async call(request: MarketoCall, signal: AbortSignal): Promise<Envelope> {
    const call = { what: request.what, isWrite: request.isWrite ?? false };
    let freshTokens = 0;
    for (let waits = 0; ; ) {
      const token = await this.tokens.get(signal);
      const answer = await this.send(request, token, signal);
      const parsed = envelope.safeParse(answer.data);
      if (answer.status !== 200) throw statusError(answer.status, call, this.deps.now());
      if (!parsed.success) throw statusError(502, call, this.deps.now());
      const [error] = parsed.data.errors ?? [];
      if (parsed.data.success || !error) return parsed.data;
      if ((error.code === '601' || error.code === '602') && freshTokens < FRESH_TOKENS) {
        this.tokens.drop(token);
        freshTokens += 1;
      } else if ((error.code === '606' || error.code === '615') && waits < RATE_WAITS) {
        // a refused call had no effect, so it is made again, by nobody before the wait is over
        const jitter = 0.5 + Math.random();
        this.deps.rateLimit.pauseFor(error.code === '606' ? RATE_WINDOW_MS / 4 : 1_000 * jitter);
        waits += 1;
      } else throw responseError(error, call, this.deps.now());
    }
  }

  /** Reads a part of a file. @returns its bytes, the whole file's size, or null when the file is not (or no longer) there */
  async bytes(
    path: string,
    range: { from: number; to: number },
    signal: AbortSignal,
  ): Promise<{ body: Buffer; whole: number } | null> {
    const request = { what: 'read an export file', path, range };
    for (let freshTokens = 0; ; freshTokens += 1) {
      const token = await this.tokens.get(signal);
      const answer = await this.send(request, token, signal);
      const body = Buffer.isBuffer(answer.data) ? answer.data : Buffer.alloc(0);
      if (answer.status === 404) return null;
      if (answer.status === 416) return { body: Buffer.alloc(0), whole: range.from };
      if (answer.status !== 200 && answer.status !== 206)
        throw statusError(answer.status, { ...request, isWrite: false }, this.deps.now());
      const type = String(answer.headers['content-type'] ?? '');
      if (type.includes('json')) {
        const [error] = envelope.safeParse(JSON.parse(body.toString('utf8'))).data?.errors ?? [];
        if (error && (error.code === '601' || error.code === '602') && freshTokens < FRESH_TOKENS) {
          this.tokens.drop(token);
          continue;
        }
        throw responseError(error ?? { code: '502', message: '' }, { ...request, isWrite: false }, this.deps.now());
      }
      const [, size] = /\/(\d+)$/.exec(String(answer.headers['content-range'] ?? '')) ?? [];
      const length = Number(answer.headers['content-length'] ?? body.length);
      if (body.length !== length) throw lostError('a cut answer', { ...request, isWrite: false }, true);
      return { body, whole: size === undefined ? body.length : Number(size) };
    }
  }

  private async send(
    request: MarketoCall & { range?: { from: number; to: number } },
    token: string,
    signal: AbortSignal,
  ): Promise<AxiosResponse<unknown>> {
    const url = `${this.settings.baseUrl}${request.path}`;
    this.deps.checkUrl(url);
    const giveBack = await this.deps.rateLimit.take(signal);
    const { form, json } = request;
    try {
      return await this.http.request<unknown>({
        url,
        method: request.method ?? (form || json !== undefined ? 'POST' : 'GET'),
        params: form ? { ...request.query, _method: 'GET' } : request.query,
        data: form ? new URLSearchParams(form) : json,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(request.range ? { Range: `bytes=${request.range.from}-${request.range.to}` } : {}),
        },
        responseType: request.range ? 'arraybuffer' : 'json',
        timeout: TIMEOUT_MS,
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ConnectorError) throw error;
      const code = isAxiosError(error) ? (error.code ?? 'no answer') : 'no answer';
      const sent = !['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(code);
      // axios errors carry the request with its token, so they go no further
      throw lostError(code, { what: request.what, isWrite: request.isWrite ?? false }, sent);
    } finally {
      giveBack();
    }
  }
}
