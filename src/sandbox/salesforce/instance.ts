import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { InstanceCore, VendorInstance } from '../core';
import { ApiError, notFound } from './api-error';
import { createSessions, type Sessions } from './sessions';

const CREDENTIALS = {
  clientId: 'sandbox',
  clientSecret: 'sandbox',
  username: 'sandbox@example.com',
  password: 'sandbox',
};
/** Versions that are served (REST guide, "Versions"); older ones are gone. */
const VERSIONS = [
  { label: "Spring '24", version: '60.0' },
  { label: "Summer '24", version: '61.0' },
  { label: "Winter '25", version: '62.0' },
  { label: "Spring '25", version: '63.0' },
  { label: "Summer '25", version: '64.0' },
];
/** A full sandbox's calls of 24 hours (API Request Limits and Allocations). */
const DAILY_CALLS = 5_000_000;

/** Salesforce's behaviour over one instance's state. */
export function createSalesforceInstance(core: InstanceCore): VendorInstance {
  const sessions = createSessions(core);
  core.database.exec('create table if not exists api_usage (hour integer primary key, calls integer not null)');
  const router = Router();
  router.post('/services/oauth2/token', express.urlencoded({ extended: false }), tokens(core, sessions));
  router.get('/services/data', (_request, response) => void response.json(VERSIONS.map(withUrl)));
  router.use(signedIn(core, sessions));
  router.get('/services/data/:version/limits', (_request, response) => void response.json(limits(callsOfDay(core))));
  router.get('/id/:organization/:user', (_request, response) => void response.json(identity(sessions)));
  router.use(() => {
    throw notFound();
  });
  router.use(errors);
  return { router, credentials: CREDENTIALS, stop: () => undefined, expireTokens: () => sessions.endAll() };
}

const withUrl = (each: (typeof VERSIONS)[number]) => ({ ...each, url: `/services/data/v${each.version}` });

const refuse = (response: Response, error: string, description: string): void => {
  response.status(400).json({ error, error_description: description });
};

/** `client_credentials` and the password flow, with the refusals that Salesforce gives (help, "OAuth Error Codes"). */
const tokens =
  (core: InstanceCore, sessions: Sessions): RequestHandler =>
  (request, response) => {
    const form = (request.body ?? {}) as Record<string, string | undefined>;
    const { clientId, clientSecret, username, password } = CREDENTIALS;
    const flow = form.grant_type;
    if (flow !== 'client_credentials' && flow !== 'password') {
      return refuse(response, 'unsupported_grant_type', 'grant type not supported');
    }
    if (form.client_id !== clientId) return refuse(response, 'invalid_client_id', 'client identifier invalid');
    if (form.client_secret !== clientSecret) return refuse(response, 'invalid_client', 'invalid client credentials');
    if (flow === 'password' && (form.username !== username || form.password !== password)) {
      return refuse(response, 'invalid_grant', 'authentication failure');
    }
    response.json({
      access_token: sessions.open(username),
      signature: 'c2FuZGJveA==',
      scope: 'api',
      instance_url: core.url,
      id: `${core.url}/id/${sessions.organizationId}/${sessions.userId}`,
      token_type: 'Bearer',
      issued_at: String(core.clock.now()),
    });
  };

const signedIn =
  (core: InstanceCore, sessions: Sessions): RequestHandler =>
  (request, response, next) => {
    const [, token = ''] = /^(?:Bearer|OAuth) (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (sessions.use(token) === null) throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    countCall(core);
    response.setHeader('Sforce-Limit-Info', `api-usage=${callsOfDay(core)}/${DAILY_CALLS}`);
    next();
  };

const HOUR_MS = 3_600_000;

function countCall({ database, clock }: InstanceCore): void {
  const hour = Math.floor(clock.now() / HOUR_MS);
  database
    .prepare('insert into api_usage (hour, calls) values (?, 1) on conflict (hour) do update set calls = calls + 1')
    .run(hour);
}

/** Calls of the last 24 hours. */
function callsOfDay({ database, clock }: InstanceCore): number {
  const since = Math.floor(clock.now() / HOUR_MS) - 24;
  const row = database.prepare('select total(calls) as calls from api_usage where hour > ?').get(since) as {
    calls: number;
  };
  return row.calls;
}

const limits = (used: number) => ({
  DailyApiRequests: { Max: DAILY_CALLS, Remaining: Math.max(0, DAILY_CALLS - used) },
});

const identity = ({ organizationId, userId }: Sessions) => ({
  user_id: userId,
  organization_id: organizationId,
  username: CREDENTIALS.username,
  display_name: 'Sandbox User',
  email: CREDENTIALS.username,
});

/** Errors are an array, whatever they are about (REST guide, "Status Codes and Error Responses"). */
function errors(error: unknown, _request: Request, response: Response, next: (error: unknown) => void): void {
  if (error instanceof ApiError) response.status(error.status).json(error.body());
  else next(error);
}
