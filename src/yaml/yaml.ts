import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { dump } from 'js-yaml';
import { z } from 'zod';

/** A text that is no YAML, or such as is not taken; lines and columns count from 1. */
export class UnreadableYaml extends Error {
  override readonly name = 'UnreadableYaml';
  constructor(
    readonly reason: string,
    readonly line: number | null,
    readonly column: number | null,
  ) {
    super(line === null ? reason : `${reason} (line ${line}, column ${column})`);
  }
}

/** What a thread may take of the memory. */
const MOST_MEGABYTES = 1_500;

const refused = z.object({
  refused: z.object({ reason: z.string(), line: z.int().nullable(), column: z.int().nullable() }),
});
const documentsRead = z.object({ documents: z.string() });
const linesFound = z.object({ lines: z.array(z.int().nullable()) });

/**
 * Reads one document of YAML or JSON, in a thread. Duplicate keys and aliases are refused. @returns undefined for an empty text
 * @throws UnreadableYaml
 */
export async function readYaml(text: string): Promise<unknown> {
  const read = documentsRead.parse(await inThread({ text }));
  const documents: unknown[] = JSON.parse(read.documents);
  if (documents.length > 1)
    throw new UnreadableYaml('there is more than one document in it: leave out "---"', null, null);
  return documents[0];
}

/**
 * Finds where members stand in a text that has been read.
 * @param paths such as `syncs[3].mappings[0].to`
 * @returns lines from 1, that of the nearest member around one that is not there; null where none is known
 */
export async function linesIn(text: string, paths: readonly string[]): Promise<(number | null)[]> {
  if (paths.length === 0) return [];
  return linesFound.parse(await inThread({ text, paths: paths.map(namesIn) })).lines;
}

const namesIn = (path: string): string[] => path.split(/[.[\]]+/).filter((name) => name !== '');

/** One text at a time, so that many large ones take no more of the machine than one does. */
let last: Promise<unknown> = Promise.resolve();

function inThread(task: { text: string; paths?: string[][] }): Promise<unknown> {
  const answer = last.then(() => askThread(task));
  last = answer.catch(() => undefined);
  return answer;
}

async function askThread(task: { text: string; paths?: string[][] }): Promise<unknown> {
  const thread = new Worker(join(__dirname, 'yaml-thread.cjs'), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  });
  const message = await answerOf(thread).finally(() => thread.terminate());
  const refusal = refused.safeParse(message);
  if (!refusal.success) return message;
  const { reason, line, column } = refusal.data.refused;
  throw new UnreadableYaml(reason, line, column);
}

async function answerOf(thread: Worker): Promise<unknown> {
  try {
    const [message]: unknown[] = await once(thread, 'message');
    return message;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    return { refused: { reason: 'it holds too much; make several files of it', line: null, column: null } };
  }
}

/** Text that `readYaml` reads back to the same; members that are undefined are left out. */
export const writeYaml = (value: unknown): string =>
  dump(JSON.parse(JSON.stringify(value)), { lineWidth: -1, noRefs: true });
