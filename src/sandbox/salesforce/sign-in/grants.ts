import { createHash, randomBytes } from 'node:crypto';
import type { InstanceCore } from '../../core';
import type { Caller } from '../http-call';

/** What a user has allowed on the sign-in page. */
export interface Consent {
  caller: Caller;
  scope: string;
  redirectUri: string;
  /** PKCE's challenge; null where the client sent none. */
  challenge: string | null;
}

export interface RefreshGrant {
  caller: Caller;
  scope: string;
}

/** Codes and refresh tokens of one org; they survive a restart. */
export interface Grants {
  /** @returns a code that can be used once, soon */
  addCode(consent: Consent): string;
  /** @returns undefined for a code that is unknown, used or too old */
  takeCode(code: string): Consent | undefined;
  addRefreshToken(grant: RefreshGrant): string;
  /** @returns undefined for one that is unknown or has ended */
  findRefreshToken(token: string): RefreshGrant | undefined;
  /** @returns false when there is no such token */
  endRefreshToken(token: string): boolean;
}

/** Help, "OAuth 2.0 Web Server Flow": a code expires after 15 minutes. */
const CODE_LIFE_MS = 15 * 60_000;
const TOKEN_BYTES = 48;

interface GrantRow {
  user: number;
  user_name: string;
  scope: string;
}

interface CodeRow extends GrantRow {
  redirect_uri: string;
  challenge: string | null;
}

export function createGrants({ database, clock }: InstanceCore): Grants {
  database.exec(`
    create table if not exists sf_codes (
      code text primary key, user integer not null, user_name text not null, scope text not null,
      redirect_uri text not null, challenge text, ends_at integer not null) without rowid;
    create table if not exists sf_refresh_tokens (
      token text primary key, user integer not null, user_name text not null, scope text not null) without rowid`);
  const insertCode = database.prepare('insert into sf_codes values (?, ?, ?, ?, ?, ?, ?)');
  const takeCode = database.prepare('delete from sf_codes where code = ? and ends_at > ? returning *');
  const forgetCodes = database.prepare('delete from sf_codes where ends_at <= ?');
  const insertToken = database.prepare('insert into sf_refresh_tokens values (?, ?, ?, ?)');
  const findToken = database.prepare('select * from sf_refresh_tokens where token = ?');
  const endToken = database.prepare('delete from sf_refresh_tokens where token = ?');
  return {
    addCode({ caller, scope, redirectUri, challenge }) {
      const code = `aPrx${secret()}==`; // as the vendor's: whoever does not encode it in a form loses it
      const now = clock.now();
      forgetCodes.run(now);
      insertCode.run(code, caller.user, caller.userName, scope, redirectUri, challenge, now + CODE_LIFE_MS);
      return code;
    },
    takeCode(code) {
      const row = takeCode.get(code, clock.now()) as CodeRow | undefined;
      return row && { ...grantOf(row), redirectUri: row.redirect_uri, challenge: row.challenge };
    },
    addRefreshToken({ caller, scope }) {
      const token = `5Aep${secret()}`;
      insertToken.run(token, caller.user, caller.userName, scope);
      return token;
    },
    findRefreshToken(token) {
      const row = findToken.get(token) as GrantRow | undefined;
      return row && grantOf(row);
    },
    endRefreshToken: (token) => endToken.run(token).changes > 0,
  };
}

function grantOf({ user, user_name, scope }: GrantRow): RefreshGrant {
  return { caller: { user, userName: user_name }, scope };
}

function secret(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Whether the verifier belongs to PKCE's challenge (RFC 7636; Salesforce takes SHA-256 alone). */
export function fitsChallenge(verifier: string, challenge: string): boolean {
  return createHash('sha256').update(verifier).digest('base64url') === challenge.replace(/=+$/, '');
}
