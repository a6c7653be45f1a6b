import { z } from 'zod';
import { type ConnectionKind, marketoSettings, SECRET_PATHS, salesforceSettings } from './connection';
import { type DefinitionProblem, type DraftDefinition, draftDefinition } from './definition';

/**
 * Connections and syncs as a file that people keep, compare and apply: connections are called by their names, since ids differ from one
 * installation to the next, and secrets may be left out.
 */

const name = z.string().trim().min(1).max(200);
const [clientCredentials, jwt, refreshToken, password] = salesforceSettings.shape.auth.options;

/** The settings of a connection, of which secrets alone may be left out: those that are stored stay as they are. */
export const connectionInFile = z.discriminatedUnion('kind', [
  z.strictObject({ name, kind: z.literal('marketo'), settings: marketoSettings.partial({ clientSecret: true }) }),
  z.strictObject({
    name,
    kind: z.literal('salesforce'),
    settings: salesforceSettings.extend({
      auth: z.discriminatedUnion('type', [
        clientCredentials.partial({ clientSecret: true }),
        jwt.partial({ privateKey: true }),
        refreshToken.partial({ refreshToken: true }),
        password.partial({ password: true }),
      ]),
    }),
  }),
]);
export type ConnectionInFile = z.output<typeof connectionInFile>;

const object = z.string().min(1);
const endInFile = z.union([
  z.strictObject({ connection: name, object }),
  // for a connection that is not there any more
  z.strictObject({ connectionId: z.uuid(), object }),
]);

/** A definition, complete or not, whose ends name their connections. With an `id` it is that sync, whatever its name was before. */
export const syncInFile = draftDefinition.extend({
  id: z.uuid().optional(),
  source: endInFile.optional(),
  destination: endInFile.optional(),
});
export type SyncInFile = z.output<typeof syncInFile>;

/** So many of them in a file. */
export const MOST_CONNECTIONS = 1_000;
export const MOST_SYNCS = 20_000;

/** The whole file. */
export const definitionsFile = z.strictObject({
  $schema: z.string().optional(),
  connections: z.array(connectionInFile).max(MOST_CONNECTIONS).default([]),
  syncs: z.array(syncInFile).max(MOST_SYNCS).default([]),
});

/** `${MARKETO_SECRET}`: a value that stands outside of the file, in an environment variable of whoever applies it. */
const REFERENCE = /^\$\{([A-Za-z_]\w*)\}$/;

/** The variable that a value refers to; null for any other value. */
export const referencedVariable = (value: unknown): string | null =>
  (typeof value === 'string' && REFERENCE.exec(value)?.[1]) || null;

type Settings = Record<string, unknown>;
const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings of which each text has been changed as told; undefined takes its member away. */
export function withTexts(settings: Settings, change: (text: string, path: string) => unknown, under = ''): Settings {
  const changed = Object.entries(settings).map(([member, value]) => {
    const path = `${under}${member}`;
    if (isSettings(value)) return [member, withTexts(value, change, `${path}.`)] as const;
    return [member, typeof value === 'string' ? change(value, path) : value] as const;
  });
  return Object.fromEntries(changed.filter(([, value]) => value !== undefined));
}

/** A secret whose variable was not set where the file was read is as if it were left out. */
export const withoutReferences = ({ kind, settings }: ConnectionInFile): Settings =>
  withTexts(settings, (text, path) =>
    SECRET_PATHS[kind].includes(path) && referencedVariable(text) !== null ? undefined : text,
  );

/** Variables that are referred to where no secret stands, by their path: such a value has to be there. */
export function unresolvedIn({ kind, settings }: ConnectionInFile): { path: string; variable: string }[] {
  const found: { path: string; variable: string }[] = [];
  withTexts(settings, (text, path) => {
    const variable = referencedVariable(text);
    if (variable !== null && !SECRET_PATHS[kind].includes(path)) found.push({ path, variable });
    return text;
  });
  return found;
}

/** The variable that the file names for a secret, for who is told that the secret is missing. */
export function referenceAt({ settings }: ConnectionInFile, wanted: string): string | null {
  let variable: string | null = null;
  withTexts(settings, (text, path) => {
    if (path === wanted) variable = referencedVariable(text);
    return text;
  });
  return variable;
}

/** A stored connection as it stands in a file. */
export const connectionToFile = (stored: { name: string; kind: ConnectionKind; settings: Settings }) => ({
  name: stored.name,
  kind: stored.kind,
  settings: stored.settings,
});

/**
 * A stored sync as it stands in a file, its members in the order of the definition.
 * @param nameOf the name of a connection by its id
 * @param more.id where its name does not tell it from others
 */
export function syncToFile(
  stored: DraftDefinition,
  nameOf: (connectionId: string) => string | undefined,
  more: { id?: string } = {},
): Record<string, unknown> {
  const parsed = draftDefinition.safeParse(stored);
  const { name: syncName, ...members } = parsed.success ? parsed.data : stored;
  return {
    name: syncName,
    ...more,
    ...members,
    ...(members.source ? { source: endToFile(members.source, nameOf) } : {}),
    ...(members.destination ? { destination: endToFile(members.destination, nameOf) } : {}),
  };
}

type End = NonNullable<DraftDefinition['source']>;

function endToFile(end: End, nameOf: (connectionId: string) => string | undefined): z.output<typeof endInFile> {
  const connection = nameOf(end.connectionId);
  return connection === undefined ? end : { connection, object: end.object };
}

/**
 * The definition that a sync of a file means.
 * @param idOf the id of a connection by its name
 * @param isFaulty whether the file has a connection of that name in which something is wrong
 * @returns the definition without the ends whose connection is not there, and what is wrong with those
 */
export function definitionOf(
  { id: _, source, destination, ...members }: SyncInFile,
  idOf: (connectionName: string) => string | undefined,
  isFaulty: (connectionName: string) => boolean = () => false,
): { definition: DraftDefinition; problems: DefinitionProblem[] } {
  const problems: DefinitionProblem[] = [];
  const endOf = (path: string, end: SyncInFile['source']): End | undefined => {
    if (end === undefined || 'connectionId' in end) return end;
    const connectionId = idOf(end.connection);
    if (connectionId !== undefined) return { connectionId, object: end.object };
    const message = isFaulty(end.connection)
      ? `Mend the connection "${end.connection}" of the file first.`
      : `There is no connection "${end.connection}", neither here nor in the file.`;
    problems.push({ path: `${path}.connection`, message });
    return undefined;
  };
  const [from, to] = [endOf('source', source), endOf('destination', destination)];
  const definition = { ...members, ...(from ? { source: from } : {}), ...(to ? { destination: to } : {}) };
  return { definition, problems };
}
