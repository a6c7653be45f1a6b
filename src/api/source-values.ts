import type { ExecutionRow, OutcomeRow } from '../../db/queries/executions-read';
import { stagedBodies } from '../../db/queries/staging';
import { loadDefinition } from '../../db/queries/syncs';
import { asRun, type Definition, definition as definitionSchema, InvalidDefinition } from '../domain/definition';
import type { ObjectDescription, Value } from '../domain/object-description';
import { fieldsReadBy } from '../domain/read-fields';
import type { ApiDeps } from './deps';
import { valueTextFor } from './masking';
import { Problem } from './problem';
import type { Role } from './schemas/roles';
import { askConnection } from './vendor';

type AskDeps = Pick<ApiDeps, 'database' | 'connect'>;

/** The values of records beside what became of them, as text by the fields of the source; none where none are kept. */
interface ValuesRead {
  fields: readonly string[];
  withValues(rows: readonly OutcomeRow[]): Promise<(OutcomeRow & { values: Record<string, string> })[]>;
}

/** Of a download that tells of outcomes alone. */
export const NO_VALUES: ValuesRead = {
  fields: [],
  withValues: async (rows) => rows.map((row) => Object.assign(row, { values: {} })),
};

/** The objects of a definition as its systems describe them. @throws Problem see `askConnection` */
export async function describeBoth(
  deps: AskDeps,
  { source, destination }: Pick<Definition, 'source' | 'destination'>,
  signal: AbortSignal,
): Promise<[ObjectDescription, ObjectDescription]> {
  const describe = ({ connectionId, object }: Definition['source']) =>
    askConnection(deps, connectionId, signal, (open, limited) => open.describe(object, limited));
  return Promise.all([describe(source), describe(destination)]);
}

/**
 * What an execution has read of each record; an undo has read none.
 * @param reader who is told: see `valueTextFor`
 * @throws Problem 409 where that is kept no longer, or cannot be told apart any more
 */
export async function valuesRead(
  deps: AskDeps,
  execution: ExecutionRow,
  reader: { role: Role; signal: AbortSignal },
): Promise<ValuesRead> {
  if (execution.trigger === 'undo') return NO_VALUES;
  if (execution.valuesGoneAt !== null) {
    throw new Problem(409, 'What the execution has read is kept no longer (SYNC_RETENTION_DAYS).');
  }
  const definition = definitionSchema.parse(
    asRun(await loadDefinition(deps.database.db, execution.syncId, execution.version)),
  );
  const fields = await fieldsOf(deps, definition, reader.signal);
  const textOf = valueTextFor(reader.role);
  return {
    fields,
    async withValues(rows) {
      const bodies = await stagedBodies(
        deps.database.sql,
        execution,
        rows.map(({ sortKey }) => sortKey),
      );
      return rows.map((row) => ({ ...row, values: cellsOf(fields, bodies.get(row.sortKey), textOf) }));
    },
  };
}

async function fieldsOf(deps: AskDeps, definition: Definition, signal: AbortSignal): Promise<string[]> {
  const [source, destination] = await describeBoth(deps, definition, signal);
  try {
    return fieldsReadBy(definition, source, destination);
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    throw new Problem(409, error.message);
  }
}

function cellsOf(
  fields: readonly string[],
  body: string | undefined,
  textOf: (value: Value) => string,
): Record<string, string> {
  const values: Value[] = body === undefined ? [] : JSON.parse(body); // written by extract
  // of a time when the definition meant other fields
  if (values.length !== fields.length) return {};
  return Object.fromEntries(fields.map((field, index) => [field, textOf(values[index] ?? null)]));
}
