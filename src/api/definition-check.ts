import { findConnection } from '../../db/queries/connections';
import { ConnectorError } from '../connectors/connector-error';
import { checkDefinition, checkWithoutObjects, lookupProblems } from '../domain/check-definition';
import {
  type Definition,
  type DefinitionProblem,
  type DraftDefinition,
  definition as definitionSchema,
} from '../domain/definition';
import { describeLookups } from '../domain/describe-lookups';
import { type UsedField, usedFields } from '../domain/field-types';
import { filterProblems } from '../domain/filter';
import type { ObjectDescription } from '../domain/object-description';
import type { ApiDeps } from './deps';
import { connectorProblem, invalidInput, Problem } from './problem';
import { patiently } from './vendor';

/** A system that definitions are checked against. */
export interface System {
  /** As people call its connection. */
  name: string;
  /** @throws ConnectorError */
  describe(objectName: string, signal: AbortSignal): Promise<ObjectDescription>;
}

/** Finds systems by the ids of their connections; null where there is none. */
export type Systems = (connectionId: string) => Promise<System | null>;

/** The systems of the connections that are stored, asked anew each time. */
export const storedSystems =
  ({ database, connect }: Pick<ApiDeps, 'database' | 'connect'>): Systems =>
  async (connectionId) => {
    const connection = await findConnection(database.db, connectionId);
    if (!connection) return null;
    const describe: System['describe'] = async (objectName, signal) =>
      (await connect(connectionId)).describe(objectName, signal, true);
    return { name: connection.name, describe };
  };

/** A definition that can run, and the fields that it uses as they are now. */
export interface Checked {
  definition: Definition;
  usedFields: UsedField[];
}

/**
 * Checks a whole definition against the systems that it names.
 * @throws Problem 422 with every problem and its path; 409, 502, 503 or 504 when a connection cannot be asked, which it names
 */
export async function demandComplete(
  deps: ApiDeps,
  given: unknown,
  signal: AbortSignal,
  systems: Systems = storedSystems(deps),
): Promise<Checked> {
  const parsed = definitionSchema.safeParse(given);
  if (!parsed.success) throw invalidInput(parsed.error);
  const definition = parsed.data;
  const [source, destination] = await Promise.all([
    describeEnd(systems, definition, 'source', signal),
    describeEnd(systems, definition, 'destination', signal),
  ]);
  const context = { now: deps.now(), defaultTimeZone: deps.settings.timeZone };
  const problems = [
    ...problemsOf(definition, source, destination, context),
    ...('object' in destination ? await lookupsWrong(systems, definition, signal) : []),
  ];
  if (problems.length === 0 && 'object' in source && 'object' in destination) {
    return { definition, usedFields: usedFields(definition, source.object, destination.object) };
  }
  throw new Problem(422, 'The definition cannot run as it is.', problems);
}

/** The object at one end, or why it is not there. */
type End = { object: ObjectDescription } | { missing: DefinitionProblem };

async function describeEnd(
  systems: Systems,
  definition: Definition,
  end: 'source' | 'destination',
  signal: AbortSignal,
): Promise<End> {
  const { connectionId, object } = definition[end];
  const system = await systems(connectionId);
  if (!system) return { missing: { path: `${end}.connectionId`, message: 'There is no such connection.' } };
  try {
    return { object: await patiently(signal, (limited) => system.describe(object, limited)) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (error.code === 'UNKNOWN_OBJECT') return { missing: { path: `${end}.object`, message: error.message } };
    throw connectorProblem(error, system.name);
  }
}

/** What is wrong with where its mappings look up references. */
async function lookupsWrong(
  systems: Systems,
  { destination, mappings }: Definition,
  signal: AbortSignal,
): Promise<DefinitionProblem[]> {
  const system = await systems(destination.connectionId);
  if (!system) return []; // told already
  const ask = (objectName: string) => patiently(signal, (limited) => system.describe(objectName, limited));
  return lookupProblems(mappings, await describeLookups(mappings, ask));
}

/** All that can be told; what depends on an object that is not there is left out. */
function problemsOf(
  definition: Definition,
  source: End,
  destination: End,
  context: { now: string; defaultTimeZone: string },
): DefinitionProblem[] {
  if ('object' in source && 'object' in destination) {
    return checkDefinition(definition, source.object, destination.object, context);
  }
  const missing = [source, destination].flatMap((end) => ('missing' in end ? [end.missing] : []));
  const filter = 'object' in source && definition.filter ? filterProblems(definition.filter, source.object) : [];
  return [...missing, ...filter, ...checkWithoutObjects(definition, context)];
}

/** A definition is read as a whole by each phase of a run, and shown as a whole. */
const MOST_BYTES = 5_000_000;

/** @throws Problem 422 for a definition that is too large to be kept, naming its largest member */
export function demandStorable(definition: DraftDefinition): void {
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? '');
  const bytes = bytesOf(definition);
  if (bytes <= MOST_BYTES) return;
  const [largest = ''] = Object.entries(definition)
    .map(([name, value]) => [name, bytesOf(value)] as const)
    .sort(([, one], [, other]) => other - one)
    .flatMap(([name]) => name);
  const message = `A definition can have ${MOST_BYTES} bytes as JSON; this one has ${bytes}, most of them here.`;
  throw new Problem(422, 'The definition is too large to be kept.', [{ path: largest, message }]);
}
