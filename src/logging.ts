import pino, { type DestinationStream, type Logger } from 'pino';
import { errorText } from './domain/error-text';
import type { Settings } from './settings';

/**
 * The log of a part: one JSON object a line, to standard output unless told otherwise. Fields are ids and numbers; what an error carries besides its
 * message, code and stack is left out, since drivers attach the values of a query to it.
 */
export const createLogger = (
  part: 'api' | 'worker' | 'migrations',
  level: Settings['logLevel'] = 'info',
  to: DestinationStream = pino.destination(1),
): Logger => pino({ level, base: { part }, serializers: { err: loggedError } }, to);

interface LoggedError {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: LoggedError | string;
}

const MOST_CAUSES = 5;

/** What is logged of an error. */
export function loggedError(error: unknown, depth = 0): LoggedError | string {
  if (!(error instanceof Error)) return typeof error;
  const message = errorText(error);
  const [, calls] = /(\n {4}at [\s\S]*)/.exec(error.stack ?? '') ?? [];
  return {
    type: error.name,
    message,
    ...('code' in error && error.code !== undefined ? { code: String(error.code) } : {}),
    ...(calls === undefined ? {} : { stack: `${error.name}: ${message}${calls}` }),
    ...(error.cause === undefined || depth >= MOST_CAUSES ? {} : { cause: loggedError(error.cause, depth + 1) }),
  };
}
