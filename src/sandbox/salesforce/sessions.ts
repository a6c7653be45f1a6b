import { randomBytes } from 'node:crypto';
import type { InstanceCore } from '../core';
import type { Caller } from './http-call';

/** What a session was opened for. */
export interface SessionOrigin {
  caller: Caller;
  /** OAuth scopes, or `soap`. */
  scope: string;
  /** The refresh token it was opened with; it ends with that one. */
  refreshToken?: string | undefined;
}

/** What is known of a token that has not ended. */
export interface Session {
  caller: Caller;
  scope: string;
  /** Milliseconds since 1970. */
  openedAt: number;
  endsAt: number;
}

/** Access tokens of one org; kept in its state, so that a restart ends none. */
export interface Sessions {
  /** @returns the token */
  open(origin: SessionOrigin): string;
  /**
   * Whose token it is, and begins its time anew. Further use of a token whose end the client was told is a violation.
   * @returns undefined for a token that is unknown or has ended
   */
  use(token: string): Caller | undefined;
  /** The same without any effect. */
  find(token: string): Session | undefined;
  /** @returns false when there is no such token */
  end(token: string): boolean;
  /** Ends what was opened with a refresh token. */
  endOf(refreshToken: string): void;
  endAll(): void;
}

interface SessionsOptions {
  core: InstanceCore;
  /** 15 characters, the beginning of every token. */
  organizationId: string;
  timeoutMs(): number;
  /** Calls after which a session ends; null: by its time alone. */
  mostCalls(): number | null;
}

interface SessionRow {
  user: number;
  user_name: string;
  scope: string;
  opened_at: number;
  ends_at: number;
}

/** Calls that were on their way when the end of a token was first told are not held against the client. */
const GRACE_AFTER_REFUSAL_MS = 1_000;
/** Tokens that have ended are remembered so long, to know them when they are used again. */
const REMEMBERED_MS = 7 * 86_400_000;
const TOKEN_BYTES = 60;

export function createSessions({ core, organizationId, timeoutMs, mostCalls }: SessionsOptions): Sessions {
  const { clock } = core;
  const statements = prepareStatements(core);
  /** When the end of a token was first told, by the machine's clock. */
  const toldAt = new Map<string, number>();

  /** Calls of the sessions that are in use. */
  const callsOf = new Map<string, number>();

  const countCall = (token: string): void => {
    const calls = (callsOf.get(token) ?? 0) + 1;
    callsOf.set(token, calls);
    if (calls === mostCalls()) statements.end.run(clock.now(), token);
  };

  const refuse = (token: string, userName: string): undefined => {
    const first = toldAt.get(token);
    if (first === undefined) toldAt.set(token, performance.now());
    else if (performance.now() - first > GRACE_AFTER_REFUSAL_MS)
      core.countViolation('expiredTokenUsedAgain', `by ${userName}`);
    return undefined;
  };

  return {
    open({ caller, scope, refreshToken }) {
      const now = clock.now();
      const token = `${organizationId}!${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      statements.forget.run(now - REMEMBERED_MS);
      statements.insert.run(token, caller.user, caller.userName, scope, refreshToken ?? null, now, now + timeoutMs());
      return token;
    },
    use(token) {
      const now = clock.now();
      const row = statements.touch.get(now + timeoutMs(), token, now) as SessionRow | undefined;
      if (row) {
        countCall(token);
        return callerOf(row);
      }
      const ended = statements.find.get(token) as SessionRow | undefined;
      return ended && refuse(token, ended.user_name);
    },
    find(token) {
      const row = statements.find.get(token) as SessionRow | undefined;
      if (!row || row.ends_at <= clock.now()) return undefined;
      return { caller: callerOf(row), scope: row.scope, openedAt: row.opened_at, endsAt: row.ends_at };
    },
    end: (token) => statements.end.run(clock.now(), token).changes > 0,
    endOf: (refreshToken) => void statements.endOf.run(clock.now(), refreshToken),
    endAll: () => void statements.endAll.run(clock.now()),
  };
}

function callerOf({ user, user_name }: SessionRow): Caller {
  return { user, userName: user_name };
}

function prepareStatements({ database }: InstanceCore) {
  database.exec(`create table if not exists sf_sessions (
    token text primary key, user integer not null, user_name text not null, scope text not null, refresh_token text,
    opened_at integer not null, ends_at integer not null) without rowid`);
  return {
    insert: database.prepare('insert into sf_sessions values (?, ?, ?, ?, ?, ?, ?)'),
    touch: database.prepare(
      'update sf_sessions set ends_at = ? where token = ? and ends_at > ? returning user, user_name',
    ),
    find: database.prepare('select * from sf_sessions where token = ?'),
    end: database.prepare('update sf_sessions set ends_at = min(ends_at, ?) where token = ?'),
    endOf: database.prepare('update sf_sessions set ends_at = min(ends_at, ?) where refresh_token = ?'),
    endAll: database.prepare('update sf_sessions set ends_at = min(ends_at, ?)'),
    forget: database.prepare('delete from sf_sessions where ends_at < ?'),
  };
}
