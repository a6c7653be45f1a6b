import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { claimKey, keepAnswer, releaseKey } from '../../db/queries/idempotency';
import type { ApiDeps } from './deps';
import { invalidInput, notFound, Problem } from './problem';
import { type Call, isAnswer, type Route } from './route';
import { callerOf, demandRole } from './sign-in';

type AnyCall = Call<unknown, unknown, unknown>;

/** Serves a route: sign-in, role, schemas, idempotency key, handler, answer. */
export const serveRoute =
  (spec: Route, deps: ApiDeps): RequestHandler =>
  async (request, response) => {
    const caller = await callerOf(request, deps);
    demandRole(caller, spec.role);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const call: AnyCall = {
      params: parsedParams(spec, request),
      query: parsed(spec.query, request.query),
      body: spec.body ? parsedBody(spec, request) : undefined,
      caller,
      ifMatch: request.headers['if-match'] ?? null,
      signal: gone.signal,
    };
    if (spec.stream) {
      response.status(spec.status).type(spec.stream.type).setHeader('Cache-Control', 'no-store');
      await spec.stream.write(call as never, response, deps);
    } else if (spec.method === 'post') await once(spec, call, request, response, deps);
    else send(response, spec, await run(spec, call, deps));
  };

/** An id that is no id names nothing. */
function parsedParams(spec: Route, request: Request): unknown {
  const result = spec.params?.safeParse(request.params);
  if (result && !result.success) throw notFound(spec.tag.toLowerCase().replace(/s$/, ''));
  return result?.data;
}

function parsed(schema: Route['query'], value: unknown): unknown {
  const result = schema?.safeParse(value);
  if (result && !result.success) throw invalidInput(result.error);
  return result?.data;
}

function parsedBody(spec: Route, request: Request): unknown {
  if (!request.is('json')) throw new Problem(415, 'Send the body as JSON, with `Content-Type: application/json`.');
  return parsed(spec.body, request.body);
}

interface Outcome {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

async function run(spec: Route, call: AnyCall, deps: ApiDeps): Promise<Outcome> {
  const result: unknown = await spec.handle?.(call as never, deps); // parsed by the route's own schemas
  if (isAnswer(result)) return { status: result.status, headers: result.headers ?? {}, body: result.body };
  return { status: spec.status, headers: {}, body: result };
}

function send(response: Response, spec: Route, { status, headers, body }: Outcome): void {
  response.status(status).set(headers).setHeader('Cache-Control', 'no-store');
  if (spec.answer === null) response.end();
  else response.json(body);
}

/** A POST with an `Idempotency-Key` is done once; a repeat gets the first answer again. */
async function once(spec: Route, call: AnyCall, request: Request, response: Response, deps: ApiDeps): Promise<void> {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string') return send(response, spec, await run(spec, call, deps));
  if (key.length > MOST_KEY_CHARACTERS)
    throw new Problem(422, `An Idempotency-Key has at most ${MOST_KEY_CHARACTERS} characters.`);
  const { db } = deps.database;
  const route = `${call.caller.name} POST ${request.path}`;
  const requestHash = createHash('sha256')
    .update(JSON.stringify(request.body ?? null))
    .digest('hex');
  const first = await claimKey(db, { key, route, requestHash });
  if (first) {
    if (first.requestHash !== requestHash) throw new Problem(409, 'This Idempotency-Key was used for another request.');
    if (first.status === null)
      throw new Problem(409, 'The first request with this Idempotency-Key is still being answered.');
    return send(response, spec, { status: first.status, headers: {}, body: first.body });
  }
  try {
    const outcome = await run(spec, call, deps);
    await keepAnswer(db, { key, route }, outcome.status, outcome.body ?? null);
    send(response, spec, outcome);
  } catch (error) {
    await releaseKey(db, { key, route });
    throw error;
  }
}

const MOST_KEY_CHARACTERS = 255;
