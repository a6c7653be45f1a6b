import type { LookupFunction } from 'node:net';
import axios from 'axios';
import { type CallWatch, watched } from '../call-watch';
import { type Agents, errorOfLookup, freshAgents, keptAgents } from '../outgoing';
import { type CallNature, networkError, timeoutError } from './errors';

export interface HttpRequest extends CallNature {
  url: string;
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Longest time to the end of the answer. */
  mostMs: number;
}

export interface HttpAnswer {
  status: number;
  body: Buffer;
  /** @param name in lower case */
  header(name: string): string | undefined;
}

/** Larger answers than Marketo gives to anything that is asked here. */
const MOST_ANSWER_BYTES = 256 << 20;

/** Sends requests over kept connections, each once; a safe one again when its connection broke. Redirects are not followed. */
export class HttpTransport {
  private readonly agents: Agents;

  constructor(
    private readonly watch?: CallWatch,
    private readonly lookup?: LookupFunction,
  ) {
    this.agents = keptAgents(lookup);
  }

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.transfer(request, this.agents, signal);
    } catch (error) {
      if (request.isWrite || !isBroken(error)) throw error;
      // often it was an idle connection that the server had just closed
      return this.transfer(request, freshAgents(this.lookup), signal);
    }
  }

  private transfer(request: HttpRequest, agents: Agents, signal: AbortSignal): Promise<HttpAnswer> {
    return watched(
      this.watch,
      () => transfer(request, agents, signal),
      ({ status }) => status,
    );
  }
}

const isBroken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'CONNECTION_LOST';

async function transfer(request: HttpRequest, agents: Agents, signal: AbortSignal): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const end = new AbortController();
  const onAbort = () => end.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end.abort();
  }, request.mostMs);
  try {
    const answer = await axios.request<Buffer>({
      ...agents,
      url: request.url,
      method: request.method,
      headers: request.headers,
      data: request.body,
      responseType: 'arraybuffer',
      transformRequest: (data: unknown) => data,
      validateStatus: () => true,
      maxRedirects: 0,
      maxBodyLength: Number.POSITIVE_INFINITY,
      maxContentLength: MOST_ANSWER_BYTES,
      proxy: false,
      signal: end.signal,
    });
    const { status, data: body, headers } = answer;
    return { status, body, header: (name) => (headers[name] === undefined ? undefined : String(headers[name])) };
  } catch (error) {
    signal.throwIfAborted();
    if (isLate) throw timeoutError(request);
    if (!axios.isAxiosError(error)) throw error;
    // the error itself stays here: it carries the request with its token
    throw errorOfLookup(error.code ?? '', 'Marketo') ?? networkError(error.code ?? 'ECONNRESET', request);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
