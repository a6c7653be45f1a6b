import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { spawnPart } from '../../src/local/part-command';
import { type PreparedPostgres, preparePostgres, whenPostgresAnswers } from '../../src/local/postgres';
import { findProcesses, stopProcesses } from '../../src/local/processes';
import { freePort } from '../support/ports';

/** A folder that its owner alone may enter: root's PostgreSQL, which runs as another user, is kept out. */
let folder: string;
let marks: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sync-postgres-test-'));
  marks = [];
});
afterEach(async () => {
  for (const mark of marks) await stopProcesses(mark, { signal: 'SIGINT', patienceMs: 5_000 });
  await rm(folder, { recursive: true });
});

async function start(dataDir: string): Promise<{ server: PreparedPostgres; child: ChildProcess }> {
  const server = await preparePostgres({ dataDir, port: await freePort() });
  marks.push(server.mark);
  const child = spawnPart(server.command, { output: 'pipe', detached: true });
  child.stdout?.resume();
  child.stderr?.resume();
  await whenPostgresAnswers(server, 'sync', AbortSignal.timeout(30_000));
  return { server, child };
}

async function query<T extends object>(server: PreparedPostgres, text: string): Promise<T[]> {
  const sql = postgres(server.url('sync'), { max: 1 });
  try {
    return await sql.unsafe<T[]>(text);
  } finally {
    await sql.end();
  }
}

test('in a folder that nobody else may enter, it starts with UTF-8 and byte order, and asks for a password', async () => {
  const { server } = await start(join(folder, 'postgres'));

  const [settings] = await query<{ encoding: string; collate: string }>(
    server,
    `select pg_encoding_to_char(encoding) as encoding, datcollate as collate from pg_database where datname = 'sync'`,
  );
  const withoutPassword = postgres(server.url('sync').replace(/:[^:@]+@/, ':wrong@'), { max: 1 });

  expect(settings).toEqual({ encoding: 'UTF8', collate: 'C' });
  await expect(withoutPassword`select 1`).rejects.toThrow(/password authentication failed/);
  await withoutPassword.end();
  expect((await stat(`${join(folder, 'postgres')}.password`)).mode & 0o777).toBe(0o600);
});

test('when it is killed, and its process id is another program’s by then, it starts again with all that was committed', async () => {
  const dataDir = join(folder, 'postgres');
  const { server, child } = await start(dataDir);
  await query(server, 'create table kept as select generate_series(1, 1000) as id');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  await stopProcesses(server.mark, { signal: 'SIGTERM', patienceMs: 5_000 });
  const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  await writeFile(join(dataDir, 'postmaster.pid'), `${other.pid}\n/proc/self/fd/3\n1\n5432\n\n127.0.0.1\n`);

  const again = await start(dataDir);

  const [{ count } = { count: 0 }] = await query<{ count: number }>(again.server, 'select count(*)::int from kept');
  other.kill();
  expect(count).toBe(1000);
});

test('when its first start was interrupted, the next one begins anew', async () => {
  const dataDir = join(folder, 'postgres');
  await mkdir(`${dataDir}.unfinished`);
  await writeFile(join(`${dataDir}.unfinished`, 'PG_VERSION'), '18\n');

  const { server } = await start(dataDir);

  expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('all of its processes are known by its mark, and those of another folder are not', async () => {
  const [first, second] = await Promise.all([start(join(folder, 'one')), start(join(folder, 'two'))]);

  await stopProcesses(first.server.mark, { signal: 'SIGINT', patienceMs: 5_000 });

  expect(await findProcesses(first.server.mark)).toEqual([]);
  expect((await findProcesses(second.server.mark)).map(({ pid }) => pid)).toContain(second.child.pid);
});
