import { z } from 'zod';
import type { MarketoSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { pause } from '../pause';
import { ownSignIns, type SignInBook } from '../sign-in-book';
import { responseError, statusError, unreadableAnswer } from './errors';
import type { HttpAnswer, HttpTransport } from './http';
import type { MarketoTuning } from './tuning';
import { unlessAborted } from './waiting';

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number(), scope: z.string().optional() });
const oauthRefusal = z.object({ error: z.string() });
const envelopeRefusal = z.object({
  errors: z.array(z.object({ code: z.coerce.string(), message: z.string().default('') })).min(1),
});

/** So long before its end a token is asked for again, once: near the end Marketo may hand out the same one. */
const AHEAD_MS = 60_000;
/** Fresh tokens that may be refused in a row, before a person is asked. */
const MOST_REFUSED = 2;
/** So often the end of a dying token is waited for. */
const MOST_WAITS = 10;
const SIGN_IN_MS = 30_000;
/** A refusal of the credentials holds for so long: all syncs of a connection meet it at once, and one sign-in is enough for them. */
const REFUSAL_MS = 5_000;
const SIGN_IN = { what: 'sign in', isWrite: false };

/** A token with what its calls have shown of it. Times are those of the process's own clock, which never jumps. */
interface Token {
  value: string;
  endsAtMs: number;
  /** It was asked for again near its end, or had little life from the start: it is used to its end. */
  isLast: boolean;
  /** The API user that the service belongs to. */
  user: string | null;
  wasAccepted: boolean;
  wasRefused: boolean;
  callsRunning: number;
}

/** What a call says of the token that it used. */
export type Verdict = 'accepted' | 'refused' | 'unknown';

/**
 * The access token of one service. Sign-ins are shared by all who wait. Marketo ends a token at its hour and hands out the running one
 * until then, so a new one cannot be had before (Marketo developer guide, "Authentication").
 */
export class TokenSource {
  private token: Token | null = null;
  private renewing: Promise<Token> | null = null;
  /** Tokens in a row that no call was accepted with. */
  private refusedInARow = 0;
  private onIdle: (() => void) | null = null;
  private isAsked = false;
  /** No call has shown yet that the newest token is good. */
  private isUnproven = false;
  private readonly signIns: SignInBook;

  constructor(
    private readonly http: HttpTransport,
    private readonly settings: Pick<MarketoSettings, 'baseUrl' | 'clientId' | 'clientSecret'>,
    private readonly deps: ConnectorDeps,
    private readonly tuning: MarketoTuning,
  ) {
    const now = () => performance.now();
    this.signIns = deps.signIns ?? ownSignIns({ now, refusalMs: REFUSAL_MS, countsTokens: false });
  }

  /** The API user of the service, once a token was fetched. */
  get user(): string | null {
    return this.token?.user ?? null;
  }

  /** The next call signs in although the credentials were refused just now. */
  forgetRefusal(): void {
    this.isAsked = true;
  }

  /**
   * Makes a call with a good token, as often as it takes until the call is not refused for its token.
   * @throws ConnectorError `never` when the sign-in is refused, or two fresh tokens in a row are
   */
  async use<T>(signal: AbortSignal, call: (token: string) => Promise<{ verdict: Verdict; answer: T }>): Promise<T> {
    for (;;) {
      const token = await unlessAborted(this.current(), signal);
      token.callsRunning += 1;
      try {
        const { verdict, answer } = await call(token.value);
        if (verdict !== 'refused') {
          if (verdict === 'accepted') this.accept(token);
          return answer;
        }
        token.wasRefused = true;
      } finally {
        token.callsRunning -= 1;
        if (token.callsRunning === 0) this.onIdle?.();
      }
    }
  }

  private accept(token: Token): void {
    token.wasAccepted = true;
    this.refusedInARow = 0;
    if (this.isUnproven) this.signIns.accepted();
    this.isUnproven = false;
  }

  private async current(): Promise<Token> {
    const { token } = this;
    if (token && !token.wasRefused) {
      const leftMs = token.endsAtMs - performance.now();
      if (leftMs > AHEAD_MS || (token.isLast && leftMs > 0)) return token;
    }
    this.renewing ??= this.renew(token).finally(() => {
      this.renewing = null;
    });
    // whoever waits meets its failure; it must not count as unhandled when nobody waits any more
    this.renewing.catch(() => undefined);
    return this.renewing;
  }

  private async renew(old: Token | null): Promise<Token> {
    if (old?.wasRefused) await this.judge(old);
    for (let waits = 0; waits < MOST_WAITS; waits += 1) {
      const fresh = await this.signInByTurn();
      const leftMs = fresh.endsAtMs - performance.now();
      const isDying =
        leftMs <= 0 || (old?.wasRefused && fresh.value === old.value && leftMs < 5 * this.tuning.tokenWaitMs);
      if (!isDying) {
        fresh.isLast = leftMs <= AHEAD_MS;
        this.token = fresh;
        return fresh;
      }
      await pause(Math.max(leftMs, 0) + this.tuning.tokenWaitMs, new AbortController().signal);
    }
    throw new ConnectorError(
      'Marketo hands out a token whose life is over, again and again. Sync tries again.',
      'TOKEN_OVER',
      { retry: 'soon' },
    );
  }

  /** Decides what the refusal of a token means; calls that are still running with it may yet show that it was good at first. */
  private async judge(old: Token): Promise<void> {
    if (!old.wasAccepted && old.callsRunning > 0) {
      const idle = new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
      const patience = new AbortController();
      await Promise.race([idle, pause(this.tuning.tokenWaitMs, patience.signal).catch(() => undefined)]);
      patience.abort();
      this.onIdle = null;
    }
    if (old.wasAccepted) return;
    this.refusedInARow += 1;
    if (this.refusedInARow < MOST_REFUSED) return;
    // whoever comes after a person has acted begins anew
    this.refusedInARow = 0;
    this.token = null;
    throw await this.signIns.refused(
      new ConnectorError(
        'Marketo refuses the tokens that it has just handed out (601). Check that the API user of the service is active and may be used from here, then resume.',
        '601',
        { retry: 'never' },
      ),
    );
  }

  /** Marketo hands out one token to all, so there is none to share. */
  private async signInByTurn(): Promise<Token> {
    const { isAsked } = this;
    this.isAsked = false;
    const got: { token?: Token } = {};
    await this.signIns.inTurn({ isAsked, isUsable: () => false }, async () => {
      got.token = await this.signIn();
      return null;
    });
    this.isUnproven = true;
    if (!got.token) throw unreadableAnswer('it holds no token', SIGN_IN);
    return got.token;
  }

  private async signIn(): Promise<Token> {
    const url = `${this.settings.baseUrl}/identity/oauth/token`;
    this.deps.checkUrl(url);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: this.settings.clientId,
      client_secret: this.settings.clientSecret,
    });
    const askedAtMs = performance.now();
    const answer = await this.http.send(
      {
        ...SIGN_IN,
        url,
        method: 'POST',
        // in the body, since addresses are logged on the way
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
        body: body.toString(),
        mostMs: SIGN_IN_MS,
      },
      new AbortController().signal,
    );
    const { access_token: value, expires_in: lifeSeconds, scope } = this.read(answer);
    return {
      value,
      endsAtMs: askedAtMs + lifeSeconds * 1_000,
      isLast: false,
      user: scope ?? null,
      wasAccepted: false,
      wasRefused: false,
      callsRunning: 0,
    };
  }

  private read({ status, body }: HttpAnswer): z.output<typeof tokenAnswer> {
    const json = parseJson(body);
    if (status === 200) {
      const parsed = tokenAnswer.safeParse(json);
      if (parsed.success) return parsed.data;
      const [error] = envelopeRefusal.safeParse(json).data?.errors ?? [];
      if (error) throw responseError(error, SIGN_IN, this.deps.now());
      throw unreadableAnswer('it holds no token', SIGN_IN);
    }
    const refusal = oauthRefusal.safeParse(json).data?.error;
    if (status !== 400 && status !== 401) throw statusError(status, SIGN_IN, this.deps.now());
    // the description names the client id; the code says enough
    throw new ConnectorError(
      `Marketo refused the sign-in (${status}${refusal ? ` ${refusal.slice(0, 40)}` : ''}). Enter the client id and secret of an active service under Connections.`,
      'SIGN_IN_REFUSED',
      { retry: 'never' },
    );
  }
}

/** @returns undefined for what is no JSON */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
