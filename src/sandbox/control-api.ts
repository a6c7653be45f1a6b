import type { ErrorRequestHandler, Request, Response } from 'express';
import express from 'express';
import { z } from 'zod';
import { CONTROL_PAGE, CONTROL_SCRIPT, CONTROL_STYLE } from './control-page';
import { type Clock, VENDOR_KINDS, type VendorKind, WRITE_OPERATIONS } from './core';
import { faultSchema } from './faults';
import type { Defect, InstanceHost } from './instance-host';
import { PortTakenError } from './listener';

export interface ControlDeps {
  clock: Clock;
  instances(): InstanceHost[];
  instance(kind: VendorKind, name: string): InstanceHost | undefined;
  createInstance(
    kind: VendorKind,
    wanted: { name: string; people?: number | undefined; port?: number | undefined; tls?: boolean | undefined },
  ): Promise<InstanceHost>;
  removeInstance(kind: VendorKind, name: string): Promise<boolean>;
  defects(): readonly Defect[];
}

const createSchema = z.strictObject({
  kind: z.enum(VENDOR_KINDS),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, '1 to 40 lower-case letters, digits or hyphens'),
  people: z.number().int().min(0).max(5_000_000).optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  tls: z.boolean().optional(),
});

const clockSchema = z.union([
  z.strictObject({ advanceMs: z.number().min(0).max(1e13) }),
  z.strictObject({ setTo: z.iso.datetime({ offset: true }) }),
]);

const writesQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  object: z.string().optional(),
  recordId: z.string().optional(),
  operation: z.enum(WRITE_OPERATIONS).optional(),
  limit: z.coerce.number().int().min(1).max(1_000_000).optional(),
  last: z.coerce.number().int().min(1).max(1_000_000).optional(),
});

const MAX_BODY = '5mb';

/** The control API and its page: an Express application without a port. */
export function createControlApi(deps: ControlDeps): express.Express {
  const app = express().disable('x-powered-by');
  app.use(express.json({ limit: MAX_BODY }));
  servePage(app);

  app.get('/status', (_request, response) => {
    response.json({
      clock: new Date(deps.clock.now()).toISOString(),
      instances: deps.instances().map(summary),
      defects: deps
        .defects()
        .map(({ instance, method, url, error }) => ({ instance, method, url, error: String(error) })),
    });
  });
  app.get('/clock', (_request, response) => {
    response.json({ now: new Date(deps.clock.now()).toISOString() });
  });
  app.post('/clock', (request, response) => {
    const wanted = clockSchema.parse(request.body);
    if ('advanceMs' in wanted) deps.clock.advance(wanted.advanceMs);
    else deps.clock.set(Date.parse(wanted.setTo));
    response.json({ now: new Date(deps.clock.now()).toISOString() });
  });
  app.get('/instances', (_request, response) => {
    response.json({ instances: deps.instances().map(summary) });
  });
  app.post('/instances', async (request, response) => {
    const { kind, ...wanted } = createSchema.parse(request.body);
    if (deps.instance(kind, wanted.name))
      return refuse(response, 409, `There is an instance ${kind}/${wanted.name} already`);
    response.status(201).json(summary(await deps.createInstance(kind, wanted)));
  });
  app.use('/instances/:kind/:name', instanceRoutes(deps));
  app.use((_request, response) =>
    refuse(response, 404, 'There is nothing at this path; docs/sandbox.md lists what is'),
  );
  app.use(onError);
  return app;
}

function servePage(app: express.Express): void {
  const serve = (path: string, type: string, text: string): void => {
    app.get(path, (_request, response) => {
      response
        .set('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'")
        .set('X-Content-Type-Options', 'nosniff')
        .type(type)
        .send(text);
    });
  };
  serve('/', 'html', CONTROL_PAGE);
  serve('/page.js', 'js', CONTROL_SCRIPT);
  serve('/page.css', 'css', CONTROL_STYLE);
}

/** Everything about one instance. */
function instanceRoutes(deps: ControlDeps): express.Router {
  const router = express.Router({ mergeParams: true });
  const hosts = new WeakMap<Request, InstanceHost>();
  const hostOf = (request: Request): InstanceHost => {
    const host = hosts.get(request);
    if (!host) throw new Error('A route was reached without its instance');
    return host;
  };
  router.use((request: Request<{ kind: string; name: string }>, response, next) => {
    const kind = z.enum(VENDOR_KINDS).safeParse(request.params.kind);
    const host = kind.success ? deps.instance(kind.data, request.params.name) : undefined;
    if (!host) return refuse(response, 404, `There is no instance ${request.params.kind}/${request.params.name}`);
    hosts.set(request as unknown as Request, host); // the same object, typed without its parameters
    next();
  });

  router.get('/', (request: Request, response) => void response.json(summary(hostOf(request))));
  router.delete('/', async (request: Request, response) => {
    const { kind, name } = hostOf(request);
    if (!(await deps.removeInstance(kind, name)))
      return refuse(response, 409, 'The default instances cannot be removed; reset them instead');
    response.status(204).end();
  });
  router.post('/reset', (request: Request, response) => {
    hostOf(request).reset();
    response.json(summary(hostOf(request)));
  });
  router.post('/tokens/expire', (request: Request, response) => {
    hostOf(request).vendor.expireTokens?.();
    response.status(204).end();
  });

  router.get('/faults', (request: Request, response) => void response.json({ faults: hostOf(request).faults.list() }));
  router.post('/faults', (request: Request, response) => {
    const definition = faultSchema.parse(request.body);
    response.status(201).json(hostOf(request).addFault(definition));
  });
  router.delete('/faults', (request: Request, response) => {
    hostOf(request).clearFaults();
    response.status(204).end();
  });
  router.delete('/faults/:faultId', (request: Request<{ faultId: string }>, response) => {
    const host = hostOf(request as unknown as Request); // the same object, typed without its parameters
    if (!host.faults.remove(request.params.faultId))
      return refuse(response, 404, `There is no fault ${request.params.faultId}`);
    response.status(204).end();
  });

  router.get('/writes', (request: Request, response) => {
    response.json({ writes: hostOf(request).writeLog(writesQuerySchema.parse(request.query)) });
  });
  router.get('/counters', (request: Request, response) => {
    response.json({ counters: hostOf(request).counters() });
  });
  router.delete('/counters', (request: Request, response) => {
    hostOf(request).state.clearCounters();
    response.status(204).end();
  });
  router.get('/violations', (request: Request, response) => {
    response.json({ violations: hostOf(request).violations() });
  });
  router.delete('/violations', (request: Request, response) => {
    hostOf(request).state.clearViolations();
    response.status(204).end();
  });
  router.use('/vendor', (request: Request, response, next) => {
    const { controlRouter } = hostOf(request).vendor;
    if (controlRouter) controlRouter(request, response, next);
    else next();
  });
  return router;
}

function summary(host: InstanceHost): Record<string, unknown> {
  return {
    kind: host.kind,
    name: host.name,
    url: host.url,
    tlsUrl: host.tlsUrl ?? null,
    credentials: host.credentials,
    requests: host.counters().reduce((sum, { count }) => sum + count, 0),
    violations: Object.fromEntries(host.violations().map(({ violation, count }) => [violation, count])),
    faults: host.faults.list().length,
    pendingLateEffects: host.lateEffects.pending(),
  };
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ message });
}

/** Bad input is told by field; anything else is a bug, and says so without details. */
const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof z.ZodError) {
    const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    return void response.status(400).json({ message: 'The request is not as docs/sandbox.md describes it', errors });
  }
  if (error instanceof PortTakenError) return refuse(response, 409, error.message);
  const status = bodyParserStatus(error);
  if (status !== undefined) return refuse(response, status, 'The body must be JSON of 5 MB at most');
  refuse(response, 500, 'The sandbox failed at this request');
};

function bodyParserStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  return typeof error.status === 'number' && error.status < 500 ? error.status : undefined;
}
