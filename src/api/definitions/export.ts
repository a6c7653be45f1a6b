import { type ConnectionRow, connectionsOf, listConnections } from '../../../db/queries/connections';
import { findSync, listSyncs, type SyncRow, sharedNames } from '../../../db/queries/syncs';
import { connectionToFile, syncToFile } from '../../domain/definition-file';
import { writeYaml } from '../../yaml/yaml';
import type { ApiDeps } from '../deps';
import { notFound } from '../problem';
import { turns } from '../turns';
import { SCHEMA_PATH } from './schema';

/** Items of the export, in the order in which they stand in the file. */
interface Exported {
  connections: AsyncIterable<object>;
  syncs: AsyncIterable<object>;
}

const PAGE = 500;

/** All connections and syncs, read page by page. */
export function exportAll({ database: { db } }: Pick<ApiDeps, 'database'>): Exported {
  const names = new Map<string, string>();
  async function* connections() {
    let rows: ConnectionRow[];
    let after: string | null = null;
    do {
      rows = await listConnections(db, after, PAGE);
      for (const row of rows) {
        names.set(row.connectionId, row.name);
        yield connectionToFile(row);
      }
      after = rows.at(-1)?.name ?? null;
    } while (rows.length === PAGE);
  }
  async function* syncs() {
    const shared = await sharedNames(db);
    let rows: SyncRow[];
    let after: { createdAt: string; syncId: string } | null = null;
    do {
      rows = await listSyncs(db, after, PAGE);
      for (const row of rows) {
        const more = shared.has(row.name) ? { id: row.syncId } : {};
        yield syncToFile(row.definition, (connectionId) => names.get(connectionId), more);
      }
      after = rows.at(-1) ?? null;
    } while (rows.length === PAGE);
  }
  return { connections: connections(), syncs: syncs() };
}

/** One sync, with the connections that it uses. @throws Problem 404 */
export async function exportOne({ database: { db } }: Pick<ApiDeps, 'database'>, syncId: string): Promise<Exported> {
  const sync = await findSync(db, syncId);
  if (!sync) throw notFound('sync');
  const { source, destination } = sync.definition;
  const ids = [source, destination].flatMap((end) => end?.connectionId ?? []);
  const used = await connectionsOf(db, { ids, names: [] });
  const nameOf = (connectionId: string) => used.find((row) => row.connectionId === connectionId)?.name;
  const shared = await sharedNames(db);
  const more = shared.has(sync.name) ? { id: syncId } : {};
  return {
    connections: each(used.map(connectionToFile)),
    syncs: each([syncToFile(sync.definition, nameOf, more)]),
  };
}

async function* each(items: readonly object[]): AsyncIterable<object> {
  yield* items;
}

/** The export as YAML, item by item; an editor that knows the schema helps to write it. @param publicUrl where the schema is served */
export async function* yamlParts({ connections, syncs }: Exported, publicUrl: string): AsyncIterable<string> {
  yield `# yaml-language-server: $schema=${publicUrl}${SCHEMA_PATH}\n`;
  const turn = turns();
  for (const [list, items] of [['connections', connections] as const, ['syncs', syncs] as const]) {
    let isEmpty = true;
    for await (const item of items) {
      if (isEmpty) yield `${list}:\n`;
      isEmpty = false;
      yield writeYaml([item]);
      await turn();
    }
    if (isEmpty) yield `${list}: []\n`;
  }
}

/** The export as JSON, item by item. */
export async function* jsonParts({ connections, syncs }: Exported): AsyncIterable<string> {
  const turn = turns();
  for (const [before, items] of [['{"connections":[', connections] as const, ['],"syncs":[', syncs] as const]) {
    yield before;
    let separator = '';
    for await (const item of items) {
      yield `${separator}${JSON.stringify(item)}`;
      separator = ',';
      await turn();
    }
  }
  yield ']}\n';
}
