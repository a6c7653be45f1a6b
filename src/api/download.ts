import { once } from 'node:events';
import type { Response } from 'express';

/** So few that other calls get their turns between two pages, and that what a page needs is collected before it is taken for what stays. */
const ROWS = 1_000;

/** Where the rows of a download come from. */
export interface Rows<Row extends { sortKey: string }> {
  /** @param after sort key of the last row of the page before */
  page(after: string | null, limit: number): Promise<Row[]>;
}

/**
 * Writes page by page, so that a million rows need no more memory than one page. What stands before and after the rows is the caller's.
 * @param toText makes the text of a page that has rows
 */
export async function sendRows<Row extends { sortKey: string }>(
  { page }: Rows<Row>,
  toText: (rows: Row[]) => string,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  for (let after: string | null = null; !signal.aborted; ) {
    const rows: Row[] = await page(after, ROWS);
    if (rows.length > 0 && !response.write(toText(rows))) await drained(response, signal);
    after = rows.at(-1)?.sortKey ?? after;
    if (rows.length < ROWS) break;
  }
}

/** Until the client has taken what was written, or is gone. */
async function drained(response: Response, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
