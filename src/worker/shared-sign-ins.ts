import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { placeOfSession, type Sealer } from '../../db/queries/connections';
import { changeSignIns, type StoredSignIns } from '../../db/queries/sign-ins';
import { ConnectorError } from '../connectors/connector-error';
import { pause } from '../connectors/pause';
import type { SignInBook, WantedSignIn } from '../connectors/sign-in-book';
import { type Admission, admitSignIn, begun, proven, refused, type SignIns, undecided } from '../domain/sign-ins';

/** A turn lasts so long without being renewed: a killed process's is over then. */
const TURN_MS = 10_000;
const RENEW_MS = 3_000;
/** Next look while another process signs in. */
const LOOK_MS = 100;
/** Longer than a sign-in may take. */
const PATIENCE_MS = 90_000;
/** Refused by ourselves: the system was not asked. */
const NOT_ASKED: ReadonlySet<string> = new Set(['ADDRESS_NOT_ALLOWED', 'INVALID_PRIVATE_KEY']);

interface Deps {
  sql: postgres.Sql;
  secrets: Sealer;
  connectionId: string;
  settingsVersion: number;
  /** The refresh token as it is stored now; null where the connection has none. */
  readRefreshToken(): Promise<string | null>;
  now(): number;
  onTrouble(error: unknown): void;
}

/** The sign-ins of a stored connection, by all processes. */
export class SharedSignIns implements SignInBook {
  private readonly owner = randomUUID();
  private readonly place: string;

  constructor(private readonly deps: Deps) {
    this.place = placeOfSession(deps.connectionId);
  }

  async inTurn(
    { isAsked, isUsable }: WantedSignIn,
    signIn: (refreshToken: string | null) => Promise<string | null>,
  ): Promise<string | null> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    while (!patience.aborted) {
      const next = await this.begin(isAsked, isUsable);
      if (next === 'turn') return this.signIn(signIn);
      if (next !== 'wait') return next.session;
      await pause(LOOK_MS, patience).catch(() => undefined);
    }
    throw new ConnectorError('Other processes sign in with this connection. Sync tries again.', 'SIGN_IN_BUSY', {
      retry: 'soon',
    });
  }

  accepted(): void {
    this.change(({ signIns, session }) =>
      signIns.unprovenAtMs.length > 0 || signIns.refusal ? { signIns: proven(signIns), session } : null,
    ).catch(this.deps.onTrouble);
  }

  async refused(error: ConnectorError): Promise<ConnectorError> {
    await this.change(({ signIns }) => ({ signIns: refused(signIns, error, this.deps.now()), session: null }));
    return error;
  }

  private async begin(
    isAsked: boolean,
    isUsable: WantedSignIn['isUsable'],
  ): Promise<'turn' | 'wait' | { session: string }> {
    // set by the change that is made at last
    const last: { next: 'turn' | 'wait' | { session: string }; held: Held | null } = { next: 'wait', held: null };
    const { now } = this.deps;
    const stored = await this.change(({ signIns, session }, databaseMs) => {
      const usable = !isAsked && session !== null && this.usable(session, isUsable);
      const admission = admitSignIn(signIns, isAsked, now());
      const isOthersTurn = signIns.turn !== null && databaseMs < signIns.turn.untilMs;
      last.held = !usable && !isOthersTurn && !admission.may && admission.refusal ? admission : null;
      last.next = usable ? { session: usable } : 'wait';
      if (usable || isOthersTurn || !admission.may) return null;
      last.next = 'turn';
      return { signIns: { ...begun(signIns, now()), turn: this.turn(databaseMs) }, session };
    });
    if (!stored) throw settingsChanged();
    if (last.held) throw heldBack(last.held);
    return last.next;
  }

  private async signIn(signIn: (refreshToken: string | null) => Promise<string | null>): Promise<string | null> {
    const renewing = setInterval(() => {
      this.changeTurn((signIns, databaseMs) => ({ ...signIns, turn: this.turn(databaseMs) })).catch(
        this.deps.onTrouble,
      );
    }, RENEW_MS);
    try {
      const session = await signIn(await this.deps.readRefreshToken());
      const sealed = session === null ? null : this.deps.secrets.seal(session, this.place);
      await this.changeTurn((signIns) => ({ ...signIns, turn: null }), sealed);
      return session;
    } catch (error) {
      const isRefused = error instanceof ConnectorError && error.advice.retry === 'never' && !NOT_ASKED.has(error.code);
      await this.changeTurn((signIns) => ({
        ...(isRefused ? refused(signIns, error, this.deps.now()) : undecided(signIns)),
        turn: null,
      }));
      throw error;
    } finally {
      clearInterval(renewing);
    }
  }

  /** @returns the session, or false where it cannot be opened any more or will not do */
  private usable(sealed: string, isUsable: WantedSignIn['isUsable']): string | false {
    try {
      const session = this.deps.secrets.open(sealed, this.place);
      return isUsable(session) && session;
    } catch (error) {
      this.deps.onTrouble(error);
      return false;
    }
  }

  private readonly turn = (databaseMs: number): SignIns['turn'] => ({
    owner: this.owner,
    untilMs: databaseMs + TURN_MS,
  });

  /** Changes something while it is our turn; nothing when that is over. */
  private changeTurn(change: (signIns: SignIns, databaseMs: number) => SignIns, session?: string | null) {
    return this.change((stored, databaseMs) =>
      stored.signIns.turn?.owner === this.owner
        ? {
            signIns: change(stored.signIns, databaseMs),
            session: session === undefined ? stored.session : session,
          }
        : null,
    );
  }

  private change(change: (stored: StoredSignIns, databaseMs: number) => StoredSignIns | null) {
    return changeSignIns(this.deps.sql, this.deps, change);
  }
}

/** A sign-in that may not be made, since others were refused. */
type Held = Extract<Admission, { triedMost: boolean }>;

function heldBack({ refusal, triedMost, againAtMs }: Held): ConnectorError {
  const until = new Date(againAtMs).toISOString();
  const why = triedMost
    ? ` So that the account is not locked, Sync does not sign in again before ${until.slice(0, 10)} ${until.slice(11, 16)} UTC, ` +
      'unless the connection is saved anew, be it with the same settings. Mend it, save it, then resume.'
    : '';
  return new ConnectorError(`${refusal.message}${why}`, refusal.code, { retry: 'never' });
}

const settingsChanged = (): ConnectorError =>
  new ConnectorError(
    'The settings of the connection have changed. Sync tries again with the new ones.',
    'SETTINGS_CHANGED',
    {
      retry: 'soon',
    },
  );
