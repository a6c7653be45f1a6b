import { createParser } from 'eventsource-parser';
import { account, takeOver } from '../db/queries/executions';
import type { ApiProcess } from './api-process';
import type { BenchDatabase } from './database';

const CHANGE_EVERY_MS = 1_000;
/** So many of the executions that run write batches down at a time; the others wait for a vendor. */
const BUSY = 10;
const BATCH = 200;

/** Pages that somebody looks at. */
export interface LivePages {
  /** How many events have come to all pages. */
  events(): number;
  close(): Promise<void>;
}

/** Opens so many pages on executions that run, by server-sent events as a browser does, while the counts of ten of these grow each second. */
export async function followPages(
  { sql }: BenchDatabase,
  api: ApiProcess,
  { pages, executionIds }: { pages: number; executionIds: readonly string[] },
): Promise<LivePages> {
  const over = new AbortController();
  let events = 0;
  const opened = await Promise.all(
    Array.from({ length: pages }, (_none, n) =>
      openEvents(api, executionIds[n % executionIds.length] ?? '', over.signal),
    ),
  );
  const ended = opened.map((body) => read(body, over.signal, () => (events += 1)));
  const attempts = await Promise.all(executionIds.slice(0, BUSY).map((executionId) => takeOver(sql, executionId)));
  let changing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    changing = Promise.all(attempts.map((attempt) => account(sql, attempt, { created: BATCH, progress: BATCH })));
  }, CHANGE_EVERY_MS);
  return {
    events: () => events,
    close: async () => {
      clearInterval(timer);
      await changing;
      over.abort();
      await Promise.all(ended);
    },
  };
}

async function openEvents(
  api: ApiProcess,
  executionId: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const answer = await fetch(`${api.url}/executions/${executionId}/events`, {
    headers: { authorization: `Bearer ${api.apiKey}`, accept: 'text/event-stream' },
    signal,
  });
  if (!answer.ok || !answer.body) throw new Error(`The events of an execution were refused: ${answer.status}`);
  return answer.body;
}

async function read(body: ReadableStream<Uint8Array>, signal: AbortSignal, onEvent: () => void): Promise<void> {
  try {
    const [decoder, parser] = [new TextDecoder(), createParser({ onEvent })];
    for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
