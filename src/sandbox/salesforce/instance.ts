import { type NextFunction, type Request, type Response, Router } from 'express';
import type { Credentials, InstanceCore, VendorInstance } from '../core';
import { ApiError, notFound } from './api-error';
import { createApiUsage } from './api-usage';
import { createBulkApi } from './bulk/bulk-api';
import { collectionRoutes } from './collection-routes';
import { compositeRoutes } from './composite-routes';
import { createControlRouter } from './control-router';
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
import { createSessions } from './sessions';
import { ensureSetupRecords, type SetupRecords } from './setup-records';
import { bearerOf, createSignIn } from './sign-in/sign-in';
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
  const sessions = createSessions({
    core,
    organizationId: setup.organizationId.slice(0, 15),
    timeoutMs: () => org.settings.sessionTimeoutMs,
    mostCalls: () => org.settings.callsPerSession,
  });
  const usage = createApiUsage(core);
  const bulk = createBulkApi(access);
  const dispatcher: Dispatcher = new Dispatcher([
    ...metadataRoutes(access, usage, setup),
    ...queryRoutes(access),
    ...collectionRoutes(access),
    ...compositeRoutes(() => dispatcher, access),
    ...replicationRoutes(access),
    ...recordRoutes(access),
  ]);
  const callerOf = (authorization: string | undefined): Caller | undefined =>
    sessions.use(bearerOf(authorization) ?? '');
  const rest = createRestService({ org, usage, dispatcher, bulk, callerOf });

  const router = Router();
  router.use((_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Date', new Date(org.now()).toUTCString());
    next();
  });
  router.use(createSignIn(org, setup, sessions));
  router.get('/services/data', (_request, response) => void response.json(API_VERSIONS));
  router.use((request: Request, response: Response, next: NextFunction) => {
    const base = `${request.protocol}://${request.headers.host ?? 'localhost'}`;
    if (!URL.canParse(request.originalUrl, base)) throw notFound();
    const url = new URL(request.originalUrl, base);
    rest(request, response, url).then((isAnswered) => {
      if (!isAnswered) next(notFound());
    }, next);
  });
  router.use(errors);
  return {
    router,
    controlRouter: createControlRouter(access, setup),
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

/** Errors are an array, whatever they are about (REST guide, "Status Codes and Error Responses"). */
function errors(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (error instanceof ApiError) response.status(error.status).json(error.body());
  else next(error);
}
