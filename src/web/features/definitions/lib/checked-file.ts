import type { z } from 'zod';
import type { DefinitionsPlan, validationAnswer } from '../../../../api/schemas/definitions';
import { LIVE_STATUSES } from '../../../../domain/sync-status';
import type { ApiProblem, FieldProblem } from '../../../lib/api';

type Validation = z.output<typeof validationAnswer>;

/** A file, and what is known of it. */
export interface CheckedFile {
  text: string;
  /** What it would change; null where something in it has to be mended first. */
  plan: DefinitionsPlan | null;
  /** Keeps the file from being applied. */
  blocking: readonly FieldProblem[];
  /** Does not: it keeps drafts from being activated. */
  open: readonly FieldProblem[];
  /** What could not be looked at yet. */
  notChecked: readonly FieldProblem[];
}

/**
 * Puts together what was found of a file.
 * @param compared what it would change, or why that cannot be told
 * @param validation null for a file that cannot be read
 */
export function checkedFile(
  text: string,
  compared: DefinitionsPlan | ApiProblem,
  validation: Validation | null,
): CheckedFile {
  const { problems = [], notChecked = [] } = validation ?? {};
  const plan = 'counts' in compared ? compared : null;
  const refused = 'counts' in compared ? [] : refusalsOf(compared);
  const keyOf = ({ path, message }: FieldProblem) => `${path} ${message}`;
  const told = new Set(refused.map(keyOf));
  const others = problems.filter((problem) => !told.has(keyOf(problem)));
  const isBlocking = ({ path }: FieldProblem) => plan !== null && mustBeComplete(plan, path);
  return {
    text,
    plan,
    blocking: [...refused, ...others.filter(isBlocking)],
    open: others.filter((problem) => !isBlocking(problem)),
    notChecked,
  };
}

const refusalsOf = ({ errors, detail }: ApiProblem): readonly FieldProblem[] =>
  errors.length > 0 ? errors : [{ path: '', message: detail }];

/** What is changed of a sync that is live has to be complete; a draft has not. */
const mustBeComplete = ({ syncs }: DefinitionsPlan, path: string): boolean =>
  syncs.some(
    (sync) =>
      sync.action === 'change' &&
      sync.status !== null &&
      LIVE_STATUSES.includes(sync.status) &&
      (path === sync.path || path.startsWith(`${sync.path}.`)),
  );

/** Why somebody may not apply a plan; null where nothing stands against it. */
export function whyNotApply(
  { plan, blocking }: Pick<CheckedFile, 'plan' | 'blocking'>,
  may: { operate: boolean; administer: boolean },
): string | null {
  if (!may.operate) return 'Your role is viewer: an operator or an administrator can apply a file.';
  if (!plan || blocking.length > 0) return 'Fix the problems first.';
  if (plan.counts.create + plan.counts.change === 0) return 'Nothing would change.';
  const connections = plan.connections.filter(({ action }) => action !== 'unchanged').map(({ name }) => `"${name}"`);
  if (connections.length > 0 && !may.administer) {
    return `The file adds or changes connections (${connections.join(', ')}), which an administrator can do. Or leave them out of the file.`;
  }
  return null;
}
