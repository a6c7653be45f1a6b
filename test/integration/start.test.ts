import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import { markOf } from '../../src/local/parts';
import { findProcesses, stopProcesses } from '../../src/local/processes';
import { PART_NAMES } from '../../src/local/supervised-part';
import { freePort } from '../support/ports';
import { fromSetUp, SERVICE_VARIABLES } from '../support/service-variables';

jest.setTimeout(180_000);

const connectionsSchema = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string(), kind: z.string() })),
});

interface Ports {
  api: number;
  postgres: number;
  temporal: number;
  temporalUi: number;
  salesforce: number;
  marketo: number;
  control: number;
}

/** `npm start` without npm, on a data folder and ports of its own. */
class Start {
  readonly lines: string[] = [];
  readonly process: ChildProcess;
  readonly #news = new EventEmitter();
  #isOver = false;

  constructor(
    readonly dataDir: string,
    readonly ports: Ports,
    tlsPorts: readonly number[],
  ) {
    this.process = spawn(process.execPath, ['scripts/start.mjs'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        SYNC_DATA_DIR: dataDir,
        PORT: String(ports.api),
        SYNC_POSTGRES_PORT: String(ports.postgres),
        SYNC_TEMPORAL_PORTS: `${ports.temporal},${ports.temporalUi}`,
        SYNC_SANDBOX_PORTS: `${ports.salesforce},${ports.marketo},${ports.control}`,
        SYNC_SANDBOX_TLS_PORTS: tlsPorts.join(','),
        SYNC_SANDBOX_PEOPLE: '20',
      },
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      if (!stream) throw new Error('its output is a pipe');
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        this.#news.emit('news');
      });
    }
    this.process.once('close', () => {
      this.#isOver = true;
      this.#news.emit('news');
    });
  }

  /** The first line with this text, from the given one on; fails when the process ends before. */
  async line(text: string, from = 0): Promise<string> {
    for (;;) {
      const line = this.lines.slice(from).find((one) => one.includes(text));
      if (line !== undefined) return line;
      if (this.#isOver) throw new Error(`it ended before it said "${text}":\n${this.lines.join('\n')}`);
      await once(this.#news, 'news');
    }
  }

  ready(): Promise<string> {
    return this.line('API key: ');
  }

  /** @returns its exit code, or the signal that ended it */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    const ended = once(this.process, 'close');
    this.process.kill(signal);
    const [code, endedBy] = await ended;
    return code ?? endedBy;
  }

  async api(path: string, init: RequestInit = {}): Promise<Response> {
    const key = (await readFile(join(this.dataDir, 'api.key'), 'utf8')).trim();
    return fetch(`http://127.0.0.1:${this.ports.api}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
  }

  async connections() {
    return connectionsSchema.parse(await (await this.api('/api/v1/connections')).json()).items;
  }

  /** The command line as it was built, for whoever holds the key. */
  async syncctl(args: readonly string[], input = ''): Promise<string> {
    const key = (await readFile(join(this.dataDir, 'api.key'), 'utf8')).trim();
    const env = { ...process.env, SYNC_URL: `http://127.0.0.1:${this.ports.api}`, SYNC_API_KEY: key };
    return execFileSync('dist/src/cli/main.js', args, { env, input, encoding: 'utf8' });
  }

  async pidOf(part: string): Promise<number> {
    return Number(await readFile(join(this.dataDir, 'run', `${part}.pid`), 'utf8'));
  }
}

let dataDir: string;
let ports: Ports;
let tlsPorts: number[];
let starts: Start[];

function start(): Start {
  const started = new Start(dataDir, ports, tlsPorts);
  starts.push(started);
  return started;
}

beforeAll(() => {
  fromSetUp(SERVICE_VARIABLES.temporalAddress); // says how to get Temporal where it is missing
  execFileSync(process.execPath, ['scripts/build.mjs']);
});
beforeEach(async () => {
  starts = [];
  dataDir = await mkdtemp(join(tmpdir(), 'sync-start-test-'));
  const free = [];
  for (let count = 0; count < 9; count += 1) free.push(await freePort());
  const [api = 0, postgres = 0, temporal = 0, temporalUi = 0, salesforce = 0, marketo = 0, control = 0, ...tls] = free;
  ports = { api, postgres, temporal, temporalUi, salesforce, marketo, control };
  tlsPorts = tls;
});
afterEach(async () => {
  for (const { process: left } of starts) left.kill('SIGKILL');
  for (const part of PART_NAMES) await stopProcesses(markOf(part, dataDir), { signal: 'SIGTERM', patienceMs: 0 });
  await rm(dataDir, { recursive: true });
});

test('a first start says where everything is, has two connections that work, takes the command line, and refuses a second one beside it', async () => {
  const sync = start();
  await sync.ready();

  const connections = await sync.connections();
  const tests = await Promise.all(
    connections.map(async ({ id }) => (await sync.api(`/api/v1/connections/${id}/test`, { method: 'POST' })).json()),
  );
  const exported = await sync.syncctl(['export']);
  const validated = await sync.syncctl(['validate', '-'], exported);
  const second = start();
  const [secondCode] = await once(second.process, 'close');
  const temporal = await Connection.connect({ address: `127.0.0.1:${ports.temporal}` });
  const { config } = await temporal.workflowService.describeNamespace({ namespace: 'default' });
  await temporal.close();

  const signIn = /^Sign in: (\S+)$/m.exec(sync.lines.join('\n'))?.[1] ?? '';
  const signedIn = await fetch(signIn, { redirect: 'manual' });

  expect(signedIn.headers.get('set-cookie')).toContain('sync_session');
  expect(sync.lines).toEqual(
    expect.arrayContaining([
      `Sync: http://127.0.0.1:${ports.api}`,
      `API documents: http://127.0.0.1:${ports.api}/docs`,
      `Temporal Web UI: http://127.0.0.1:${ports.temporalUi}`,
      `API key: ${join(dataDir, 'api.key')}`,
    ]),
  );
  expect((await fetch(`http://127.0.0.1:${ports.api}/readyz`)).status).toBe(200);
  expect(connections.map(({ name }) => name).sort()).toEqual(['Demo Marketo', 'Demo Salesforce']);
  expect(tests).toEqual([expect.objectContaining({ ok: true }), expect.objectContaining({ ok: true })]);
  expect(exported).toContain('name: Demo Marketo');
  expect(validated).toBe('No problem was found.\n');
  expect(secondCode).toBe(1);
  expect(second.lines.join('\n')).toContain(`process ${sync.process.pid}`);
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
  expect(await sync.end('SIGINT')).toBe(0);
});

test('when all parts are killed, and then the start itself, everything comes back with its data, and a stop leaves nothing', async () => {
  const first = start();
  await first.ready();
  const before = await first.connections();
  const said = first.lines.length;
  for (const part of PART_NAMES) process.kill(await first.pidOf(part), 'SIGKILL');
  for (const part of PART_NAMES) await first.line(`${part} runs again`, said);

  await first.end('SIGKILL');
  const second = start();
  await second.ready();

  const after = await second.connections();
  const code = await second.end('SIGTERM');
  const left = await Promise.all(PART_NAMES.map((part) => findProcesses(markOf(part, dataDir))));
  for (const part of PART_NAMES) {
    expect(second.lines).toContainEqual(expect.stringMatching(new RegExp(`^Taking over ${part} `)));
  }
  expect(after).toEqual(before);
  expect(code).toBe(0);
  expect(left.flat()).toEqual([]);
});

test('when a port is taken, it says which setting changes it, and starts nothing', async () => {
  const taken = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${ports.postgres}, '127.0.0.1', () => console.log('up'))`,
  ]);
  await once(taken.stdout, 'data');

  const sync = start();
  const [code] = await once(sync.process, 'close');

  taken.kill();
  expect(code).toBe(1);
  expect(sync.lines).toContain(
    `Port ${ports.postgres} on 127.0.0.1 is taken by another program. Set SYNC_POSTGRES_PORT to a free one.`,
  );
});

test.each(['17', '9.6', '19'])(
  'a database folder that PostgreSQL %s has made is refused with the way over, and left as it is',
  async (version) => {
    const folder = join(dataDir, 'postgres');
    await mkdir(folder);
    await writeFile(join(folder, 'PG_VERSION'), `${version}\n`);

    const sync = start();
    const [code] = await once(sync.process, 'close');

    const said = sync.lines.join('\n');
    const [title = ''] = /"(From one major version[^"]*)"/.exec(said)?.slice(1) ?? [];
    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`made by PostgreSQL ${version}; .* brings PostgreSQL \\d+, which cannot read it`));
    expect(said).toMatch(/Start the release of Sync that made it, dump the database with pg_dump, and restore it/);
    expect(said).not.toMatch(/^\s+at /m);
    expect(await readFile('docs/operations.md', 'utf8')).toContain(`\n### ${title}\n`);
    expect(await readdir(folder)).toEqual(['PG_VERSION']);
    for (const part of PART_NAMES) expect(await findProcesses(markOf(part, dataDir))).toEqual([]);
  },
);
