import { createSign } from 'node:crypto';
import { Connection, OAuth2 } from 'jsforce';
import { z } from 'zod';
import type { SalesforceSettings } from '../../domain/connection';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { errorOfCode } from './errors';
import type { HttpTransport } from './http-transport';

/** SOAP login ends with this version (release notes, "SOAP API login() Call is Being Retired"). */
const LAST_SOAP_LOGIN_VERSION = 64;
/** Salesforce accepts an assertion that expires within a few minutes (help, "OAuth 2.0 JWT Bearer Flow"). */
const ASSERTION_SECONDS = 180;

export const session = z.object({
  accessToken: z.string(),
  instanceUrl: z.string(),
  /** 18 characters. */
  organizationId: z.string(),
  userId: z.string(),
  /** Where Salesforce describes user and organisation; null where a sign-in names none. */
  identityUrl: z.string().nullable(),
  /** A new refresh token, when one was handed out. */
  refreshToken: z.string().nullable().default(null),
});
export type Session = z.output<typeof session>;

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  instance_url: z.url(),
  id: z.url(),
  refresh_token: z.string().min(1).optional(),
});

/**
 * Signs in once, by the flow of the settings. Has to run in a call context with `isSignIn`.
 * @param refreshToken the one to use instead of that of the settings, when Salesforce has handed out a newer one
 */
export async function signIn(
  settings: SalesforceSettings,
  refreshToken: string | null,
  transport: HttpTransport,
  deps: ConnectorDeps,
): Promise<Session> {
  try {
    const signedIn =
      settings.auth.type === 'password'
        ? await signInBySoap(settings, settings.auth, transport)
        : await signInByToken(settings, refreshToken, transport, deps);
    deps.checkUrl(signedIn.instanceUrl);
    return signedIn;
  } catch (error) {
    throw refusalOf(error, deps);
  }
}

async function signInByToken(
  settings: SalesforceSettings,
  refreshToken: string | null,
  transport: HttpTransport,
  deps: ConnectorDeps,
): Promise<Session> {
  const { auth, loginUrl } = settings;
  const client = 'clientSecret' in auth && auth.clientSecret ? { clientSecret: auth.clientSecret } : {};
  // a JWT names the client inside of the assertion
  const oauth2 = new OAuth2({
    loginUrl,
    ...(auth.type === 'jwt' || auth.type === 'password' ? {} : { clientId: auth.clientId, ...client }),
  });
  oauth2._transport = transport;
  return sessionOfAnswer(await requestToken());

  function requestToken(): Promise<unknown> {
    if (auth.type === 'refreshToken') return oauth2.refreshToken(refreshToken ?? auth.refreshToken);
    if (auth.type === 'jwt') {
      const assertion = jwtAssertion(auth, loginUrl, deps.now());
      return oauth2.requestToken({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    }
    return oauth2.requestToken({ grant_type: 'client_credentials' });
  }
}

/** Reads the answer of the token endpoint. @throws ConnectorError where it cannot be read */
function sessionOfAnswer(body: unknown): Session {
  const answer = tokenAnswer.safeParse(body);
  if (!answer.success) throw unreadableSignIn();
  const { access_token, instance_url, id, refresh_token } = answer.data;
  const [organization = '', user = ''] = id.split('/').slice(-2);
  return {
    accessToken: access_token,
    instanceUrl: new URL(instance_url).origin,
    organizationId: salesforceId18(organization) ?? organization,
    userId: salesforceId18(user) ?? user,
    identityUrl: id,
    refreshToken: refresh_token ?? null,
  };
}

/** The code that a person's consent gave, as the token endpoint takes it. */
export interface ConsentCode {
  code: string;
  /** Of which the authorisation carried the hash (RFC 7636). */
  verifier: string;
  redirectUri: string;
}

/** Turns a code into a session. Has to run in a call context with `isSignIn`. */
export async function signInByCode(
  client: { loginUrl: string; clientId: string; clientSecret?: string | undefined },
  { code, verifier, redirectUri }: ConsentCode,
  transport: HttpTransport,
  deps: ConnectorDeps,
): Promise<Session> {
  const { clientSecret, ...rest } = client;
  const oauth2 = new OAuth2({ ...rest, ...(clientSecret ? { clientSecret } : {}) });
  oauth2._transport = transport;
  try {
    const answer = await oauth2.requestToken({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    });
    const session = sessionOfAnswer(answer);
    deps.checkUrl(session.instanceUrl);
    return session;
  } catch (error) {
    throw refusalOf(error, deps);
  }
}

async function signInBySoap(
  settings: SalesforceSettings,
  auth: { username: string; password: string; securityToken?: string | undefined },
  transport: HttpTransport,
): Promise<Session> {
  const version = Math.min(Number.parseInt(settings.apiVersion, 10), LAST_SOAP_LOGIN_VERSION);
  const connection = new Connection({ loginUrl: settings.loginUrl, version: `${version}.0` });
  connection._transport = transport;
  const { id, organizationId } = await connection.loginBySoap(
    auth.username,
    auth.password + (auth.securityToken ?? ''),
  );
  const { accessToken, instanceUrl } = connection;
  if (!accessToken) throw new Error('could not extract session information from login response');
  return {
    accessToken,
    instanceUrl: new URL(instanceUrl).origin,
    organizationId: salesforceId18(organizationId) ?? organizationId,
    userId: salesforceId18(id) ?? id,
    identityUrl: null,
    refreshToken: null,
  };
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The signed statement of who signs in (help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration"). */
function jwtAssertion(
  auth: { clientId: string; username: string; privateKey: string },
  audience: string,
  now: number,
): string {
  const claims = {
    iss: auth.clientId,
    sub: auth.username,
    aud: audience,
    exp: Math.floor(now / 1_000) + ASSERTION_SECONDS,
  };
  const signed = `${base64url({ alg: 'RS256' })}.${base64url(claims)}`;
  try {
    // a key that was pasted into a one-line setting has its line breaks spelt out
    const key = auth.privateKey.replace(/\\n/g, '\n');
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
  } catch {
    throw new ConnectorError(
      'The private key cannot be used for signing. Enter an RSA private key in PEM form under Connections.',
      'INVALID_PRIVATE_KEY',
      { retry: 'never' },
    );
  }
}

/** jsforce throws an error named by OAuth's code, or a plain one whose message is the SOAP fault `CODE: text` or the whole body. */
function refusalOf(error: unknown, deps: ConnectorDeps): unknown {
  if (error instanceof ConnectorError || !(error instanceof Error)) return error;
  const { name, message } = error;
  const status = /^ERROR_HTTP_(\d{3})$/.exec(name)?.[1];
  if (status) {
    const isPassing = Number(status) >= 500 || status === '429';
    const message = isPassing
      ? `The login server is not well, or too busy (${status}). Nothing is wrong here: try again in some minutes.`
      : `The login server refused the sign-in (${status}). Check the login URL under Connections.`;
    return new ConnectorError(message, `HTTP_${status}`, { retry: isPassing ? 'soon' : 'never' });
  }
  if (/^[a-z_]{3,60}$/.test(name)) return refusedGrant(name, message, deps);
  if (name !== 'Error') return error;
  const call = { isWrite: false, now: deps.now(), status: 403 };
  if (message.includes('password has expired')) return errorOfCode('INVALID_OPERATION_WITH_EXPIRED_PASSWORD', '', call);
  const fault = /^(?:sf:)?([A-Z_]{3,60})(?::|$)/.exec(message)?.[1];
  return fault ? errorOfCode(fault, '', call) : unreadableSignIn();
}

const unreadableSignIn = (): ConnectorError =>
  new ConnectorError('The sign-in of Salesforce gave an answer that could not be read.', 'UNREADABLE_ANSWER', {
    retry: 'soon',
  });

/** Descriptions that say more than their code (help, "OAuth 2.0 Authorization Errors"); matched by pattern, never shown as they are. */
const GRANT_CAUSES: readonly [RegExp, string][] = [
  [/expired access\/refresh token/i, 'The refresh token has expired or was revoked. Connect the organisation again.'],
  [
    /hasn't approved this consumer/i,
    'The user has not been approved for the connected app. Let an administrator approve the user.',
  ],
  [
    /audience is invalid|invalid assertion/i,
    'Salesforce refused the signed sign-in. Check the private key, the login URL, the client id and the user.',
  ],
  [
    /expired authorization code|invalid authorization code/i,
    'The consent was given too long ago, or used already. Begin again.',
  ],
  [/invalid code verifier/i, 'Salesforce did not recognise who began the sign-in. Begin again.'],
  [/no client credentials user/i, 'The connected app names no user to run as. Let an administrator set one.'],
  [
    /not supported on this domain/i,
    "Client credentials work at the organisation's own address alone. Enter its My Domain address as the login URL.",
  ],
  [
    /authentication failure/i,
    'Salesforce refused the sign-in: wrong secret, locked user, or a forbidden address or time. Check the connection.',
  ],
];

function refusedGrant(code: string, description: string, deps: ConnectorDeps): ConnectorError {
  const cause = GRANT_CAUSES.find(([pattern]) => pattern.test(description));
  return cause
    ? new ConnectorError(`${cause[1]} (${code})`, code, { retry: 'never' })
    : errorOfCode(code, '', { status: 400, isWrite: false, now: deps.now() });
}
