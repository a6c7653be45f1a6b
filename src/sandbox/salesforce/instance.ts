import express, { type NextFunction, type Request, type Response, Router } from 'express';
import type { Credentials, InstanceCore, VendorInstance } from '../core';
import { ApiError, notFound } from './api-error';
import { createApiUsage } from './api-usage';
import { createBulkApi } from './bulk/bulk-api';
import { collectionRoutes } from './collection-routes';
import { compositeRoutes } from './composite-routes';
import { Dispatcher } from './dispatcher';
import type { Caller } from './http-call';
import { metadataRoutes } from './metadata-routes';
import { Org } from './org';
import { OrgRules } from './org-rules';
import { queryRoutes } from './query-routes';
import { RecordAccess } from './record-access';
import { recordRoutes } from './record-routes';
import { replicationRoutes } from './replication-routes';
import { createRestService } from './rest-service';
import { createSessions, type Sessions } from './sessions';
import { ensureSetupRecords, type SetupRecords } from './setup-records';
import { API_VERSIONS } from './versions';

/** One org: its address's handlers, and the doors for tests and for who fills it. */
export interface SalesforceInstance extends VendorInstance {
  readonly org: Org;
  readonly rules: OrgRules;
  readonly access: RecordAccess;
  readonly setup: SetupRecords;
  expireTokens(): void;
}

/** Salesforce's behaviour over one instance's state. */
export function createSalesforceInstance(core: InstanceCore): SalesforceInstance {
  const org = new Org(core);
  const rules = new OrgRules(org);
  const access = new RecordAccess(org, rules);
  const setup = ensureSetupRecords(org);
  const sessions = createSessions(core);
  const usage = createApiUsage(core);
  const bulk = createBulkApi(access);
  const dispatcher: Dispatcher = new Dispatcher([
    ...metadataRoutes(access, usage),
    ...queryRoutes(access.queries),
    ...collectionRoutes(access),
    ...compositeRoutes(() => dispatcher, access),
    ...replicationRoutes(access),
    ...recordRoutes(access),
  ]);
  const callerOf = (authorization: string | undefined): Caller | undefined => {
    const [, token = ''] = /^(?:Bearer|OAuth) (\S+)$/.exec(authorization ?? '') ?? [];
    return sessions.use(token) === null ? undefined : { user: setup.userReference, userName: setup.username };
  };
  const rest = createRestService({ org, usage, dispatcher, bulk, callerOf });

  const router = Router();
  router.post('/services/oauth2/token', express.urlencoded({ extended: false }), tokens(org, sessions, setup));
  router.get('/services/data', (_request, response) => void response.json(API_VERSIONS));
  router.get('/id/:organization/:user', (request, response) => {
    if (!callerOf(request.headers.authorization)) throw notSignedIn();
    response.json(identity(setup));
  });
  router.use((request: Request, response: Response, next: NextFunction) => {
    const url = new URL(request.originalUrl, `${request.protocol}://${request.headers.host ?? 'localhost'}`);
    rest(request, response, url).then((isAnswered) => {
      if (!isAnswered) next(notFound());
    }, next);
  });
  router.use(errors);
  return {
    router,
    org,
    rules,
    access,
    setup,
    get credentials() {
      return credentialsOf(org, setup);
    },
    stop: () => bulk.stop(),
    expireTokens: () => sessions.endAll(),
  };
}

function credentialsOf({ settings }: Org, { username }: SetupRecords): Required<Credentials> {
  const { clientId, clientSecret, password } = settings;
  return { clientId, clientSecret, username, password };
}

const notSignedIn = (): ApiError => new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

const refuse = (response: Response, error: string, description: string): void => {
  response.status(400).json({ error, error_description: description });
};

/** `client_credentials` and the password flow, with the refusals that Salesforce gives (help, "OAuth Error Codes"). */
const tokens = (org: Org, sessions: Sessions, setup: SetupRecords) => (request: Request, response: Response) => {
  const form = (request.body ?? {}) as Record<string, string | undefined>;
  const { clientId, clientSecret, username, password } = credentialsOf(org, setup);
  const flow = form.grant_type;
  if (flow !== 'client_credentials' && flow !== 'password')
    return refuse(response, 'unsupported_grant_type', 'grant type not supported');
  if (form.client_id !== clientId) return refuse(response, 'invalid_client_id', 'client identifier invalid');
  if (form.client_secret !== clientSecret) return refuse(response, 'invalid_client', 'invalid client credentials');
  if (flow === 'password' && (form.username !== username || form.password !== password))
    return refuse(response, 'invalid_grant', 'authentication failure');
  response.json({
    access_token: sessions.open(username),
    signature: 'c2FuZGJveA==',
    scope: 'api',
    instance_url: org.core.url,
    id: `${org.core.url}/id/${setup.organizationId}/${setup.userId}`,
    token_type: 'Bearer',
    issued_at: String(org.now()),
  });
};

const identity = ({ organizationId, userId, username }: SetupRecords) => ({
  user_id: userId,
  organization_id: organizationId,
  username,
  display_name: 'Sandbox User',
  email: username,
});

/** Errors are an array, whatever they are about (REST guide, "Status Codes and Error Responses"). */
function errors(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (error instanceof ApiError) response.status(error.status).json(error.body());
  else next(error);
}
