/** Code of an error of Node.js, e.g. `ECONNRESET`; empty for what has none. */
export function errorCodeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
