/** Longest text of an error that leaves the process: into a log, a history, a problem that people read. */
const MOST_CHARACTERS = 1_000;
const ADDRESS = /[^\s"'<>(),;:=]+@[^\s"'<>(),;:=]+/g;
/** PostgreSQL's class of errors that quote the value in question. */
const DATA_EXCEPTION = '22';

/** A text as it may be told to those who must not see records: short, and without addresses of people. */
export function tellable(text: string): string {
  // a body of megabytes is cut before anything is looked for in it
  const clean = text.slice(0, 2 * MOST_CHARACTERS).replaceAll(ADDRESS, '…@…');
  return clean.length > MOST_CHARACTERS ? `${clean.slice(0, MOST_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')}…` : clean;
}

/**
 * What an error that was not written for people says, without the values that programs put into it: those of a query (Drizzle), of a
 * cell that does not fit (PostgreSQL), of a text that is no JSON (V8).
 */
export function errorText(error: Error): string {
  if ('query' in error && 'params' in error) return `Failed query: ${String(error.query)}`;
  const code = codeOf(error);
  if (code?.startsWith(DATA_EXCEPTION) && code.length === 5) return `The database refused a value (${code}).`;
  if (error.name === 'SyntaxError') return 'A text could not be parsed.';
  return tellable(error.message);
}

/** Code of an error, of whatever library. */
const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;

const MOST_CAUSES = 5;

/** The first code that an error or its causes carry, as PostgreSQL and the system give them; libraries wrap what they say. */
export function innerCode(error: unknown, depth = 0): string | undefined {
  if (depth > MOST_CAUSES || error === undefined) return undefined;
  return codeOf(error) ?? innerCode(error instanceof Error ? error.cause : undefined, depth + 1);
}
