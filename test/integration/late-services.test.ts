import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { Gate } from '../support/gate';
import { freePort } from '../support/ports';
import { testTemporal } from '../support/temporal';

jest.setTimeout(120_000);

/** The built program of the API or of the worker, with what it logs. */
class Program {
  readonly logged: { msg: string; waitMs?: number }[] = [];
  readonly process: ChildProcess;
  readonly #news = new EventEmitter();

  constructor(part: 'api' | 'worker', env: Record<string, string>) {
    this.process = spawn(process.execPath, [resolve('dist', 'src', part, 'main.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    if (!this.process.stdout) throw new Error('its output is a pipe');
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.logged.push(JSON.parse(line));
      this.#news.emit('news');
    });
    this.process.once('exit', () => this.#news.emit('news'));
  }

  get isAlive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  times(message: string): number {
    return this.logged.filter(({ msg }) => msg === message).length;
  }

  /** Returns when it has logged a message so often; fails when it ends before. */
  async says(message: string, times = 1): Promise<void> {
    while (this.times(message) < times) {
      if (!this.isAlive) throw new Error(`it ended before it said "${message}"`);
      await once(this.#news, 'news');
    }
  }

  async end(): Promise<number | null> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    return (await ended)[0];
  }
}

let testDatabase: TestDatabase;
let database: Gate;
let temporal: Gate;
let env: Record<string, string>;
let programs: Program[];

const start = (part: 'api' | 'worker'): Program => {
  const program = new Program(part, env);
  programs.push(program);
  return program;
};

const get = async (path: string) => {
  const answer = await fetch(`http://127.0.0.1:${env.PORT}${path}`);
  return { status: answer.status, body: await answer.json() };
};

/** Asks until everything is there, or something is missing. */
async function untilReady(status: 200 | 503): Promise<void> {
  while ((await get('/readyz')).status !== status) await sleep(100);
}

beforeAll(() => void execFileSync(process.execPath, [join('scripts', 'build.mjs')]));
beforeEach(async () => {
  programs = [];
  testDatabase = await createTestDatabase();
  const url = new URL(testDatabase.url);
  database = await Gate.before(url.host);
  url.port = String(database.port);
  url.hostname = '127.0.0.1';
  temporal = await Gate.before(testTemporal().address);
  env = {
    DATABASE_URL: url.href,
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
    SYNC_SECRET_KEY: randomBytes(32).toString('base64'),
    SYNC_API_KEY: randomBytes(16).toString('hex'),
    PORT: String(await freePort()),
  };
});
afterEach(async () => {
  for (const { process: left } of programs) left.kill('SIGKILL');
  await Promise.all([database.close(), temporal.close()]);
  await testDatabase.drop();
});

test('started before the database and Temporal, API and worker wait, say for what, and run as soon as both are there', async () => {
  const api = start('api');
  const worker = start('worker');
  await api.says('the API listens');
  await Promise.all([api.says('waiting for the database', 2), worker.says('waiting for the database', 2)]);
  const [alive, nothing] = [await get('/healthz'), await get('/readyz')];

  await database.open();
  await worker.says('waiting for Temporal', 2);
  const withDatabase = await get('/readyz');
  await temporal.open();
  await worker.says('the worker runs');
  await untilReady(200);

  expect(alive.status).toBe(200);
  expect(nothing).toMatchObject({ status: 503, body: { missing: ['database', 'migrations', 'temporal', 'worker'] } });
  expect(withDatabase).toMatchObject({ status: 503, body: { missing: ['temporal', 'worker'] } });
  const waits = worker.logged.filter(({ msg }) => msg === 'waiting for the database').map(({ waitMs }) => waitMs);
  expect(waits.slice(0, 2)).toEqual([500, 1_000]);
  expect(await Promise.all([api.end(), worker.end()])).toEqual([0, 0]);
});

test('when database and Temporal go away and come back, API and worker are still the same processes', async () => {
  await Promise.all([database.open(), temporal.open()]);
  const api = start('api');
  const worker = start('worker');
  await Promise.all([api.says('the API listens'), worker.says('the worker runs')]);
  await untilReady(200);

  await Promise.all([database.close(), temporal.close()]);
  await untilReady(503);
  await worker.says('background work failed; it is tried again');
  await Promise.all([database.open(), temporal.open()]);
  await untilReady(200);

  expect([api.isAlive, worker.isAlive]).toEqual([true, true]);
  expect(await Promise.all([api.end(), worker.end()])).toEqual([0, 0]);
});

test('a worker that is asked to end while it waits ends at once', async () => {
  const worker = start('worker');
  await worker.says('waiting for the database');

  const code = await worker.end();

  expect(code).toBe(0);
  expect(worker.logged.at(-1)?.msg).toBe('the worker has stopped');
});
