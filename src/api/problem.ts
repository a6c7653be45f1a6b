import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { type core, ZodError } from 'zod';
import { ConnectorError } from '../connectors/connector-error';

/** A member of the request that is wrong: its path (`mappings[2].to`) and what would be right. */
export interface ProblemDetail {
  path: string;
  message: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Not possible now',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  500: 'Internal error',
  502: 'The vendor could not be asked',
  503: 'Not ready',
};

/** A request that cannot be answered as asked. It becomes `application/problem+json` (RFC 9457), here alone. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    /** What happened and what to do, for people. */
    readonly detail: string,
    readonly errors: readonly ProblemDetail[] = [],
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

/** In a union, the issues of the branch that came nearest say more than "invalid input". */
function detailsOf(issue: core.$ZodIssue): ProblemDetail[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    return [{ path: pathOf(issue.path), message: issue.message }];
  }
  const nearest = [...issue.errors].sort((one, other) => one.length - other.length)[0] ?? [];
  return nearest.flatMap((inner) => detailsOf({ ...inner, path: [...issue.path, ...inner.path] }));
}

export function sendProblem(response: Response, problem: Problem): void {
  const title = TITLES[problem.status] ?? 'Error';
  const errors = problem.errors.length > 0 ? { errors: problem.errors } : {};
  response
    .status(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status: problem.status, detail: problem.detail, ...errors }));
}

/** For paths that are not there, and for methods that a path does not take. */
export const unknownRoute: RequestHandler = (request, response) => {
  sendProblem(response, new Problem(404, `There is nothing at ${request.method} ${request.path}.`));
};

/** Errors of the body parser carry a status and a type of their own. */
const parserProblem = (error: unknown): Problem | null => {
  if (typeof error !== 'object' || error === null || !('type' in error)) return null;
  switch (error.type) {
    case 'entity.parse.failed':
      return new Problem(400, 'The body is not valid JSON.');
    case 'entity.too.large':
      return new Problem(413, 'The body is larger than is taken here.');
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

function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) return invalidInput(error);
  if (error instanceof ConnectorError) return new Problem(502, error.message);
  return parserProblem(error);
}

/** The one place where errors become answers. What is none of ours is a bug: it is logged, and told without details. */
export const problems =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request: Request, response: Response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem) return sendProblem(response, problem);
    const requestId = String(response.getHeader('X-Request-Id') ?? '');
    log.error({ err: error, method: request.method, path: request.path, requestId }, 'a request failed');
    sendProblem(response, new Problem(500, `Something went wrong on our side. Its number in the log is ${requestId}.`));
  };
