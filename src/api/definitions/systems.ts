import { signsInElsewhere } from '../changed-settings';
import { type System, type Systems, storedSystems } from '../definition-check';
import type { ApiDeps } from '../deps';
import { Problem } from '../problem';
import type { PlannedConnection } from './plan-connection';

/** A connection that cannot be asked yet, since it is still to be made. */
export class NotThereYet extends Error {
  override readonly name = 'NotThereYet';
}

/**
 * The systems of connections as a file wants them: those that it adds, or signs in with in another way, are asked with what the file says.
 * What a system has said of an object holds for the whole file.
 * @param mayTry false to ask only connections that are stored
 */
export function plannedSystems(deps: ApiDeps, connections: readonly PlannedConnection[], mayTry = true): Systems {
  const stored = storedSystems(deps);
  const planned = new Map(connections.map((connection) => [connection.connectionId, connection]));
  const find: Systems = async (connectionId) => {
    const connection = planned.get(connectionId);
    return connection && isToBeMade(connection) ? unsavedSystem(deps, connection, mayTry) : stored(connectionId);
  };
  const known = new Map<string, Promise<System | null>>();
  return (connectionId) => {
    const system = known.get(connectionId) ?? find(connectionId).then(remembering);
    known.set(connectionId, system);
    return system;
  };
}

const isToBeMade = ({ before, after }: PlannedConnection): boolean =>
  before === null || (after !== null && signsInElsewhere(before, after));

function unsavedSystem(deps: ApiDeps, { inFile, after }: PlannedConnection, mayTry: boolean): System {
  const { name } = inFile;
  if (!after) throw new NotThereYet(`Connection "${name}" is not there yet, and its secrets are not given.`);
  if (!mayTry)
    throw new NotThereYet(`Connection "${name}" is not there yet as the file has it; an admin's key can try it.`);
  const connector = deps.createConnector(after);
  return { name, describe: (objectName, signal) => connector.describe(objectName, signal) };
}

function remembering(system: System | null): System | null {
  if (!system) return null;
  const descriptions = new Map<string, ReturnType<System['describe']>>();
  const describe: System['describe'] = (objectName, signal) => {
    const description = descriptions.get(objectName) ?? system.describe(objectName, signal);
    descriptions.set(objectName, description);
    return description;
  };
  return { name: system.name, describe };
}

/** Members are called by their place in the file; where connections are meant by name, so is the member that holds it. */
export const placed = (path: string, member: string): string => {
  const inFile = member.replace(/^(source|destination)\.connectionId$/, '$1.connection');
  if (inFile === '') return path;
  return inFile.startsWith('[') ? `${path}${inFile}` : `${path}.${inFile}`;
};

/** Does something for one item of a file; a refusal tells which item it is about. @throws Problem */
export async function withPath<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { status, detail, errors, headers } = error;
    const inFile = errors.map((problem) => ({ ...problem, path: placed(path, problem.path) }));
    throw new Problem(status, detail, inFile.length > 0 ? inFile : [{ path, message: detail }], headers);
  }
}
