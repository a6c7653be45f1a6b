import type { z } from 'zod';
import { connectionInFile, definitionsFile, syncInFile } from '../../domain/definition-file';
import { demandComplete } from '../definition-check';
import type { ApiDeps } from '../deps';
import { invalidInput, Problem, type ProblemDetail } from '../problem';
import type { Caller } from '../route';
import { type Placed, planDefinitions } from './plan';
import { NotThereYet, plannedSystems, withPath } from './systems';

type Unchecked = { connections: readonly unknown[]; syncs: readonly unknown[] };

/** What is wrong with a file, and what could not be looked at. */
export interface Validation {
  problems: ProblemDetail[];
  notChecked: ProblemDetail[];
}

/**
 * Checks a file as activation checks each sync of it; every problem is told, whatever else is wrong.
 * @param caller an admin's call also tries the connections that the file adds
 */
export async function validateDefinitions(
  deps: ApiDeps,
  file: Unchecked,
  caller: Caller,
  signal: AbortSignal,
): Promise<Validation> {
  const problems: ProblemDetail[] = [];
  const notChecked: ProblemDetail[] = [];
  const connections = itemsOf(connectionInFile, file.connections, 'connections', problems);
  const syncs = itemsOf(syncInFile, file.syncs, 'syncs', problems);
  problems.push(...frameProblems(file));
  const plan = await planDefinitions(deps, { connections, syncs });
  problems.push(...plan.problems);
  const systems = plannedSystems(deps, plan.connections, caller.role === 'admin');
  for (const { path, definition } of plan.syncs) {
    try {
      await withPath(path, () => demandComplete(deps, definition, signal, systems));
    } catch (error) {
      if (error instanceof Problem) problems.push(...error.errors);
      else if (error instanceof NotThereYet) notChecked.push({ path, message: error.message });
      else throw error;
    }
  }
  return { problems, notChecked };
}

/** What stands around the items: unknown members, too many items. */
function frameProblems(file: Unchecked): ProblemDetail[] {
  const parsed = definitionsFile.safeParse(file);
  if (parsed.success) return [];
  const isOfItem = (path: string) => /^(connections|syncs)\[/.test(path);
  return invalidInput(parsed.error).errors.filter(({ path }) => !isOfItem(path));
}

/** Items of the right shape, with their places in the file; what is wrong with the others goes to `problems`. */
function itemsOf<Schema extends z.ZodType>(
  schema: Schema,
  items: readonly unknown[],
  list: string,
  problems: ProblemDetail[],
): Placed<z.output<Schema>>[] {
  return items.flatMap((item, at) => {
    const path = `${list}[${at}]`;
    const parsed = schema.safeParse(item);
    if (parsed.success) return [{ path, item: parsed.data }];
    problems.push(
      ...invalidInput(parsed.error).errors.map((problem) => ({ ...problem, path: `${path}.${problem.path}` })),
    );
    return [];
  });
}
