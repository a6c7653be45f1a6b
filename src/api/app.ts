import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import { Registry } from 'prom-client';
import { measureRequests } from '../metrics/http-metrics';
import { hostCheck } from '../security/known-hosts';
import { traceRequests } from '../tracing/spans';
import { CallRates } from './call-rates';
import type { ApiDeps } from './deps';
import { documents } from './documents';
import { EventStreams } from './event-streams';
import { ExecutionFeed } from './execution-feed';
import { health } from './health';
import { metrics } from './metrics';
import { Problem, problems, sendProblem, unknownRoute } from './problem';
import type { Caller } from './route';
import { API_PREFIX, ROUTES } from './routes';
import { securityHeaders } from './security-headers';
import { serveRoute } from './serve-route';
import { signInLink } from './sign-in-link';
import { webUi } from './web-ui';

/** The API as an Express application; it does not listen. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...deps.settings.trustedProxies]);
  const registry = deps.registry ?? new Registry();
  const { callsPerMinute, eventStreams } = deps.settings;
  const routeDeps = {
    ...deps,
    feed: new ExecutionFeed(deps),
    rates: new CallRates(callsPerMinute),
    streams: new EventStreams(eventStreams),
  };
  app.use(traceRequests(), measureRequests(registry), numbered(deps), securityHeaders(deps.settings.publicUrl));
  // probes of an orchestrator, and who collects metrics, call by the address of a container
  app.use(health(deps), metrics(routeDeps, registry), knownHost(deps));
  app.use(documents(deps), signInLink(deps));
  for (const spec of ROUTES) app[spec.method](`${API_PREFIX}${spec.path}`, ...serveRoute(spec, routeDeps));
  if (deps.webFolder === undefined) app.get('/', (_request, response) => response.redirect('/docs'));
  else app.use(webUi(deps.webFolder));
  for (const [path, methods] of methodsByPath()) app.all(path, wrongMethod(methods));
  app.use(unknownRoute);
  app.use(problems(deps.log));
  return app;
}

/**
 * Each request has a number, which its answer and the log carry, together with who made it, where that is known, and from where. What is
 * searched for may be a record's value, so queries are not logged.
 */
const numbered =
  ({ log }: ApiDeps): RequestHandler =>
  (request, response, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    response.setHeader('X-Request-Id', requestId);
    const { method, path } = request;
    const { ip: address } = request;
    response.once('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const status = response.statusCode;
      const { caller } = response.locals as { caller?: Caller };
      const by = caller === undefined ? {} : { callerId: caller.id };
      log[status >= 500 ? 'warn' : 'info']({ requestId, method, path, status, ms, address, ...by }, 'request');
    });
    next();
  };

/** A web page that has its own name resolve to this machine must not use the API (DNS rebinding). */
function knownHost({ settings }: ApiDeps): RequestHandler {
  const isKnown = hostCheck(settings);
  return (request, _response, next) => {
    if (isKnown(request.headers.host)) return next();
    throw new Problem(403, 'This host name is not answered. Set SYNC_PUBLIC_URL to the address that people use.');
  };
}

/** The methods that each path takes, those outside of the API among them. */
function methodsByPath(): Map<string, string[]> {
  const methods = new Map(
    ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/definitions.schema.json', '/docs'].map((path) => [
      path,
      ['GET'],
    ]),
  );
  for (const { path, method } of ROUTES) {
    const whole = `${API_PREFIX}${path}`;
    methods.set(whole, [...(methods.get(whole) ?? []), method.toUpperCase()]);
  }
  return methods;
}

const wrongMethod =
  (methods: readonly string[]): RequestHandler =>
  (request, response) => {
    const allowed = methods.join(', ');
    const problem = new Problem(405, `${request.method} is not taken here; ${allowed} is.`, [], { Allow: allowed });
    sendProblem(response, problem);
  };
