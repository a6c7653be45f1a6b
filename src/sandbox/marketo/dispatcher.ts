import { setTimeout as pause } from 'node:timers/promises';
import { gzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import type { InstanceCore } from '../core';
import { ApiError, GatewayError, UNCOUNTED_CODES } from './api-error';
import { type ApiUser, mayUse } from './api-users';
import { BODY_LIMIT_BYTES, type Call, type Envelope, type Reply, type Route } from './call';
import type { CallLimits, CountedCall } from './call-limits';
import type { Identity } from './identity';

/** Longest URI that the gateway takes (Marketo guide, "API limits"). */
const URI_LIMIT_BYTES = 8 * 1024;
/** From this size on an answer is compressed for who accepts it; bulk answers never are. */
const COMPRESSION_FLOOR_BYTES = 1024;
const JSON_TYPE = 'application/json;charset=UTF-8';
/** What the gateway passes on: anything else is not there at all. */
const API_PATH = /^\/(rest|bulk)\//;
const IDENTITY_PATH = /^\/+identity\b/;
const NO_ASSETS = 'No assets found for the given search criteria.';
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

interface DispatcherOptions {
  core: InstanceCore;
  identity: Identity;
  limits: CallLimits;
  routes: readonly Route[];
  /** Time that each call takes at least, spent while it counts as running. */
  latencyMs: () => number;
}

/** The client went away before its request was complete: there is nobody to answer. */
class ClientGone extends Error {}

interface CompiledRoute extends Route {
  pattern: RegExp;
}

export interface Dispatcher {
  /** Counts calls and holds them against the limits, before any fault meets them. */
  admission: RequestHandler;
  /** Serves every path: sign-in, body, `_method`, route, envelope. */
  router: RequestHandler;
}

export function createDispatcher({ core, identity, limits, routes, latencyMs }: DispatcherOptions): Dispatcher {
  const compiled = compile(routes);
  const nextRequestId = createRequestIds(core);

  const sendEnvelope = (request: Request, response: Response, members: Envelope | { errors: unknown[] }): void => {
    const isSuccess = !('errors' in members);
    const envelope = { requestId: nextRequestId(), ...members, success: isSuccess };
    send(request, response, 200, JSON_TYPE, JSON.stringify(envelope));
  };

  const sendAssets = (request: Request, response: Response, assets: readonly unknown[]): void => {
    const found = assets.length > 0 ? { warnings: [], result: assets } : { warnings: [NO_ASSETS] };
    const envelope = { success: true, errors: [], requestId: nextRequestId(), ...found };
    send(request, response, 200, JSON_TYPE, JSON.stringify(envelope));
  };

  const refuse = (request: Request, response: Response, error: unknown): string | undefined => {
    if (error instanceof GatewayError) {
      if (error.status === 413) {
        core.countViolation('bodyTooLarge', `${request.method} ${request.path}`);
        response.setHeader('Connection', 'close'); // the rest of the body is not worth reading
      }
      send(request, response, error.status, 'text/plain;charset=UTF-8', error.message);
      return undefined;
    }
    if (!(error instanceof ApiError)) throw error;
    const { code, message } = error;
    limits.countError(code);
    sendEnvelope(request, response, { errors: [{ code, message }] });
    return code;
  };

  const answerIdentity = async (request: Request, response: Response, url: URL): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'POST') throw new ApiError('605', methodText(request.method));
    const body = await readBody(request, BODY_LIMIT_BYTES);
    const parameters = new URLSearchParams(url.searchParams);
    for (const [name, value] of formParameters(request, body)) parameters.append(name, value);
    const { status, body: answer } = identity.answerTokenRequest(parameters);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Pragma', 'no-cache');
    send(request, response, status, JSON_TYPE, JSON.stringify(answer));
  };

  /** @param isDue when the answer may be given */
  const execute = async (
    request: Request,
    response: Response,
    url: URL,
    user: ApiUser,
    isDue: Promise<unknown>,
  ): Promise<void> => {
    const candidates = compiled.filter(({ pattern }) => pattern.test(url.pathname));
    const limit = Math.max(BODY_LIMIT_BYTES, ...candidates.map(({ bodyLimitBytes }) => bodyLimitBytes ?? 0));
    const body = await readBody(request, limit);
    if (candidates.length === 0) throw new ApiError('610', 'Requested resource not found');
    const form = formParameters(request, body);
    const method = methodOf(request.method, url.searchParams, form);
    const route = candidates.find((candidate) => candidate.method === method);
    if (!route) throw new ApiError('605', methodText(request.method));
    if (route.permission !== null && !mayUse(user, route.permission)) throw new ApiError('603', 'Access denied');
    const reply = await route.handle(toCall(request, url, form, body, route, user));
    await isDue;
    await answer(request, response, reply);
  };

  const answer = async (request: Request, response: Response, reply: Reply): Promise<void> => {
    if ('sendFile' in reply) await reply.sendFile(request, response);
    else if ('assets' in reply) sendAssets(request, response, reply.assets);
    else sendEnvelope(request, response, reply);
  };

  const inFlight = new WeakMap<Request, CountedCall>();

  const serve = async (request: Request, response: Response): Promise<void> => {
    let isDue: Promise<unknown> = Promise.resolve();
    try {
      const url = readUrl(request);
      if (IDENTITY_PATH.test(url.pathname)) {
        await answerIdentity(request, response, url);
        return;
      }
      if (!API_PATH.test(url.pathname)) throw new GatewayError(404, 'Not Found');
      const user = identity.authenticate(request.headers.authorization);
      const takesMs = latencyMs();
      if (takesMs > 0) {
        isDue = pause(takesMs);
        // whoever goes away before the answer cannot know whether it has had its effect
        await pause(takesMs / 2);
      }
      await execute(request, response, url, user, isDue);
    } catch (error) {
      request.resume();
      await isDue;
      const code = refuse(request, response, error);
      if (code !== undefined && UNCOUNTED_CODES.has(code)) inFlight.get(request)?.uncount();
    }
  };

  return {
    admission(request, response, next) {
      // clients tell by it what the vendor's clock shows
      response.setHeader('Date', new Date(core.clock.now()).toUTCString());
      const user = IDENTITY_PATH.test(request.path) ? undefined : identity.userOf(request.headers.authorization);
      if (!user) {
        next(); // not counted: either it signs in, or it is refused for its token
        return;
      }
      const { call, refusal } = limits.enter(user.userName);
      inFlight.set(request, call);
      response.once('close', () => call.leave()); // a call runs until its answer is out or its client is gone
      if (!refusal) {
        next();
        return;
      }
      request.resume();
      refuse(request, response, refusal);
    },
    router(request, response, next) {
      // what nobody foresaw goes to the core, which answers 611 and shows it to who runs the sandbox
      serve(request, response).catch((error: unknown) => {
        if (!(error instanceof ClientGone)) next(error);
      });
    },
  };
}

function compile(routes: readonly Route[]): CompiledRoute[] {
  return routes.map((route) => {
    const source = route.path
      .split(/(\{[A-Za-z]+\})/)
      .map((part) => (part.startsWith('{') ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.]/g, '\\.')));
    return { ...route, pattern: new RegExp(`^${source.join('')}$`) };
  });
}

/** `/rest/../bulk/v1/x` and double slashes mean what they mean at the vendor's gateway. */
function readUrl(request: Request): URL {
  if (Buffer.byteLength(request.url) > URI_LIMIT_BYTES) throw new GatewayError(414, 'Request-URI Too Long');
  try {
    const url = new URL(`http://instance${request.url.startsWith('/') ? '' : '/'}${request.url}`);
    url.pathname = decodeURIComponent(url.pathname).replace(/\/{2,}/g, '/');
    return url;
  } catch {
    throw new GatewayError(500, 'Malformed URL');
  }
}

function readBody(request: Request, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) {
        chunks.length = 0;
        reject(new GatewayError(413, 'Request Entity Too Large'));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => reject(new ClientGone()));
    request.on('close', () => reject(new ClientGone())); // without effect once the body is complete
  });
}

const formParameters = (request: Request, body: Buffer): URLSearchParams =>
  new URLSearchParams(FORM_TYPE.test(request.headers['content-type'] ?? '') ? body.toString('utf8') : '');

/** Any GET or DELETE can be sent as a POST that says so, in the query or in a form body. */
function methodOf(sent: string, query: URLSearchParams, form: URLSearchParams): string {
  const wished = (query.get('_method') ?? form.get('_method') ?? '').toUpperCase();
  return sent === 'POST' && (wished === 'GET' || wished === 'DELETE') ? wished : sent;
}

const methodText = (method: string): string => `Request method '${method}' not supported`;

function toCall(
  request: Request,
  url: URL,
  form: URLSearchParams,
  body: Buffer,
  route: CompiledRoute,
  user: ApiUser,
): Call {
  const parameters = new URLSearchParams(url.searchParams);
  for (const [name, value] of form) parameters.append(name, value);
  return {
    parameters,
    path: { ...route.pattern.exec(url.pathname)?.groups },
    user,
    via: `${route.method} ${route.path}`,
    contentType: request.headers['content-type'] ?? '',
    body,
  };
}

/** `<hex counter>#<hex of epoch milliseconds>`, as every answer of the vendor begins. */
function createRequestIds({ clock, random }: InstanceCore): () => string {
  let counter = Math.floor(random() * 0x10000);
  return () => {
    counter = (counter + 1 + Math.floor(random() * 16)) % 0x20000;
    return `${counter.toString(16)}#${clock.now().toString(16)}`;
  };
}

function send(request: Request, response: Response, status: number, contentType: string, text: string): void {
  const body = Buffer.from(text);
  const finish = (bytes: Buffer): void => {
    if (response.headersSent || response.destroyed) return;
    response.statusCode = status;
    response.setHeader('Content-Type', contentType);
    response.setHeader('Content-Length', bytes.length);
    response.end(bytes);
  };
  const isBulk = request.url.includes('/bulk/');
  const acceptsGzip = /\bgzip\b/i.test(String(request.headers['accept-encoding'] ?? ''));
  if (isBulk || !acceptsGzip || body.length < COMPRESSION_FLOOR_BYTES) {
    finish(body);
    return;
  }
  gzip(body, { level: 1 }, (error, compressed) => {
    if (error) {
      finish(body);
      return;
    }
    response.setHeader('Content-Encoding', 'gzip');
    finish(compressed);
  });
}
