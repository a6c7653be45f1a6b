import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker, type WorkflowBundlePath } from '@temporalio/worker';
import { z } from 'zod';
import { quietenTemporal } from './quiet-temporal';
import { workflowBundle } from './workflow-bundle';

/** Histories of real executions, a folder for each release: code of a new release runs with the workflows of the old ones. */
export const KEPT_HISTORIES = join('test', 'histories');

/** What happened to one workflow. */
export interface KeptHistory {
  /** The file's name without its ending, such as `paused.execution`. */
  name: string;
  history: unknown;
}

/** Where it ran is nobody's business. What the SDK notes of itself stays: it decides how strictly a replay compares. */
const PLACES: ReadonlySet<string> = new Set([
  ...['identity', 'buildId', 'binaryChecksum', 'workerVersion', 'stackTrace'],
]);
/** A process and its machine, as the names of queues contain them. */
const PLACE = /\d+@[\w.-]+/g;

/** The history of a workflow as it is kept: without what tells of the machine. */
export const toKept = (name: string, history: object): KeptHistory => ({ name, history: toPlain(history) });

/** 64-bit numbers as the protocol's library holds them. */
const long = z.object({ low: z.number(), high: z.number(), unsigned: z.boolean() });
const TWO_TO_32 = 2 ** 32;

/** A message of the protocol as JSON; bytes, which are JSON themselves wherever we make them, as text. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('utf8') };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === 'string') return value.replaceAll(PLACE, 'worker');
  if (typeof value !== 'object' || value === null) return value;
  const number = long.safeParse(value);
  if (number.success) return number.data.high * TWO_TO_32 + (number.data.low >>> 0);
  const members = Object.entries(value).filter(([name, member]) => !PLACES.has(name) && member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, toPlain(member)]));
}

const isBytes = (value: object): value is { bytes: string } =>
  'bytes' in value && typeof value.bytes === 'string' && Object.keys(value).length === 1;

/** The reverse of `toPlain`. */
function toMessage(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toMessage);
  if (typeof value !== 'object' || value === null) return value;
  if (isBytes(value)) return Buffer.from(value.bytes, 'utf8');
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toMessage(member)]));
}

const file = z.object({ events: z.array(z.record(z.string(), z.unknown())) });

/** Writes histories as the newest of a release, one event a line. */
export async function keepHistories(release: string, histories: readonly KeptHistory[]): Promise<void> {
  const folder = join(KEPT_HISTORIES, release);
  await mkdir(folder, { recursive: true });
  for (const { name, history } of histories) {
    const lines = file.parse(history).events.map((event) => JSON.stringify(event));
    await writeFile(join(folder, `${name}.json`), `{"events":[\n${lines.join(',\n')}\n]}\n`);
  }
}

/** The releases that histories are kept of, and the histories of one. */
export const keptReleases = (): Promise<string[]> => readdir(KEPT_HISTORIES);

export async function keptHistories(release: string): Promise<KeptHistory[]> {
  const folder = join(KEPT_HISTORIES, release);
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => ({
      name: name.replace(/\.json$/, ''),
      history: file.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))),
    })),
  );
}

/** Replays histories with workflow code, the present one unless told otherwise. @returns what was wrong, by name; nothing where all decide as they did */
export async function replayProblems(
  histories: readonly KeptHistory[],
  bundle: WorkflowBundlePath = workflowBundle(),
): Promise<Record<string, string>> {
  quietenTemporal();
  const problems: Record<string, string> = {};
  const toReplay = histories.map(({ name, history }) => ({ workflowId: name, history: toMessage(history) }));
  // in this thread: one of their own takes a second to start
  const options = { workflowBundle: bundle, debugMode: true };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, toReplay)) {
    if (error) problems[workflowId] = error.message;
  }
  return problems;
}
