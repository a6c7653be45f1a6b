import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { ApiDeps } from './deps';
import { documents } from './documents';
import { health } from './health';
import { Problem, problems, sendProblem, unknownRoute } from './problem';
import { API_PREFIX, ROUTES } from './routes';
import { serveRoute } from './serve-route';
import { allowedHosts } from './sign-in';

const BODY_LIMIT = '1mb';

/** The API as an Express application; it does not listen. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(numbered(deps), knownHost(deps), securityHeaders());
  app.use(health(deps), documents(deps));
  app.get('/', (_request, response) => response.redirect('/docs'));
  app.use(express.json({ limit: BODY_LIMIT, strict: false }));
  for (const spec of ROUTES) app[spec.method](`${API_PREFIX}${spec.path}`, serveRoute(spec, deps));
  for (const path of new Set(ROUTES.map((spec) => spec.path))) app.all(`${API_PREFIX}${path}`, wrongMethod(path));
  app.use(unknownRoute);
  app.use(problems(deps.log));
  return app;
}

/** Each request has a number, which its answer and the log carry. */
const numbered =
  ({ log }: ApiDeps): RequestHandler =>
  (request, response, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    response.setHeader('X-Request-Id', requestId);
    response.once('finish', () => {
      const ms = Math.round(performance.now() - startedAt);
      log.info({ requestId, method: request.method, path: request.path, status: response.statusCode, ms }, 'request');
    });
    next();
  };

/** A web page that has its own name resolve to this machine must not use the API (DNS rebinding). */
function knownHost({ settings }: ApiDeps): RequestHandler {
  const hosts = allowedHosts(settings);
  return (request, response, next) => {
    if (hosts.has((request.headers.host ?? '').toLowerCase())) return next();
    sendProblem(
      response,
      new Problem(403, 'This host name is not answered. Set SYNC_PUBLIC_URL to the address that people use.'),
    );
  };
}

const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // the document viewer sets style attributes
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });

const wrongMethod =
  (path: string): RequestHandler =>
  (request, response) => {
    const methods = ROUTES.filter((spec) => spec.path === path).map((spec) => spec.method.toUpperCase());
    response.setHeader('Allow', methods.join(', '));
    sendProblem(response, new Problem(405, `${request.method} is not taken here; ${methods.join(', ')} is.`));
  };
