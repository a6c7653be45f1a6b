import type { Database } from '../../../db/client';
import { lockSyncNames, type SyncRow, syncsOf } from '../../../db/queries/syncs';
import { demandStorable } from '../definition-check';
import type { ApiDeps } from '../deps';
import { Problem } from '../problem';
import type { Call, Note } from '../route';
import {
  type ConnectionChange,
  checkConnectionChange,
  createConnection,
  saveConnectionChange,
} from '../save-connection';
import { checkSyncChange, createSync, type SyncChange, saveSyncChange } from '../save-sync';
import type { DefinitionsPlan } from '../schemas/definitions';
import { type Plan, type PlannedSync, planAnswer } from './plan';
import { plannedSystems, withPath } from './systems';

type ApplyCall = Pick<Call<undefined, undefined, unknown>, 'caller' | 'change' | 'signal'>;

/**
 * Does what a plan says: all of it in one transaction, or nothing. What takes long, asking vendors, is done before.
 * @throws Problem 403, 409, 412 or 422 that names the item
 */
export async function applyPlan(deps: ApiDeps, plan: Plan, call: ApplyCall): Promise<DefinitionsPlan> {
  demandNoProblems([...plan.problems, ...plan.connections.flatMap(({ unresolved }) => unresolved)]);
  demandAdminForConnections(plan, call);
  const checked = await checkAll(deps, plan, call.signal);
  const { counts } = planAnswer(plan);
  if (counts.create + counts.change === 0) return planAnswer(plan);
  return call.change(async (tx, note) => planAnswer(plan, await saveAll(deps, tx, note, checked, call.caller.name)));
}

/** @throws Problem 422 */
export function demandNoProblems(problems: Plan['problems']): void {
  if (problems.length > 0) throw new Problem(422, 'The file cannot be used as it is.', problems);
}

function demandAdminForConnections({ connections }: Plan, { caller }: ApplyCall): void {
  const changed = connections.filter(({ action }) => action !== 'unchanged').map(({ inFile }) => `"${inFile.name}"`);
  if (changed.length === 0 || caller.role === 'admin') return;
  throw new Problem(
    403,
    `The file adds or changes connections (${changed.join(', ')}), which needs the role admin; the key has the role ${caller.role}.`,
  );
}

interface CheckedPlan {
  newConnections: Plan['connections'];
  connectionChanges: { path: string; change: ConnectionChange }[];
  newSyncs: PlannedSync[];
  syncChanges: { path: string; change: SyncChange }[];
}

async function checkAll(deps: ApiDeps, plan: Plan, signal: AbortSignal): Promise<CheckedPlan> {
  const checked: CheckedPlan = { newConnections: [], connectionChanges: [], newSyncs: [], syncChanges: [] };
  for (const planned of plan.connections) {
    const { path, action, before, after, changes } = planned;
    if (action === 'create') checked.newConnections.push(planned);
    if (action !== 'change' || !before || !after) continue;
    const given = [...new Set(changes.map((change) => change.path.split('.')[1] ?? change.path))];
    const change = await withPath(path, () => checkConnectionChange(deps, { before, after, given }, signal));
    checked.connectionChanges.push({ path, change });
  }
  const systems = plannedSystems(deps, plan.connections);
  for (const planned of plan.syncs) {
    const { path, action, before, definition } = planned;
    if (action === 'create') {
      await withPath(path, async () => demandStorable(definition));
      checked.newSyncs.push(planned);
    } else if (action === 'change' && before) {
      const change = await withPath(path, () => checkSyncChange(deps, before, definition, signal, systems));
      checked.syncChanges.push({ path, change });
    }
  }
  return checked;
}

/** @returns the syncs that were saved, by their paths in the file */
async function saveAll(
  deps: ApiDeps,
  tx: Database,
  note: Note,
  checked: CheckedPlan,
  by: string,
): Promise<Map<string, SyncRow>> {
  const saved = new Map<string, SyncRow>();
  for (const { path, after, connectionId } of checked.newConnections) {
    if (after) await withPath(path, () => createConnection(tx, note, deps, after, connectionId));
  }
  for (const { path, change } of checked.connectionChanges) {
    await withPath(path, () => saveConnectionChange(tx, note, deps, change));
  }
  await demandStillNew(tx, checked.newSyncs);
  for (const { path, definition } of checked.newSyncs) saved.set(path, await createSync(tx, note, definition, by));
  for (const { path, change } of checked.syncChanges) {
    const saving = { expected: change.before.version, by };
    saved.set(path, await withPath(path, () => saveSyncChange(tx, note, change, saving)));
  }
  return saved;
}

/** A file that two apply at once makes its syncs once. */
async function demandStillNew(tx: Database, newSyncs: readonly PlannedSync[]): Promise<void> {
  if (newSyncs.length === 0) return;
  await lockSyncNames(tx);
  const [meanwhile] = await syncsOf(tx, { ids: [], names: newSyncs.map(({ definition }) => definition.name) });
  if (meanwhile) throw new Problem(409, `Someone else has added "${meanwhile.name}" meanwhile. Apply the file again.`);
}
