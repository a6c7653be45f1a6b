import { once } from 'node:events';
import type { Response } from 'express';
import type { ShownExecution } from '../../db/queries/executions-read';
import type { ExecutionFeed } from './execution-feed';
import type { ExecutionAnswer } from './schemas/executions';

/** Proxies close a connection on which nothing moves for a minute. */
const SIGN_OF_LIFE_MS = 15_000;
/** A client that takes so little gets the newest state when it takes again, instead of all before it. */
const MOST_WAITING_BYTES = 1 << 16;

/**
 * Sends an execution, and again each time it has changed, until it has ended, is deleted, or the client is gone.
 * @param first the execution as it is now
 */
export async function sendEvents(
  feed: ExecutionFeed,
  first: ShownExecution,
  toAnswer: (row: ShownExecution) => ExecutionAnswer,
  response: Response,
  signal: AbortSignal,
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
  await whileFollowed(feed, first.executionId, send, response, AbortSignal.any([signal, over.signal]));
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
