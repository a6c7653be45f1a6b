import { once } from 'node:events';
import type { Response } from 'express';
import type { ShownExecution } from '../../db/queries/executions-read';
import type { ExecutionFeed } from './execution-feed';
import type { ExecutionAnswer } from './schemas/executions';

/** Proxies close a connection on which nothing moves for a minute. */
const SIGN_OF_LIFE_MS = 15_000;
/** A client that takes so little gets the newest state when it takes again, instead of all before it. */
const MOST_WAITING_BYTES = 1 << 16;

/** A key that was revoked, or a session that has ended, sees no more than this of what comes after. */
const ASK_WHO_EVERY_MS = 30_000;

/**
 * Sends an execution, and again each time it has changed, until it has ended, is deleted, or the client is gone or known no more.
 * @param first the execution as it is now
 * @param who.isStillKnown whether the client may still have it, asked every so many milliseconds
 */
export async function sendEvents(
  feed: ExecutionFeed,
  first: ShownExecution,
  toAnswer: (row: ShownExecution) => ExecutionAnswer,
  response: Response,
  signal: AbortSignal,
  { isStillKnown, everyMs = ASK_WHO_EVERY_MS }: { isStillKnown(): Promise<boolean>; everyMs?: number },
): Promise<void> {
  let sent = '';
  const over = new AbortController();
  const send = (row: ShownExecution | null, text: string): void => {
    const isOver = row === null || row.state !== 'running';
    if (row && text !== sent && (isOver || response.writableLength < MOST_WAITING_BYTES)) {
      response.write(`event: execution\ndata: ${JSON.stringify(toAnswer(row))}\n\n`);
      sent = text;
    }
    if (isOver) over.abort();
  };
  send(first, JSON.stringify(first));
  const asking = setInterval(() => void isStillKnown().then((isKnown) => isKnown || over.abort()), everyMs);
  await whileFollowed(feed, first.executionId, send, response, AbortSignal.any([signal, over.signal]));
  clearInterval(asking);
  response.end();
}

async function whileFollowed(
  feed: ExecutionFeed,
  executionId: string,
  send: Parameters<ExecutionFeed['follow']>[1],
  response: Response,
  end: AbortSignal,
): Promise<void> {
  if (end.aborted) return;
  const unfollow = feed.follow(executionId, send);
  const signs = setInterval(() => response.write(':\n\n'), SIGN_OF_LIFE_MS);
  await once(end, 'abort');
  clearInterval(signs);
  unfollow();
}
