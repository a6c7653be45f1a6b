import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { type core, ZodError } from 'zod';
import { ConnectorError } from '../connectors/connector-error';
import { issueInWords } from '../domain/issue-words';
import { SecretError } from '../domain/secret-error';
import { isUnreachable } from './database-errors';

/** A member of the request that is wrong: its path (`mappings[2].to`) and what would be right. */
export interface ProblemDetail {
  path: string;
  message: string;
  /** Where it stands in a file, from 1. */
  line?: number | null;
}

export const TITLES: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Not possible now',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  429: 'Too many calls',
  431: 'Too large',
  500: 'Internal error',
  502: 'The vendor could not be reached',
  503: 'Not now',
  504: 'The vendor did not answer in time',
};

/** What each status means, as the document of the API says it. */
export const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The body is not valid JSON, or YAML where that is taken.',
  401: 'The API key is missing or wrong.',
  403: 'The role of the key does not reach, or the Host header is foreign.',
  404: 'There is no such thing.',
  409: 'It is not possible as things stand; the detail says why.',
  408: 'The request did not arrive in time.',
  412: 'Someone else has changed it meanwhile.',
  413: 'The body is too large.',
  415: 'The body has another type than what is taken here.',
  422: 'Members of the request are wrong; each is named.',
  429: 'Too many calls with this key, or too many wrong keys. `Retry-After` says when to try again.',
  431: 'The address or the headers are too long.',
  500: 'Something went wrong on our side; the detail has the number under which it is in the log.',
  502: 'The vendor could not be reached.',
  503: 'Not now: the database cannot be reached, or a limit of the vendor is used up. `Retry-After` says when to try again.',
  504: 'The vendor did not answer in time.',
};

/** A request that cannot be answered as asked. It becomes `application/problem+json` (RFC 9457), here alone. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    /** What happened and what to do, for people. */
    readonly detail: string,
    readonly errors: readonly ProblemDetail[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

export const notFound = (what: string): Problem => new Problem(404, `There is no such ${what}.`);

/** Path of a member as people read it: `mappings[2].to`. */
export const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');

/** Input that does not fit its schema. */
export const invalidInput = (error: ZodError): Problem =>
  new Problem(422, 'The request has members that are wrong; each is named.', error.issues.flatMap(detailsOf));

/** In a union, the issues of the branch that came nearest say more than "invalid input". A member that is none is named by its own path. */
function detailsOf(issue: core.$ZodIssue): ProblemDetail[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key]),
      message: `There is no member "${key.slice(0, 80)}".`,
    }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    return [{ path: pathOf(issue.path), message: issueInWords(issue) }];
  }
  const nearest = [...issue.errors].sort((one, other) => one.length - other.length)[0] ?? [];
  return nearest.flatMap((inner) => detailsOf({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Problem details as JSON text. */
export function problemBody(status: number, detail: string, errors: readonly ProblemDetail[] = []): string {
  const title = TITLES[status] ?? 'Error';
  return JSON.stringify({ type: 'about:blank', title, status, detail, ...(errors.length > 0 ? { errors } : {}) });
}

export function sendProblem(response: Response, { status, detail, errors, headers }: Problem): void {
  response
    .status(status)
    .set(headers)
    .type('application/problem+json')
    .send(problemBody(status, detail, errors));
}

/** For paths that are not there, and for methods that a path does not take. */
export const unknownRoute: RequestHandler = (request, response) => {
  sendProblem(response, new Problem(404, `There is nothing at ${request.method} ${request.path}.`));
};

const limitOf = (error: object): string => ('limit' in error ? `${String(error.limit)} ` : '');

/** Errors of the router and of the body parser carry a type or status of their own. */
const parserProblem = (error: unknown): Problem | null => {
  if (error instanceof URIError) return new Problem(400, 'The path is not percent-encoded as it should be.');
  if (typeof error !== 'object' || error === null || !('type' in error)) return null;
  switch (error.type) {
    case 'entity.parse.failed':
      return new Problem(400, 'The body is not valid JSON.');
    case 'entity.too.large':
      return new Problem(413, `The body is larger than the ${limitOf(error)}bytes that are taken here.`);
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new Problem(415, 'Send the body as JSON in UTF-8.');
    case 'request.aborted':
    case 'request.size.invalid':
      return new Problem(400, 'The body did not arrive as a whole.');
    default:
      return null;
  }
};

/** A call to a vendor that a connection could not make: by what would help. */
export function connectorProblem({ message, code, advice }: ConnectorError, connectionName?: string): Problem {
  const detail = connectionName === undefined ? message : `Connection "${connectionName}": ${message}`;
  const seconds = (ms: number) => ({ 'Retry-After': String(Math.max(1, Math.ceil(ms / 1_000))) });
  switch (advice.retry) {
    case 'never': // a person has to mend the connection first
      return new Problem(409, detail);
    case 'soon':
      return new Problem(code === 'TIMEOUT' ? 504 : 502, detail);
    case 'after':
      return new Problem(503, detail, [], seconds(advice.delayMs));
    case 'whenQuotaResets':
      return new Problem(503, detail, [], seconds(Date.parse(advice.resetsAt) - Date.now()));
  }
}

const DATABASE_BACK_SECONDS = 2;

function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) return invalidInput(error);
  if (error instanceof ConnectorError) return connectorProblem(error);
  // a person has to give the key back, or enter the secret again
  if (error instanceof SecretError) return new Problem(409, error.message);
  if (isUnreachable(error)) {
    const headers = { 'Retry-After': String(DATABASE_BACK_SECONDS) };
    return new Problem(503, 'The database cannot be reached at the moment; nothing was changed.', [], headers);
  }
  return parserProblem(error);
}

/** The one place where errors become answers. What is none of ours is a bug: it is logged, and told without details. */
export const problems =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request: Request, response: Response, next) => {
    // a stream that breaks off is closed, so that nobody takes a part for the whole
    if (response.headersSent) return next(error);
    // nobody waits for the answer any more
    if (response.destroyed) return;
    const problem = problemOf(error);
    const requestId = String(response.getHeader('X-Request-Id') ?? '');
    const fields = { err: error, method: request.method, path: request.path, requestId };
    if (problem) {
      if (problem.status >= 500) log.warn(fields, 'a request could not be served');
      return sendProblem(response, problem);
    }
    log.error(fields, 'a request failed');
    sendProblem(response, new Problem(500, `Something went wrong on our side. Its number in the log is ${requestId}.`));
  };
