import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { InstanceCore } from '../core';
import { ApiError } from './api-error';
import type { ApiUser, ApiUsers } from './api-users';
import type { MarketoSettings } from './settings';

/** Requests that were on their way when a token's end was first told are not held against the client. */
const GRACE_AFTER_REFUSAL_MS = 1_000;

export interface TokenAnswer {
  status: number;
  body: Record<string, string | number>;
}

/** Access tokens by the client-credentials grant (Marketo guide, "Authentication"). */
export interface Identity {
  /** Answers `/identity/oauth/token`; its errors are OAuth's, with a real HTTP status. */
  answerTokenRequest(parameters: URLSearchParams): TokenAnswer;
  /** @throws ApiError 600, 601 or 602 */
  authenticate(authorization: string | undefined): ApiUser;
  /** Whose token it is, where it is good; nothing is refused or counted. */
  userOf(authorization: string | undefined): ApiUser | undefined;
  expireAll(): void;
}

interface StoredToken {
  token: string;
  client_id: string;
  expires: number;
}

interface IdentityOptions {
  core: InstanceCore;
  users: ApiUsers;
  settings: () => Readonly<Pick<MarketoSettings, 'tokenLifeMs' | 'callsPerToken'>>;
}

export function createIdentity({ core, users, settings }: IdentityOptions): Identity {
  const { database, clock } = core;
  const statements = prepareStatements(database);
  /** When a token's end was first told, by the machine's clock. */
  const refusedAt = new Map<string, number>();

  /** Calls of the tokens that are in use, where they end by that. */
  const callsOf = new Map<string, number>();
  let hasExpired = false;

  /** Ends a token behind the call that is its last. */
  const countCall = (token: string): void => {
    const most = settings().callsPerToken;
    const calls = (callsOf.get(token) ?? 0) + 1;
    callsOf.set(token, calls);
    if (most === 0 || calls < most) return;
    if (hasExpired) statements.forget.run(token);
    else statements.expireOne.run(clock.now(), token);
    hasExpired = !hasExpired;
  };

  const issue = (user: ApiUser): TokenAnswer => {
    const now = clock.now();
    let token = statements.current.get(user.clientId, now) as StoredToken | undefined;
    if (!token) {
      token = { token: `${randomUUID()}:ab`, client_id: user.clientId, expires: now + settings().tokenLifeMs };
      statements.insert.run(token.token, token.client_id, token.expires, now);
    }
    // the running token again, with what is left of its life, were it less than a second
    const expiresIn = Math.floor((token.expires - now) / 1000);
    return {
      status: 200,
      body: { access_token: token.token, token_type: 'bearer', expires_in: expiresIn, scope: user.userName },
    };
  };

  const tokenIn = (authorization: string | undefined): string | undefined =>
    /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];

  return {
    userOf(authorization) {
      const token = statements.find.get(tokenIn(authorization) ?? '') as StoredToken | undefined;
      return token && clock.now() < token.expires ? users.find(token.client_id) : undefined;
    },
    answerTokenRequest(parameters) {
      const grantType = parameters.get('grant_type');
      if (!grantType) return refusal(400, 'invalid_request', 'Missing grant type');
      if (grantType !== 'client_credentials')
        return refusal(400, 'unsupported_grant_type', `Unsupported grant type: ${grantType}`);
      const clientId = parameters.get('client_id') ?? '';
      const user = users.find(clientId);
      if (!user) return refusal(401, 'unauthorized', `No client with requested id: ${clientId}`);
      if (user.clientSecret !== parameters.get('client_secret'))
        return refusal(401, 'invalid_client', 'Bad client credentials');
      return issue(user);
    },
    authenticate(authorization) {
      const sent = tokenIn(authorization);
      if (sent === undefined) throw new ApiError('600', 'Empty access token');
      const token = statements.find.get(sent) as StoredToken | undefined;
      const user = token && users.find(token.client_id);
      if (!token || !user) throw new ApiError('601', 'Access token invalid');
      if (clock.now() < token.expires) {
        countCall(sent);
        return user;
      }
      const firstRefusal = refusedAt.get(sent);
      if (firstRefusal === undefined) refusedAt.set(sent, performance.now());
      else if (performance.now() - firstRefusal > GRACE_AFTER_REFUSAL_MS)
        core.countViolation('expiredTokenUsedAgain', `by client ${user.clientId}`);
      throw new ApiError('602', 'Access token expired');
    },
    expireAll() {
      statements.expire.run(clock.now());
    },
  };
}

function prepareStatements(database: Database) {
  return {
    current: database.prepare(
      'select token, client_id, expires from mk_tokens where client_id = ? and expires > ? order by expires desc limit 1',
    ),
    insert: database.prepare('insert into mk_tokens (token, client_id, expires, issued) values (?, ?, ?, ?)'),
    find: database.prepare('select token, client_id, expires from mk_tokens where token = ?'),
    forget: database.prepare('delete from mk_tokens where token = ?'),
    expireOne: database.prepare('update mk_tokens set expires = min(expires, ?) where token = ?'),
    expire: database.prepare('update mk_tokens set expires = min(expires, ?)'),
  };
}

const refusal = (status: number, error: string, description: string): TokenAnswer => ({
  status,
  body: { error, error_description: description },
});
