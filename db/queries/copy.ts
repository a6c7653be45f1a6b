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
 * @param cellsOf the cells of a row; they are made when the row is written, so that they are garbage at once
 * @throws what the database refuses (a key that is there already); the surrounding transaction is then lost
 */
export async function copyInto<Row>(
  sql: Sql,
  table: { name: string; columns: readonly string[] },
  rows: Iterable<Row>,
  cellsOf: (row: Row) => readonly Cell[],
): Promise<void> {
  const query = sql.unsafe(`copy ${table.name} (${table.columns.join(', ')}) from stdin`);
  const refused = refusalOf(query);
  refused.catch(() => undefined); // refused before there is a stream, it is met by the next line alone
  const stream = await query.writable();
  const end = Promise.race([finished(stream), refused]);
  end.catch(() => undefined); // met below, at the latest when the stream has been ended
  let chunk = '';
  for (const row of rows) {
    chunk += `${cellsOf(row).map(cell).join('\t')}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    if (!stream.write(chunk)) await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), end]);
    chunk = '';
  }
  stream.end(chunk);
  await end;
}

/**
 * What the database refuses after the driver has handed out the stream: by then the query counts as answered, and the driver
 * keeps the error to itself while the stream waits for ever. So its rejection is overheard.
 */
function refusalOf(query: object): Promise<never> {
  const rejectable = query as { reject(error: unknown): void }; // a member of the driver's query objects that its types do not show
  const reject = rejectable.reject;
  return new Promise((_, refuse) => {
    rejectable.reject = (error) => {
      reject(error);
      refuse(error);
    };
  });
}
