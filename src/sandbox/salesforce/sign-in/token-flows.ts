import { createHmac } from 'node:crypto';
import type { Caller } from '../http-call';
import type { Org } from '../org';
import type { Sessions } from '../sessions';
import type { SetupRecords } from '../setup-records';
import { fold } from '../text-folding';
import { authenticateClient, sameText } from './client-authentication';
import { fitsChallenge, type Grants } from './grants';
import { userOfAssertion } from './jwt-assertion';
import { authenticationFailure, OAuthError, requiredParameter } from './oauth-error';
import { isActive, userRecord } from './user-record';

export interface SignInParts {
  org: Org;
  setup: SetupRecords;
  sessions: Sessions;
  grants: Grants;
}

export interface TokenRequest {
  form: URLSearchParams;
  /** The header. */
  authorization: string | undefined;
  /** The org's address as the client has called it. */
  baseUrl: string;
}

interface Granted {
  caller: Caller;
  scope: string;
  /** What the session hangs on. */
  refreshToken?: string;
  /** A new refresh token for the client. */
  shownRefreshToken?: string;
}

type Flow = (parts: SignInParts, request: TokenRequest) => Granted;

const API_SCOPE = 'api';

const FLOWS: Readonly<Record<string, Flow>> = {
  client_credentials: clientCredentials,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': jwtBearer,
  refresh_token: refresh,
  authorization_code: authorizationCode,
  password,
};

/**
 * Signs in by any of the flows (help, "OAuth Authorization Flows").
 * @returns the answer's body
 * @throws OAuthError
 */
export function requestToken(parts: SignInParts, request: TokenRequest): Record<string, string> {
  const name = request.form.get('grant_type') ?? '';
  const flow = Object.hasOwn(FLOWS, name) ? FLOWS[name] : undefined;
  if (!flow) throw new OAuthError('unsupported_grant_type', 'grant type not supported');
  const { org, sessions, setup } = parts;
  const { caller, scope, refreshToken, shownRefreshToken } = flow(parts, request);
  if (!isActive(userRecord(org, caller.user))) throw new OAuthError('inactive_user', 'user is inactive');
  const id = `${request.baseUrl}/id/${setup.organizationId}/${setup.userId}`;
  const issuedAt = String(org.now());
  return {
    access_token: sessions.open({ caller, scope, refreshToken }),
    ...(shownRefreshToken === undefined ? {} : { refresh_token: shownRefreshToken }),
    signature: createHmac('sha256', org.settings.clientSecret)
      .update(id + issuedAt)
      .digest('base64'),
    scope,
    instance_url: request.baseUrl,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  };
}

/** The one user whose name it is, whatever its case. */
export function callerNamed({ setup }: SignInParts, username: string): Caller | undefined {
  if (fold(username) !== fold(setup.username)) return undefined;
  return { user: setup.userReference, userName: setup.username };
}

/** Whether these are the password and, behind it, the security token. */
export function isPassword({ settings }: Org, sent: string): boolean {
  return sameText(sent, settings.password + settings.securityToken);
}

function clientCredentials({ org, setup }: SignInParts, { form, authorization }: TokenRequest): Granted {
  authenticateClient(form, authorization, org.settings, 'required');
  if (!org.settings.clientCredentialsEnabled)
    throw new OAuthError('invalid_grant', 'no client credentials user enabled');
  return { caller: { user: setup.userReference, userName: setup.username }, scope: API_SCOPE };
}

function jwtBearer(parts: SignInParts, { form, baseUrl }: TokenRequest): Granted {
  const { org } = parts;
  const username = userOfAssertion(requiredParameter(form, 'assertion'), {
    settings: org.settings,
    nowMs: org.now(),
    ownAddresses: [baseUrl, org.core.url],
  });
  const caller = callerNamed(parts, username);
  if (!caller || !org.settings.jwtPreApproved)
    throw new OAuthError('invalid_grant', "user hasn't approved this consumer");
  return { caller, scope: API_SCOPE };
}

function refresh({ org, grants, sessions }: SignInParts, { form, authorization }: TokenRequest): Granted {
  const token = requiredParameter(form, 'refresh_token');
  authenticateClient(form, authorization, org.settings, 'optional');
  const grant = grants.findRefreshToken(token);
  if (!grant) throw new OAuthError('invalid_grant', 'expired access/refresh token');
  if (!org.settings.rotateRefreshTokens) return { ...grant, refreshToken: token };
  grants.endRefreshToken(token);
  sessions.endOf(token);
  const next = grants.addRefreshToken(grant);
  return { ...grant, refreshToken: next, shownRefreshToken: next };
}

function authorizationCode({ org, grants }: SignInParts, { form, authorization }: TokenRequest): Granted {
  const code = requiredParameter(form, 'code');
  const redirectUri = requiredParameter(form, 'redirect_uri');
  const hasSecret = authenticateClient(form, authorization, org.settings, 'optional');
  const consent = grants.takeCode(code);
  if (!consent) throw new OAuthError('invalid_grant', 'expired authorization code');
  if (consent.redirectUri !== redirectUri)
    throw new OAuthError('redirect_uri_mismatch', 'redirect_uri must match configuration');
  if (consent.challenge === null && !hasSecret) throw new OAuthError('invalid_client', 'invalid client credentials');
  if (consent.challenge !== null && !fitsChallenge(form.get('code_verifier') ?? '', consent.challenge))
    throw new OAuthError('invalid_grant', 'invalid code verifier');
  const { caller, scope } = consent;
  if (!/\b(?:refresh_token|offline_access)\b/.test(scope)) return { caller, scope };
  const refreshToken = grants.addRefreshToken({ caller, scope });
  return { caller, scope, refreshToken, shownRefreshToken: refreshToken };
}

function password(parts: SignInParts, { form, authorization }: TokenRequest): Granted {
  const { org } = parts;
  authenticateClient(form, authorization, org.settings, 'required');
  const caller = callerNamed(parts, requiredParameter(form, 'username'));
  const isRight = isPassword(org, requiredParameter(form, 'password'));
  if (!caller || !isRight || !org.settings.passwordFlowEnabled) throw authenticationFailure();
  return { caller, scope: API_SCOPE };
}
