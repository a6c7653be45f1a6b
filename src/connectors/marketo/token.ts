import { type AxiosInstance, isAxiosError } from 'axios';
import { z } from 'zod';
import type { MarketoSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { lostError, statusError } from './errors';

const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.number() });
const tokenRefusal = z.object({ error: z.string(), error_description: z.string().optional() });

/** A token with less life left than this is not used for a new call, unless there is no other to be had. */
const SPARE_MS = 60_000;
/** Until the old token has ended, the same one is handed out again; then this long between two requests. */
const PAUSE_MS = 1_000;
const TIMEOUT_MS = 30_000;

/** The access token of one service: fetched once for all who wait, and again before it ends. */
export class TokenSource {
  private token = '';
  private endsAtMs = 0;
  private fetching: Promise<void> | null = null;
  private refusal: ConnectorError | null = null;
  private fetchedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly http: AxiosInstance,
    private readonly settings: Pick<MarketoSettings, 'baseUrl' | 'clientId' | 'clientSecret'>,
    private readonly deps: ConnectorDeps,
  ) {}

  /** @returns a token that is good now. @throws ConnectorError when the service is refused */
  async get(signal: AbortSignal): Promise<string> {
    if (this.deps.now() < this.endsAtMs - SPARE_MS) return this.token;
    await this.refresh(signal);
    return this.token;
  }

  /** Forgets a token that the instance refused; one that was fetched since is kept. */
  drop(token: string): void {
    if (token === this.token) this.endsAtMs = 0;
  }

  /** Signs in once even though credentials were refused before: a person asks for it. */
  forgetRefusal(): void {
    this.refusal = null;
  }

  private async refresh(signal: AbortSignal): Promise<void> {
    // refused credentials stay refused: asking again would only bring a lock-out nearer
    if (this.refusal) throw this.refusal;
    this.fetching ??= this.fetch(signal).finally(() => {
      this.fetching = null;
    });
    await this.fetching;
  }

  private async fetch(signal: AbortSignal): Promise<void> {
    const sinceMs = this.deps.now() - this.fetchedAtMs;
    if (sinceMs < PAUSE_MS) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS - sinceMs));
    this.fetchedAtMs = this.deps.now();
    const url = `${this.settings.baseUrl}/identity/oauth/token`;
    this.deps.checkUrl(url);
    // in the body, since addresses are logged on the way
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: this.settings.clientId,
      client_secret: this.settings.clientSecret,
    });
    const call = { what: 'sign in', isWrite: false };
    const askedAtMs = this.deps.now();
    const answer = await this.http
      .post<unknown>(url, form, { signal, timeout: TIMEOUT_MS, responseType: 'json' })
      .catch((error: unknown) => {
        if (signal.aborted) throw signal.reason;
        // axios errors carry the request with its secret, so they go no further
        throw lostError(isAxiosError(error) ? (error.code ?? 'no answer') : 'no answer', call, true);
      });
    if (answer.status === 401) {
      const { data } = tokenRefusal.safeParse(answer.data);
      const why = data ? `${data.error}${data.error_description ? `: ${data.error_description}` : ''}` : '401';
      this.refusal = new ConnectorError(
        `Marketo refused the sign-in (${why.replaceAll(this.settings.clientId, '…')}). Enter the client id and secret of an active service under Connections.`,
        'SIGN_IN_REFUSED',
        { retry: 'never' },
      );
      throw this.refusal;
    }
    const parsed = tokenAnswer.safeParse(answer.data);
    if (answer.status !== 200 || !parsed.success)
      throw statusError(answer.status === 200 ? 502 : answer.status, call, this.deps.now());
    this.token = parsed.data.access_token;
    this.endsAtMs = askedAtMs + parsed.data.expires_in * 1_000;
    if (parsed.data.expires_in > 0) return;
    // the same dying token was handed out: a new one can be had only after it has ended
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
