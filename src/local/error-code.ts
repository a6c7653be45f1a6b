/** The code of an error of the system (`ENOENT`), of a library (`ECONNREFUSED`) or of PostgreSQL (`57P03`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
