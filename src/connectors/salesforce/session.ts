import { Connection } from 'jsforce';
import type { SalesforceSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { ownSignIns, type SignInBook } from '../sign-in-book';
import { inSignIn } from './call-context';
import { DailyQuota } from './daily-quota';
import { errorOfCode } from './errors';
import { HttpTransport } from './http-transport';
import { type Session, session as sessionSchema, signIn } from './sign-in';
import { whileAwaited } from './while-awaited';

/** A token that is refused though it is fresh is no matter of expiry: after so many sign-ins in a row a person has to act. */
const MOST_SIGN_INS = 2;
/** For so long a refused sign-in is not tried again, so that several syncs together do not lock the user out. */
const REFUSAL_MS = 15 * 60_000;

/** The one connection of a connector with its token, shared by all its calls; signs in when there is none or it has expired. */
export class SessionHolder {
  readonly connection: Connection;
  private current: Session | null = null;
  private pending: Promise<Session> | null = null;
  /** The newest that was handed out; null: that of the settings. */
  private refreshToken: string | null = null;
  private signInsInARow = 0;
  /** No call has shown yet that the token is good. */
  private isUnproven = false;
  private isAsked = false;
  /** Where the first sign-in led. */
  private organizationId: string | null = null;
  private failure: ConnectorError | null = null;
  private readonly signIns: SignInBook;
  private readonly transport: HttpTransport;

  constructor(
    private readonly settings: SalesforceSettings,
    private readonly deps: ConnectorDeps,
  ) {
    this.signIns = deps.signIns ?? ownSignIns({ now: deps.now, refusalMs: REFUSAL_MS, countsTokens: true });
    this.transport = new HttpTransport(deps, new DailyQuota(settings.quotaShare, deps), this);
    this.connection = new Connection({
      loginUrl: settings.loginUrl,
      version: settings.apiVersion,
      callOptions: { client: 'sync/1.0' },
      refreshFn: (_connection, callback) => {
        this.signInOnce().then(
          (session) => callback(null, session.accessToken),
          (error: Error) => callback(error),
        );
      },
    });
    this.connection._transport = this.transport;
  }

  get accessToken(): string | null {
    return this.current?.accessToken ?? null;
  }

  /** The sign-in that is under way. */
  get signIn(): Promise<unknown> | null {
    return this.pending;
  }

  /** That of the organisation, and the address where Salesforce describes user and organisation. */
  takesToken(url: string): boolean {
    if (!this.current || !URL.canParse(url)) return false;
    const { instanceUrl, identityUrl } = this.current;
    return new URL(url).origin === new URL(instanceUrl).origin || url === identityUrl;
  }

  onTokenAccepted(): void {
    this.signInsInARow = 0;
    if (this.isUnproven) this.signIns.accepted();
    this.isUnproven = false;
  }

  /** Signs in unless there is a session. */
  async ensure(signal: AbortSignal): Promise<Session> {
    return this.current ?? whileAwaited(this.signInOnce(), signal);
  }

  /** Signs in anew, even if a refused sign-in is remembered: a person asks for it. */
  async renew(signal: AbortSignal): Promise<Session> {
    this.signInsInARow = 0;
    this.isAsked = true;
    // whoever asks compares it with what is remembered of the connection
    this.organizationId = null;
    return whileAwaited(this.signInOnce(), signal);
  }

  /** Why the last sign-in failed, for jsforce hides that behind an error of its own. */
  get lastFailure(): ConnectorError | null {
    return this.failure;
  }

  /** One sign-in serves all who wait for it. */
  private signInOnce(): Promise<Session> {
    this.pending ??= this.signInNow()
      .catch((error: unknown) => {
        this.failure = error instanceof ConnectorError ? error : null;
        throw error;
      })
      .finally(() => {
        this.pending = null;
      });
    return this.pending;
  }

  private async signInNow(): Promise<Session> {
    const { isAsked } = this;
    this.isAsked = false;
    if (this.signInsInARow >= MOST_SIGN_INS) {
      this.signInsInARow = 0;
      const call = { status: 401, isWrite: false, now: this.deps.now() };
      throw await this.signIns.refused(errorOfCode('INVALID_SESSION_ID', '', call));
    }
    const refusedToken = this.accessToken;
    const got = await this.signIns.inTurn(
      { isAsked, isUsable: (stored) => sessionOf(stored).accessToken !== refusedToken },
      async (refreshToken) => JSON.stringify(await this.fresh(refreshToken)),
    );
    return this.keep(sessionOf(got));
  }

  /** Signs in; a new refresh token is stored before its session is used. */
  private fresh(refreshToken: string | null): Promise<Session> {
    return inSignIn(async () => {
      const session = await signIn(this.settings, refreshToken ?? this.refreshToken, this.transport, this.deps);
      // one that got no answer says nothing of tokens
      this.signInsInARow += 1;
      this.demandSameOrganisation(session);
      await this.storeRefreshToken(session);
      return session;
    });
  }

  private async storeRefreshToken({ refreshToken }: Session): Promise<void> {
    if (!refreshToken || refreshToken === this.refreshToken) return;
    await this.deps.storeRefreshToken?.(refreshToken);
    this.refreshToken = refreshToken;
  }

  private keep(session: Session): Session {
    // it may be one that another process got
    this.demandSameOrganisation(session);
    this.current = session;
    this.isUnproven = true;
    this.connection.accessToken = session.accessToken;
    this.connection.instanceUrl = session.instanceUrl;
    return session;
  }

  /** A sandbox that was refreshed is another organisation behind the same user name: no call may go there by surprise. */
  private demandSameOrganisation({ organizationId }: Session): void {
    const before = this.organizationId ?? organizationId;
    this.organizationId = before;
    if (organizationId === before) return;
    throw new ConnectorError(
      `The sign-in of Salesforce leads to another organisation (${organizationId}) than before (${before}). ` +
        'Add a new connection for it, or enter settings that lead to the one before.',
      'OTHER_ORGANISATION',
      { retry: 'never' },
    );
  }
}

/** Written by `JSON.stringify` of a session, here or in another process. */
const sessionOf = (stored: string | null): Session => sessionSchema.parse(JSON.parse(stored ?? 'null'));
