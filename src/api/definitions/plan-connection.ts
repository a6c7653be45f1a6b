import { randomUUID } from 'node:crypto';
import {
  type ConnectionRow,
  joinSecrets,
  loadForChange,
  type StoredConnection,
  splitSecrets,
} from '../../../db/queries/connections';
import { type NewConnection, newConnection, SECRET_PATHS } from '../../domain/connection';
import { type ConnectionInFile, referenceAt, unresolvedIn, withoutReferences } from '../../domain/definition-file';
import { type MemberChange, memberChanges } from '../../domain/member-changes';
import type { ApiDeps } from '../deps';
import type { ProblemDetail } from '../problem';
import type { ACTIONS } from '../schemas/definitions';
import type { Placed } from './items';

/** What becomes of a connection. */
export interface PlannedConnection {
  path: string;
  action: (typeof ACTIONS)[number];
  inFile: ConnectionInFile;
  /** That of the stored one, or the one that it will have. */
  connectionId: string;
  before: StoredConnection | null;
  /** With all its secrets; null while one of them is missing. */
  after: NewConnection | null;
  changes: (MemberChange & { isSecret?: true })[];
  /** The file gives a secret itself. */
  givesSecrets: boolean;
  problems: ProblemDetail[];
  /** Secrets that are missing, although the file says from where they come. */
  unresolved: ProblemDetail[];
}

type Settings = Record<string, unknown>;

/** Compares a connection of a file with the stored one: settings that the file leaves out go, and secrets stay. */
export async function planConnection(
  { database, secrets: sealer }: Pick<ApiDeps, 'database' | 'secrets'>,
  { path, item }: Placed<ConnectionInFile>,
  stored: ConnectionRow | null,
): Promise<PlannedConnection> {
  const before = stored && (await loadForChange(database.db, sealer, stored.connectionId));
  const given = splitSecrets(item.kind, withoutReferences(item));
  const kept = before && isSameWay(before, item) ? splitSecrets(item.kind, before.settings).secrets : {};
  const settings = joinSecrets(given.plain, { ...kept, ...given.secrets });
  const parsed = newConnection.safeParse({ name: item.name, kind: item.kind, settings });
  const missing = parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.slice(1).join('.'));
  const changes = before ? changesOf(before, given, kept) : [];
  return {
    path,
    action: before ? (changes.length > 0 ? 'change' : 'unchanged') : 'create',
    inFile: item,
    connectionId: stored?.connectionId ?? randomUUID(),
    before,
    after: parsed.success ? parsed.data : null,
    changes,
    givesSecrets: Object.keys(given.secrets).length > 0,
    problems: [...kindProblems(path, item, before), ...unresolvedProblems(path, item), ...missingSecrets(false)],
    unresolved: missingSecrets(true),
  };

  function missingSecrets(isReferenced: boolean): ProblemDetail[] {
    return missing.flatMap((setting) => {
      const variable = referenceAt(item, setting);
      if ((variable !== null) !== isReferenced) return [];
      return [{ path: `${path}.settings.${setting}`, message: missingSecret(setting, variable) }];
    });
  }
}

const missingSecret = (setting: string, variable: string | null): string => {
  const name = setting.split('.').at(-1) ?? setting;
  if (variable !== null) {
    return `This secret is not stored yet. Set the environment variable ${variable} where \`syncctl apply\` runs, or write the value itself here.`;
  }
  return (
    `This secret is not stored yet. Write \`${name}: \${A_VARIABLE}\` and set that environment variable where \`syncctl apply\` runs, ` +
    'or write the value itself here.'
  );
};

/** Secrets of another way to sign in are no use. */
const isSameWay = (before: StoredConnection, { kind, settings }: ConnectionInFile): boolean =>
  before.kind === kind && authOf(before.settings) === authOf(settings);

const authOf = (settings: Settings): unknown => (settings.auth as { type?: unknown } | undefined)?.type; // parsed before

function changesOf(
  before: StoredConnection,
  given: { plain: Settings; secrets: Record<string, string> },
  kept: Record<string, string>,
): PlannedConnection['changes'] {
  const plain = memberChanges(splitSecrets(before.kind, before.settings).plain, given.plain, 'settings');
  const secrets = SECRET_PATHS[before.kind]
    .filter((path) => given.secrets[path] !== undefined && given.secrets[path] !== kept[path])
    .map((path) => ({ path: `settings.${path}`, isSecret: true as const }));
  return [...plain, ...secrets];
}

function kindProblems(
  path: string,
  { name, kind }: ConnectionInFile,
  before: StoredConnection | null,
): ProblemDetail[] {
  if (!before || before.kind === kind) return [];
  const message = `"${name}" is there already, and leads to ${before.kind}. Choose another name for the new one.`;
  return [{ path: `${path}.kind`, message }];
}

const unresolvedProblems = (path: string, item: ConnectionInFile): ProblemDetail[] =>
  unresolvedIn(item).map(({ path: setting, variable }) => ({
    path: `${path}.settings.${setting}`,
    message: `The environment variable ${variable} is not set. Only secrets that are stored already can do without.`,
  }));
