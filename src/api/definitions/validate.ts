import type { z } from 'zod';
import { demandComplete } from '../definition-check';
import type { ApiDeps } from '../deps';
import { Problem, type ProblemDetail } from '../problem';
import type { Caller } from '../route';
import type { uncheckedBody } from '../schemas/definitions';
import { turns } from '../turns';
import { areTooMany } from './items';
import { planDefinitions } from './plan';
import { NotThereYet, plannedSystems, withPath } from './systems';

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
  file: z.output<typeof uncheckedBody>,
  caller: Caller,
  signal: AbortSignal,
): Promise<Validation> {
  const plan = await planDefinitions(deps, file);
  const problems = [...plan.problems];
  const notChecked: ProblemDetail[] = [];
  const systems = plannedSystems(deps, plan.connections, caller.role === 'admin');
  const turn = turns();
  for (const { path, definition } of plan.syncs) {
    try {
      await withPath(path, () => demandComplete(deps, definition, signal, systems));
    } catch (error) {
      if (error instanceof Problem) problems.push(...error.errors);
      else if (error instanceof NotThereYet) notChecked.push({ path, message: error.message });
      else throw error;
    }
    if (areTooMany(problems)) break;
    await turn();
  }
  return { problems, notChecked };
}
