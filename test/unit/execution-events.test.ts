import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Response } from 'express';
import type { ShownExecution } from '../../db/queries/executions-read';
import { sendEvents } from '../../src/api/execution-events';
import type { ExecutionFeed } from '../../src/api/execution-feed';
import type { ExecutionAnswer } from '../../src/api/schemas/executions';

const RUNNING = { executionId: 'one', state: 'running' } as ShownExecution;

test('who is known no more gets nothing of what comes after', async () => {
  const followed = new AbortController();
  const feed = { follow: () => () => followed.abort() } as unknown as ExecutionFeed;
  const response = new PassThrough();
  const known = [true, false];
  const isStillKnown = async () => known.shift() ?? false;

  const all = text(response);
  const sent = sendEvents(
    feed,
    RUNNING,
    (row) => row as unknown as ExecutionAnswer,
    response as unknown as Response,
    new AbortController().signal,
    { isStillKnown, everyMs: 5 },
  );
  await Promise.all([sent, once(followed.signal, 'abort')]);

  expect(await all).toBe(`event: execution\ndata: ${JSON.stringify(RUNNING)}\n\n`);
  expect(known).toEqual([]);
});
