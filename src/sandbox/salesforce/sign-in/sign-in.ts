import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express';
import { notFound } from '../api-error';
import { BodyTooLarge, type Caller, ClientGone, readBody } from '../http-call';
import type { Org } from '../org';
import type { Sessions } from '../sessions';
import type { SetupRecords } from '../setup-records';
import { answerAuthorizePage, showAuthorizePage } from './authorize';
import { authenticateClient } from './client-authentication';
import { createGrants } from './grants';
import { identityOf, userInfoOf } from './identity';
import { OAuthError } from './oauth-error';
import { answerSoap } from './soap-login';
import { requestToken, type SignInParts } from './token-flows';

const MAX_BODY_BYTES = 1_048_576;
const SECOND_MS = 1_000;
/** Help, "Identity URLs": one word of text instead of the API's errors. */
const IDENTITY_REFUSAL_STATUS = 403;

/** Everything by which clients come to a session and lose it: OAuth 2.0, SOAP login, identity. */
export function createSignIn(org: Org, setup: SetupRecords, sessions: Sessions): Router {
  const parts: SignInParts = { org, setup, sessions, grants: createGrants(org.core) };
  const router = Router();
  router.post('/services/oauth2/token', tokenRoute(parts));
  router.get('/services/oauth2/token', () => {
    throw new OAuthError('invalid_request', 'must use HTTP POST');
  });
  router.get('/services/oauth2/authorize', (request, response) => showAuthorizePage(parts, request, response));
  router.post('/services/oauth2/authorize', async (request, response) => {
    answerAuthorizePage(parts, await formOf(request), response);
  });
  router.get('/services/oauth2/revoke', revokeRoute(parts));
  router.post('/services/oauth2/revoke', revokeRoute(parts));
  router.post('/services/oauth2/introspect', introspectRoute(parts));
  router.all('/services/oauth2/userinfo', identityRoute(parts, userInfoOf));
  router.get('/id/:organization/:user', ownIdentity(parts), identityRoute(parts, identityOf));
  router.post(['/services/Soap/:api/:version', '/services/Soap/:api/:version/:organization'], soapRoute(parts));
  router.use(refusals);
  return router;
}

/** The token that a call brings along. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^(?:Bearer|OAuth)\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
}

/** The org's address as the client has called it: plain or over TLS, by whatever name. */
function baseUrlOf(org: Org, request: Request): string {
  const { host } = request.headers;
  return host === undefined ? org.core.url : `${request.protocol}://${host}`;
}

/** Parameters of the body, then those of the address; the first of a name counts. */
async function formOf(request: Request): Promise<URLSearchParams> {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
  const body = isForm ? await readBody(request, MAX_BODY_BYTES) : '';
  const { search } = new URL(request.originalUrl, 'http://sandbox');
  return new URLSearchParams([body.toString('utf8'), search.slice(1)].filter((part) => part !== '').join('&'));
}

function tokenRoute(parts: SignInParts): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    const form = await formOf(request);
    const baseUrl = baseUrlOf(parts.org, request);
    response.json(requestToken(parts, { form, authorization: request.headers.authorization, baseUrl }));
  };
}

/** Ends a session, or a refresh token with all its sessions (help, "Revoke OAuth Tokens"). */
function revokeRoute({ grants, sessions }: SignInParts): RequestHandler {
  return async (request, response) => {
    const token = (await formOf(request)).get('token') ?? '';
    if (grants.endRefreshToken(token)) sessions.endOf(token);
    else if (!sessions.end(token)) throw new OAuthError('invalid_token', 'invalid token');
    response.status(200).end();
  };
}

/** Help, "OpenID Connect Token Introspection". */
function introspectRoute({ org, setup, sessions }: SignInParts): RequestHandler {
  return async (request, response) => {
    const form = await formOf(request);
    authenticateClient(form, request.headers.authorization, org.settings, 'required');
    const session = sessions.find(form.get('token') ?? '');
    if (!session) return void response.json({ active: false });
    const { caller, scope, openedAt, endsAt } = session;
    response.json({
      active: true,
      scope,
      client_id: org.settings.clientId,
      username: caller.userName,
      sub: `${baseUrlOf(org, request)}/id/${setup.organizationId}/${org.ids.encode(caller.user)}`,
      token_type: 'access_token',
      iat: Math.floor(openedAt / SECOND_MS),
      nbf: Math.floor(openedAt / SECOND_MS),
      exp: Math.floor(endsAt / SECOND_MS),
    });
  };
}

/** Refuses identity URLs of another org or user. */
function ownIdentity({ org, setup }: SignInParts): RequestHandler<{ organization: string; user: string }> {
  return ({ params }, response, next) => {
    const { ids } = org;
    if (ids.parse(params.organization) !== ids.parse(setup.organizationId))
      return void response.status(IDENTITY_REFUSAL_STATUS).type('text').send('Wrong_Org');
    if (ids.parse(params.user) !== setup.userReference) return void response.status(404).type('text').send('Bad_Id');
    next();
  };
}

function identityRoute(
  { org, setup, sessions }: SignInParts,
  body: (context: { org: Org; setup: SetupRecords; caller: Caller; baseUrl: string }) => unknown,
): RequestHandler {
  return async (request, response) => {
    const token = bearerOf(request.headers.authorization) ?? (await formOf(request)).get('access_token');
    const caller = token === null ? undefined : sessions.use(token);
    if (caller) return void response.json(body({ org, setup, caller, baseUrl: baseUrlOf(org, request) }));
    const refusal = token === null ? 'Missing_OAuth_Token' : 'Bad_OAuth_Token';
    response.status(IDENTITY_REFUSAL_STATUS).type('text').send(refusal);
  };
}

function soapRoute(parts: SignInParts): RequestHandler<{ api: string; version: string }> {
  return async (request, response, next) => {
    const { api, version } = request.params;
    if (api !== 'u' && api !== 'c') return next();
    const body = (await readBody(request, MAX_BODY_BYTES)).toString('utf8');
    const answer = answerSoap(parts, { api, version, body, baseUrl: baseUrlOf(parts.org, request) });
    response.status(answer.status).set('Content-Type', 'text/xml; charset=utf-8').send(answer.body);
  };
}

const refusals: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof ClientGone) return; // nobody is there to be told
  if (error instanceof OAuthError) response.status(400).json(error.body());
  else if (error instanceof BodyTooLarge) response.set('Connection', 'close').status(413).end();
  else next(error instanceof URIError ? notFound() : error); // a path that cannot be decoded
};
