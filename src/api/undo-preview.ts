import type { ExecutionRow } from '../../db/queries/executions-read';
import { batchIdsOf, laterWrites, type UndoRow, undoneRecords, writtenBy } from '../../db/queries/undo';
import type { Connector } from '../connectors/connector';
import type { Existing } from '../domain/import-decision';
import type { ObjectDescription } from '../domain/object-description';
import { decideUndos, effectOf, fieldsOfTrace, UNDO_COUNTS, type UndoCounts, undoCountedAs } from '../domain/undo';
import type { ApiDeps } from './deps';
import type { UndoForetold } from './schemas/follow-ups';
import { askConnection } from './vendor';

/** Records that are compared with the destination while a person waits. */
const MOST_COMPARED = 10_000;

/** Tells what an undo of an execution would do now, by its own rules. Nothing is written. */
export async function foretellUndo(
  deps: Pick<ApiDeps, 'database' | 'connect'>,
  origin: ExecutionRow,
  destination: { connectionId: string; object: string },
  signal: AbortSignal,
): Promise<UndoForetold> {
  const { sql } = deps.database;
  const total = origin.created + origin.updated - (await undoneRecords(sql, origin.executionId));
  const rows = await firstWritten(deps, origin);
  const plan = Object.fromEntries(UNDO_COUNTS.map((name) => [name, 0])) as UndoCounts; // all of them, see the type
  const groups = new Map<string, UndoRow[]>();
  for (const row of rows.values()) {
    if (row.destinationId === null) plan.unknownId += 1;
    else groups.set(row.destinationId, [...(groups.get(row.destinationId) ?? []), row]);
  }
  await askConnection(deps, destination.connectionId, signal, async ({ connector, describe }, limited) => {
    const object = await describe(destination.object, limited);
    const present = await presentOf(connector, object, [...rows.values()], limited);
    const units = [...groups].map(([destinationId, group]) => ({
      destinationId,
      effect: effectOf(group),
      sortKeys: group.map(({ sortKey }) => sortKey),
    }));
    const decisions = await decideUndos(units, present, object, connector.traceOfOthers(object), (open) =>
      laterWrites(sql, origin.executionId, open),
    );
    for (const [index, decision] of decisions.entries())
      plan[undoCountedAs(decision)] += units[index]?.sortKeys.length ?? 0;
  });
  return { preview: true, total, compared: rows.size, exact: rows.size >= total, plan };
}

/** What was written of the first records, by sort key; a record that was sent again counts as it was sent last. */
async function firstWritten(
  { database: { sql } }: Pick<ApiDeps, 'database'>,
  origin: ExecutionRow,
): Promise<Map<string, UndoRow>> {
  const rows = new Map<string, UndoRow>();
  for (const batchId of await batchIdsOf(sql, origin.executionId)) {
    if (rows.size >= MOST_COMPARED) break;
    for (const row of await writtenBy(sql, origin, batchId)) rows.set(row.sortKey, row);
  }
  return rows;
}

async function presentOf(
  connector: Connector,
  object: ObjectDescription,
  rows: readonly UndoRow[],
  signal: AbortSignal,
): Promise<Map<string, Existing>> {
  const names = new Set(object.fields.map(({ name }) => name));
  const isMade = rows.some(({ operation }) => operation === 'create');
  const traced = isMade ? fieldsOfTrace(connector.traceOfOthers(object)) : [];
  const written = rows.flatMap(({ values }) => Object.keys(values));
  const fields = [...new Set([...written, ...traced])].filter((name) => names.has(name));
  const ids = [...new Set(rows.flatMap(({ destinationId }) => destinationId ?? []))];
  const { lookupKeys } = connector.limits;
  const found = new Map<string, Existing>();
  for (let from = 0; from < ids.length; from += lookupKeys) {
    const keys = ids.slice(from, from + lookupKeys);
    const records = await connector.findByKey({ object, field: object.idField, keys, fields }, signal);
    for (const record of records) found.set(record.destinationId, record);
  }
  return found;
}
