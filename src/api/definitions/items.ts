import { z } from 'zod';
import {
  type ConnectionInFile,
  connectionInFile,
  MOST_CONNECTIONS,
  MOST_SYNCS,
  type SyncInFile,
  syncInFile,
} from '../../domain/definition-file';
import { invalidInput, type ProblemDetail } from '../problem';
import type { uncheckedBody } from '../schemas/definitions';
import { turns } from '../turns';

/** An item of a file, and where it stands there: `syncs[3]`. */
export interface Placed<Item> {
  path: string;
  item: Item;
}

/** The items of a file that have the right shape, and what is wrong with the others. */
export interface Items {
  connections: Placed<ConnectionInFile>[];
  syncs: Placed<SyncInFile>[];
  problems: ProblemDetail[];
}

/** The file without its items, which are checked one by one. */
const frame = z.strictObject({
  $schema: z.string().optional(),
  connections: z.array(z.unknown()).max(MOST_CONNECTIONS),
  syncs: z.array(z.unknown()).max(MOST_SYNCS),
});

/** Whoever has made more has made one mistake many times. */
const MOST_PROBLEMS = 1_000;

/** True when so much is wrong that the rest need not be looked at; that is told as well. */
export function areTooMany(problems: ProblemDetail[]): boolean {
  if (problems.length < MOST_PROBLEMS) return false;
  problems.splice(MOST_PROBLEMS, Number.POSITIVE_INFINITY, {
    path: '',
    message: `Only the first ${MOST_PROBLEMS} problems are told.`,
  });
  return true;
}

/** Checks the shape of each item of a file, thousands of them with turns for other calls. */
export async function itemsOf(file: z.output<typeof uncheckedBody>): Promise<Items> {
  const framed = frame.safeParse(file);
  const problems = framed.success ? [] : invalidInput(framed.error).errors.slice();
  const connections = await fitting(
    connectionInFile,
    file.connections.slice(0, MOST_CONNECTIONS),
    'connections',
    problems,
  );
  const syncs = await fitting(syncInFile, file.syncs.slice(0, MOST_SYNCS), 'syncs', problems);
  return { connections, syncs, problems };
}

async function fitting<Schema extends z.ZodType>(
  schema: Schema,
  items: readonly unknown[],
  list: string,
  problems: ProblemDetail[],
): Promise<Placed<z.output<Schema>>[]> {
  const placed: Placed<z.output<Schema>>[] = [];
  const turn = turns();
  for (const [at, item] of items.entries()) {
    const path = `${list}[${at}]`;
    const parsed = schema.safeParse(item);
    if (parsed.success) placed.push({ path, item: parsed.data });
    else problems.push(...invalidInput(parsed.error).errors.map((problem) => within(path, problem)));
    if (areTooMany(problems)) break;
    await turn();
  }
  return placed;
}

/** A problem of an item, as one of the file. */
function within(path: string, problem: ProblemDetail): ProblemDetail {
  return { ...problem, path: problem.path === '' ? path : `${path}.${problem.path}` };
}
