import { setTimeout } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { type ExecutionAnswer, executionAnswer } from '../api/schemas/executions';
import { type ApiClient, isPassing } from './api-client';
import type { Context } from './context';
import type { Sync } from './find';
import { nextExecution } from './next-execution';
import { tableText } from './print';
import { type ProgressView, progressView } from './progress';
import { CliError, EXIT } from './world';

/** A server that starts again is away for some seconds. */
const PAUSE_MS = 1_000;
const MOST_FAILURES = 60;

/** Follows an execution to its end; one that has not succeeded ends the command line with a code of its own. */
export async function watch(context: Context, client: ApiClient, executionId: string): Promise<ExecutionAnswer> {
  const { print, world } = context;
  const view = progressView(world, print);
  const ended = await follow(client, executionId, view).finally(() => view.stop());
  if (!print.isJson) print.data(ended, () => executionText(ended));
  if (ended.state !== 'succeeded') context.exitCode = EXIT.problem;
  return ended;
}

/** Goes on where a stream breaks off, since executions outlive servers. */
async function follow(client: ApiClient, executionId: string, view: ProgressView): Promise<ExecutionAnswer> {
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const execution of states(client, executionId)) {
        failures = 0;
        view.show(execution);
        if (execution.state !== 'running') return execution;
      }
    } catch (error) {
      if (!isPassing(error) || failures >= MOST_FAILURES) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}

/** The states of an execution, as the server sends them. */
async function* states(client: ApiClient, executionId: string): AsyncIterable<ExecutionAnswer> {
  const body = await client.stream(`/executions/${executionId}/events`, 'text/event-stream');
  const decoder = new TextDecoder();
  const text = new TransformStream<Uint8Array, string>({
    transform: (bytes, controller) => controller.enqueue(decoder.decode(bytes, { stream: true })),
  });
  const events = body.pipeThrough(text).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const execution = executionAnswer.safeParse(JSON.parse(read.value.data));
      if (!execution.success)
        throw new CliError(
          'The server tells of executions in a way that this version does not know.',
          EXIT.unreachable,
        );
      yield execution.data;
    }
  } finally {
    await reader.cancel();
  }
}

/** Waits until a sync has begun an execution, and follows that. @param wait see `nextExecution` */
export async function watchNext(
  context: Context,
  client: ApiClient,
  sync: Pick<Sync, 'id'>,
  wait: { after: number; isAsked: boolean },
): Promise<ExecutionAnswer> {
  const { id } = await nextExecution(client, sync, { ...wait, tell: (line) => context.print.message(line) });
  return watch(context, client, id);
}

/** How an execution went, as people read it. */
export function executionText(execution: ExecutionAnswer): string {
  const { id, number, state, phase, trigger, startedAt, finishedAt, counts, deleted, problem } = execution;
  const rows: [string, string | number | null][] = [
    ['Execution', number],
    ['Id', id],
    ['State', phase === null ? state : `${state} (${phase})`],
    ['Trigger', trigger],
    ['Started', startedAt],
    ['Finished', finishedAt],
    ...(problem === null ? [] : [['Problem', problem] as [string, string]]),
    ...Object.entries(counts),
    ...(trigger === 'undo' ? [['deleted, of those updated', deleted] as [string, number]] : []),
  ];
  return tableText([], rows);
}
