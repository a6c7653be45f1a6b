/** Codes with which the driver and PostgreSQL say that the server cannot be reached, stops or starts (PostgreSQL, "Error Codes", classes 08, 53 and 57P). */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  // a table that the first migration is still to make
  '42P01',
]);

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** True when a query failed because the database is not there; Drizzle wraps what the driver says. */
export function isUnreachable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].some((each) => UNREACHABLE.has(codeOf(each)) || codeOf(each).startsWith('08'));
}
