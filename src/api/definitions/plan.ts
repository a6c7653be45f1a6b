import { z } from 'zod';
import type { ConnectionRow } from '../../../db/queries/connections';
import { connectionsOf } from '../../../db/queries/connections';
import { type SyncRow, syncsOf } from '../../../db/queries/syncs';
import type { DraftDefinition } from '../../domain/definition';
import { definitionOf, type SyncInFile, syncToFile } from '../../domain/definition-file';
import { type MemberChange, memberChanges } from '../../domain/member-changes';
import type { ApiDeps } from '../deps';
import type { ProblemDetail } from '../problem';
import type { ACTIONS, DefinitionsPlan, uncheckedBody } from '../schemas/definitions';
import { turns } from '../turns';
import { type Items, itemsOf, type Placed } from './items';
import { type PlannedConnection, planConnection } from './plan-connection';

/** What becomes of a sync. */
export interface PlannedSync {
  path: string;
  action: (typeof ACTIONS)[number];
  before: SyncRow | null;
  definition: DraftDefinition;
  changes: MemberChange[];
}

/** What a file means for what is stored. Items in which something is wrong are not among those planned. */
export interface Plan {
  connections: PlannedConnection[];
  syncs: PlannedSync[];
  problems: ProblemDetail[];
}

type Deps = Pick<ApiDeps, 'database' | 'secrets'>;

/** Compares a file with what is stored. */
export async function planDefinitions(deps: Deps, file: z.output<typeof uncheckedBody>): Promise<Plan> {
  const items = await itemsOf(file);
  const problems = [...items.problems];
  const stored = await storedFor(deps, items);
  const connections: PlannedConnection[] = [];
  for (const placed of withoutDoubles(items.connections, ({ name }) => name, problems)) {
    const planned = await planConnection(deps, placed, stored.connectionNamed(placed.item.name) ?? null);
    problems.push(...planned.problems);
    connections.push(planned);
  }
  const made = new Map(connections.map(({ connectionId, inFile }) => [connectionId, inFile.name]));
  const idsMade = new Map(connections.map(({ connectionId, inFile }) => [inFile.name, connectionId]));
  const faulty = new Set(namesIn(file.connections).filter((name) => !idsMade.has(name)));
  const names: Names = {
    isFaulty: (name) => faulty.has(name),
    idOf: (name) => idsMade.get(name) ?? stored.connectionNamed(name)?.connectionId,
    nameOf: (connectionId) => made.get(connectionId) ?? stored.nameOf(connectionId),
  };
  const keyOf = (item: SyncInFile) => item.id ?? stored.syncsNamed(item.name)[0]?.syncId ?? item.name;
  const syncs: PlannedSync[] = [];
  const turn = turns();
  for (const placed of withoutDoubles(items.syncs, keyOf, problems)) {
    const planned = planSync(placed, stored, names);
    problems.push(...planned.problems);
    if (planned.sync) syncs.push(planned.sync);
    await turn();
  }
  return { connections, syncs, problems };
}

/** Names of items, whatever else they are. */
const namesIn = (items: readonly unknown[]): string[] =>
  items.flatMap((item) => {
    const named = z.object({ name: z.string() }).safeParse(item);
    return named.success ? [named.data.name] : [];
  });

/** Items that mean the same thing as one before are a problem. */
function withoutDoubles<Item>(
  items: readonly Placed<Item>[],
  keyOf: (item: Item) => string,
  problems: ProblemDetail[],
): Placed<Item>[] {
  const first = new Map<string, string>();
  return items.filter(({ path, item }) => {
    const key = keyOf(item);
    const before = first.get(key);
    if (before !== undefined) problems.push({ path: `${path}.name`, message: `It is the same as ${before}.` });
    else first.set(key, path);
    return before === undefined;
  });
}

interface Names {
  idOf(connectionName: string): string | undefined;
  isFaulty(connectionName: string): boolean;
  nameOf(connectionId: string): string | undefined;
}

interface Stored {
  connectionNamed(name: string): ConnectionRow | undefined;
  nameOf(connectionId: string): string | undefined;
  syncOf(syncId: string): SyncRow | undefined;
  syncsNamed(name: string): readonly SyncRow[];
}

/** All of what is stored that a file speaks of. */
async function storedFor({ database: { db } }: Deps, { connections, syncs }: Items): Promise<Stored> {
  const rows = await syncsOf(db, {
    ids: syncs.flatMap(({ item }) => item.id ?? []),
    names: syncs.map(({ item }) => item.name),
  });
  const ends = syncs.flatMap(({ item }) => [item.source, item.destination]);
  const usedNow = rows.flatMap(({ definition }) => [definition.source, definition.destination]);
  const found = await connectionsOf(db, {
    ids: unique(usedNow.flatMap((end) => end?.connectionId ?? [])),
    names: unique([
      ...connections.map(({ item }) => item.name),
      ...ends.flatMap((end) => (end && 'connection' in end ? end.connection : [])),
    ]),
  });
  const byName = new Map<string, SyncRow[]>();
  for (const row of rows) byName.set(row.name, [...(byName.get(row.name) ?? []), row]);
  const bySyncId = new Map(rows.map((row) => [row.syncId, row]));
  const byConnectionName = new Map(found.map((row) => [row.name, row]));
  const byConnectionId = new Map(found.map((row) => [row.connectionId, row]));
  return {
    connectionNamed: (name) => byConnectionName.get(name),
    nameOf: (connectionId) => byConnectionId.get(connectionId)?.name,
    syncOf: (syncId) => bySyncId.get(syncId),
    syncsNamed: (name) => byName.get(name) ?? [],
  };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

function planSync(
  { path, item }: Placed<SyncInFile>,
  stored: Stored,
  { idOf, isFaulty, nameOf }: Names,
): { sync: PlannedSync | null; problems: ProblemDetail[] } {
  const { definition, problems: endProblems } = definitionOf(item, idOf, isFaulty);
  const problems = endProblems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));
  const named = stored.syncsNamed(item.name);
  const before = item.id === undefined ? named[0] : stored.syncOf(item.id);
  if (item.id !== undefined && !before) {
    problems.push({ path: `${path}.id`, message: 'There is no sync with this id. Leave it out to add a new one.' });
  }
  if (item.id === undefined && named.length > 1) {
    const message = `${named.length} syncs have this name. Say by its \`id\` which one is meant.`;
    problems.push({ path: `${path}.name`, message });
  }
  if (problems.length > 0) return { sync: null, problems };
  if (!before) return { sync: { path, action: 'create', before: null, definition, changes: [] }, problems };
  const changes = memberChanges(syncToFile(before.definition, nameOf), syncToFile(definition, nameOf));
  const action = changes.length > 0 ? 'change' : 'unchanged';
  return { sync: { path, action, before, definition, changes }, problems };
}

/** The plan as it is told. @param saved the syncs that were saved, by their paths */
export function planAnswer(
  plan: Pick<Plan, 'connections' | 'syncs'>,
  saved?: ReadonlyMap<string, SyncRow>,
): DefinitionsPlan {
  const connections = plan.connections.map(({ path, inFile, action, before, connectionId, changes }) => ({
    path,
    name: inFile.name,
    kind: inFile.kind,
    action,
    id: before || saved ? connectionId : null,
    changes,
  }));
  const syncs = plan.syncs.map(({ path, action, before, definition, changes }) => {
    const row = saved?.get(path) ?? before;
    const { syncId: id = null, status = null, version = null } = row ?? {};
    return { path, name: definition.name, action, id, status, version, changes };
  });
  const count = (wanted: (typeof ACTIONS)[number]) =>
    [...connections, ...syncs].filter(({ action }) => action === wanted).length;
  const counts = { create: count('create'), change: count('change'), unchanged: count('unchanged') };
  return { counts, connections, syncs };
}
