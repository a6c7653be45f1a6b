import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { referencedVariable, withTexts } from '../domain/definition-file';
import { linesIn, readYaml, UnreadableYaml } from '../yaml/yaml';
import { CliError, EXIT, type Located, type World } from './world';

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const LISTS = ['connections', 'syncs'] as const;
type List = (typeof LISTS)[number];

interface OneFile {
  name: string;
  text: string;
  value: Members;
}

/** Several files of definitions as one body of a call. */
export interface DefinitionFiles {
  body: Members;
  /** Where problems that the server tells by their paths stand in the files. */
  locate(problems: readonly { path: string; message: string }[]): Promise<Located[]>;
}

/**
 * Reads files of definitions, YAML or JSON (`-` is standard input), and puts in the environment variables that connections refer to.
 * @throws CliError for a file that cannot be read, with its line
 */
export async function readDefinitionFiles(world: World, names: readonly string[]): Promise<DefinitionFiles> {
  const files: OneFile[] = [];
  for (const name of names) files.push(await readOne(world, name));
  const origins = new Map<string, { file: OneFile; path: string }>();
  const gathered = (list: List): unknown[] => {
    const items = files.flatMap((file) =>
      listOf(file, list).map((item, at) => ({ file, item, path: `${list}[${at}]` })),
    );
    for (const [at, { file, path }] of items.entries()) origins.set(`${list}[${at}]`, { file, path });
    return items.map(({ item }) => item);
  };
  const connections = gathered('connections').map((connection) => resolved(connection, world.environment));
  const others = Object.assign({}, ...files.map(({ value }) => value));
  return {
    body: { ...others, connections, syncs: gathered('syncs') },
    locate: (problems) => Promise.all(problems.map((problem) => locate(problem, origins, files))),
  };
}

async function readOne({ input }: World, name: string): Promise<OneFile> {
  const content = await (name === '-' ? text(input) : readFile(name, 'utf8')).catch((error: Error) => {
    throw new CliError(`${name} cannot be read: ${error.message}`, EXIT.usage);
  });
  const shown = name === '-' ? 'standard input' : name;
  try {
    const value = await readYaml(content);
    if (isMembers(value)) return { name: shown, text: content, value };
  } catch (error) {
    if (!(error instanceof UnreadableYaml)) throw error;
    const place = error.line === null ? shown : `${shown}:${error.line}`;
    throw new CliError('A file is neither YAML nor JSON as it is taken here.', EXIT.problem, [
      { place, message: error.reason },
    ]);
  }
  throw new CliError(`${shown} holds no definitions. It begins with \`connections:\` or \`syncs:\`.`, EXIT.problem);
}

function listOf({ name, value }: OneFile, list: List): readonly unknown[] {
  const items = value[list] ?? [];
  if (Array.isArray(items)) return items;
  throw new CliError(`${name}: ${list} is no list. Begin each item of it with "- ".`, EXIT.problem);
}

/** A connection with the values of the variables that it refers to; those that are not set are left to the server, which may do without. */
function resolved(connection: unknown, environment: World['environment']): unknown {
  if (!isMembers(connection) || !isMembers(connection.settings)) return connection;
  const filledIn = (given: string): string => environment[referencedVariable(given) ?? ''] || given;
  return { ...connection, settings: withTexts(connection.settings, filledIn) };
}

async function locate(
  { path, message }: { path: string; message: string },
  origins: ReadonlyMap<string, { file: OneFile; path: string }>,
  files: readonly OneFile[],
): Promise<Located> {
  const [item = '', list = ''] = /^(connections|syncs)\[\d+\]/.exec(path) ?? [];
  const origin = origins.get(item);
  const file = origin?.file ?? (files.length === 1 ? files[0] : undefined);
  if (!file) return { place: list || path, message };
  const local = origin ? `${origin.path}${path.slice(item.length)}` : path;
  const [line] = await linesIn(file.text, [local]);
  return { place: line ? `${file.name}:${line}` : file.name, message: local === '' ? message : `${local}: ${message}` };
}
