import { Connection } from 'jsforce';
import type { SalesforceSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { callContext } from './call-context';
import { DailyQuota } from './daily-quota';
import { errorOfCode } from './errors';
import { HttpTransport } from './http-transport';
import { type Session, signIn } from './sign-in';
import { whileAwaited } from './while-awaited';

/** A token that is refused though it is fresh is no matter of expiry: after so many sign-ins in a row a person has to act. */
const MOST_SIGN_INS = 2;
/** For so long a refused sign-in is not tried again, so that several syncs together do not lock the user out. */
const REFUSAL_MS = 15 * 60_000;
const SIGN_IN_MS = 60_000;

/** The one connection of a connector with its token, shared by all its calls; signs in when there is none or it has expired. */
export class SessionHolder {
  readonly connection: Connection;
  private current: Session | null = null;
  private pending: Promise<Session> | null = null;
  private refreshToken: string | null = null;
  private signInsInARow = 0;
  /** Where the first sign-in led. */
  private organizationId: string | null = null;
  private failure: ConnectorError | null = null;
  private refusal: { error: ConnectorError; untilMs: number } | null = null;
  private readonly transport: HttpTransport;

  constructor(
    private readonly settings: SalesforceSettings,
    private readonly deps: ConnectorDeps,
  ) {
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

  onTokenAccepted(): void {
    this.signInsInARow = 0;
  }

  /** Signs in unless there is a session. */
  async ensure(signal: AbortSignal): Promise<Session> {
    return this.current ?? whileAwaited(this.signInOnce(), signal);
  }

  /** Signs in anew, even if a refused sign-in is remembered: a person asks for it. */
  async renew(signal: AbortSignal): Promise<Session> {
    this.refusal = null;
    this.signInsInARow = 0;
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
    if (this.refusal && this.deps.now() < this.refusal.untilMs) throw this.refusal.error;
    this.refusal = null;
    if (this.signInsInARow >= MOST_SIGN_INS) {
      this.signInsInARow = 0;
      throw this.remember(errorOfCode('INVALID_SESSION_ID', '', { status: 401, isWrite: false, now: this.deps.now() }));
    }
    this.signInsInARow += 1;
    const context = {
      signal: AbortSignal.timeout(SIGN_IN_MS),
      isWrite: false,
      isSignIn: true,
      pastQuota: true,
      patience: { answerMs: SIGN_IN_MS, idleMs: SIGN_IN_MS },
      headers: {},
    };
    try {
      const session = await callContext.run(context, () =>
        signIn(this.settings, this.refreshToken, this.transport, this.deps),
      );
      await this.keep(session);
      return session;
    } catch (error) {
      if (context.signal.aborted) {
        throw new ConnectorError('The login server of Salesforce did not answer in time.', 'TIMEOUT', {
          retry: 'soon',
        });
      }
      throw error instanceof ConnectorError ? this.remember(error) : error;
    }
  }

  private async keep(session: Session): Promise<void> {
    this.demandSameOrganisation(session);
    if (session.refreshToken && session.refreshToken !== this.refreshToken) {
      await this.deps.storeRefreshToken?.(session.refreshToken);
      this.refreshToken = session.refreshToken;
    }
    this.current = session;
    this.connection.accessToken = session.accessToken;
    this.connection.instanceUrl = session.instanceUrl;
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

  private remember(error: ConnectorError): ConnectorError {
    if (error.advice.retry === 'never') this.refusal = { error, untilMs: this.deps.now() + REFUSAL_MS };
    return error;
  }
}
