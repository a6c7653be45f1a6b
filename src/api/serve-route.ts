import express, { type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { Changes, keyedCall, type Reply } from './change';
import { type FileText, NO_FILE, readFileText } from './definitions/file-text';
import type { RouteDeps } from './deps';
import { JsonText } from './json-text';
import { demandPlain } from './plain-input';
import { invalidInput, notFound, Problem } from './problem';
import { type Call, type Caller, isAnswer, type Route } from './route';
import { sessionTokenOf } from './session';
import { callerOf, demandRole, isStillKnown } from './sign-in';

type AnyCall = Call<unknown, unknown, unknown>;

const parseJson = express.json({ limit: 1_000_000, strict: false });
/** More than a definition can have, so that the answer tells which of its members is too large. */
const parseDefinition = express.json({ limit: 16_000_000, strict: false });
/** A file of some 100,000 records. As bytes: other encodings than UTF-8 are told from it, not guessed. */
const parseCsv = express.raw({ type: 'text/csv', limit: 32_000_000 });
const YAML_TYPES = ['application/yaml', '+yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];
/** As bytes, like CSV. */
const parseFile = express.raw({ type: ['json', '+json', ...YAML_TYPES], limit: 20_000_000 });

/** Serves a route: sign-in, role, body, schemas, idempotency key, handler, answer. Nothing is read of whom it does not know. */
export const serveRoute = (spec: Route, deps: RouteDeps): RequestHandler[] => [
  async (request, response, next) => {
    const caller = await callerOf(request, deps);
    response.locals.caller = caller;
    demandRole(caller, spec.role);
    next();
  },
  ...(spec.csvExample === undefined ? [] : [parseCsv]),
  ...(spec.body ? [demandType(spec), parserOf(spec)] : []),
  (request, response) => serve(spec, deps, request, response),
];

/** Of a route that takes no query: a misspelt one is refused there as elsewhere. */
const noQuery = z.strictObject({});
/** Short lists that have no pages: clients that ask all lists for their pages go on asking these. */
const UNPAGED: readonly string[] = [
  '/connections/:connectionId/objects',
  '/executions/:executionId/causes',
  '/executions/:executionId/timeline',
];
const queryOf = ({ query, path }: Route): Route['query'] => query ?? (UNPAGED.includes(path) ? undefined : noQuery);

const parserOf = ({ takesFile, takesDefinition }: Route): RequestHandler => {
  if (takesFile) return parseFile;
  return takesDefinition ? parseDefinition : parseJson;
};

const demandType =
  ({ isBodyOptional, csvExample, takesFile }: Route): RequestHandler =>
  (request, _response, next) => {
    const isLeftOut = isBodyOptional && !hasBody(request);
    const isCsv = csvExample !== undefined && request.is('text/csv');
    const isYaml = takesFile && request.is(YAML_TYPES);
    if (!isLeftOut && !isCsv && !isYaml && !request.is(['json', '+json'])) {
      const orCsv = csvExample === undefined ? '' : ', or as CSV, with `Content-Type: text/csv`';
      const orYaml = takesFile ? ', or as YAML, with `Content-Type: application/yaml`' : '';
      throw new Problem(415, `Send the body as JSON, with \`Content-Type: application/json\`${orCsv}${orYaml}.`);
    }
    if (!isUtf8(request)) throw new Problem(415, 'Send the body in UTF-8, which needs no `charset`.');
    next();
  };

/** Other character sets would be guessed, or read otherwise by whoever checked the body before us. */
function isUtf8({ headers }: Request): boolean {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '') ?? [];
  return /^(utf-?8|us-ascii)$/i.test(charset);
}

/** The text of a body that came as a file; null for any other. @throws Problem 422 for what is not UTF-8 */
function textOf({ body }: Request): string | null {
  if (!Buffer.isBuffer(body)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    const message = 'It is not encoded in UTF-8. Save it as "CSV UTF-8".';
    throw new Problem(422, 'The file cannot be used as it is.', [{ path: 'file', message }]);
  }
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** What a call brought in its body. */
interface Given {
  /** A member tree; undefined for CSV. */
  value: unknown;
  csv: string | null;
  file: FileText;
}

async function serve(spec: Route, deps: RouteDeps, request: Request, response: Response): Promise<void> {
  const text = textOf(request);
  if (!spec.takesFile) {
    const value = text === null ? request.body : undefined;
    return answer(spec, deps, { value, csv: text, file: NO_FILE }, request, response);
  }
  const { value, file } = await readFileText(text ?? '');
  try {
    await answer(spec, deps, { value, csv: null, file }, request, response);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.status, error.detail, await file.withLines(error.errors), error.headers);
  }
}

async function answer(
  spec: Route,
  deps: RouteDeps,
  { value: given, csv, file }: Given,
  request: Request,
  response: Response,
): Promise<void> {
  const caller = response.locals.caller as Caller; // set by the handler before
  demandPlain({ ...request.params }, { ...request.query }, given);
  const address = request.ip ?? null;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const parsedCall = {
    params: parsedParams(spec, request),
    query: parsed(queryOf(spec), request.query),
    body: parsed(spec.body, given === undefined && (spec.isBodyOptional || csv !== null) ? {} : given),
    csv,
    file,
    caller,
    isStillKnown: () => isStillKnown(request, deps),
    address,
    sessionToken: sessionTokenOf(request.headers.cookie, deps.settings),
    ifMatch: request.headers['if-match'] ?? null,
    signal: gone.signal,
  };
  const key = spec.method === 'post' && !spec.holdsValues ? request.get('Idempotency-Key') : undefined;
  const changes = new Changes(deps, {
    who: caller.name,
    address,
    keyed: key === undefined ? null : keyedCall({ key, callerId: caller.id, path: request.path, body: csv ?? given }),
    isSecret: spec.isSecret ?? false,
    toReply: (result) => toReply(spec, result),
  });
  response.setHeader('Cache-Control', 'no-store');
  const { stream } = spec;
  if (stream) {
    const call: AnyCall = { ...parsedCall, change: refuseChange };
    const open = () => response.status(spec.status).type(stream.type);
    await stream.write(call as never, { response, open }, deps); // parsed by the route's own schemas
    return;
  }
  const reply = await changes.answer(async (change) => spec.handle?.({ ...parsedCall, change } as never, deps));
  send(response, spec, reply);
}

const refuseChange = (): never => {
  throw new Error('A route that streams changes nothing.');
};

/** An id that is no id names nothing. */
function parsedParams(spec: Route, request: Request): unknown {
  const result = spec.params?.safeParse(request.params);
  if (result && !result.success) throw notFound(NOUNS[String(result.error.issues[0]?.path[0])] ?? 'thing');
  return result?.data;
}

const NOUNS: Readonly<Record<string, string>> = {
  connectionId: 'connection',
  syncId: 'sync',
  executionId: 'execution',
  previewId: 'preview',
  apiKeyId: 'API key',
  webhookId: 'webhook',
  deliveryId: 'delivery',
  object: 'object',
};

function parsed(schema: Route['query'], value: unknown): unknown {
  const result = schema?.safeParse(value);
  if (result && !result.success) throw invalidInput(result.error);
  return result?.data;
}

function toReply(spec: Route, result: unknown): Reply {
  if (isAnswer(result)) return { status: result.status, headers: result.headers ?? {}, body: result.body };
  return { status: spec.status, headers: {}, body: result };
}

function send(response: Response, spec: Route, { status, headers, body }: Reply): void {
  response.status(status).set(headers);
  if (spec.answer === null) response.end();
  else if (body instanceof JsonText) response.type('json').send(body.text);
  else response.json(body);
}
