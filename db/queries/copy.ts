import { finished } from 'node:stream/promises';
import type { Sql } from './executions';

type Cell = string | number | null;

const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const cell = (value: Cell): string => {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return SPECIAL.test(value) ? value.replace(/[\\\n\r\t]/g, (letter) => ESCAPES[letter] ?? letter) : value;
};

/** Bytes that are handed to the driver at once. */
const CHUNK_CHARACTERS = 1 << 18;

/**
 * Appends rows to a table by `COPY`, the only way by which rows come in large numbers.
 * @param table name of the table and its columns, in the order of the cells; fixed text of ours, never input
 * @throws what the database refuses (a key that is there already); the surrounding transaction is then lost
 */
export async function copyInto(
  sql: Sql,
  table: { name: string; columns: readonly string[] },
  rows: Iterable<readonly Cell[]>,
): Promise<void> {
  const stream = await sql.unsafe(`copy ${table.name} (${table.columns.join(', ')}) from stdin`).writable();
  const end = finished(stream);
  let chunk = '';
  for (const row of rows) {
    chunk += `${row.map(cell).join('\t')}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    if (!stream.write(chunk)) await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), end]);
    chunk = '';
  }
  stream.end(chunk);
  await end;
}
