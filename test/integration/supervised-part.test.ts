import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogFiles } from '../../src/local/log-files';
import { PortsTakenError, requireFreePorts } from '../../src/local/ports';
import { findProcesses } from '../../src/local/processes';
import { type Part, SupervisedPart } from '../../src/local/supervised-part';

let folder: string;
let mark: string;
let lines: string[];
let parts: SupervisedPart[];
let heard: (line: string) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sync-part-test-'));
  mark = `--part=${folder}`;
  lines = [];
  parts = [];
  heard = () => undefined;
});
afterEach(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  await rm(folder, { recursive: true });
});

/** A program that runs until it is ended, and tells by a file that it is up; `more` runs before. */
function program(more = ''): Part {
  const sign = join(folder, 'up');
  const script = `${more}; require('node:fs').writeFileSync(${JSON.stringify(sign)}, ''); setInterval(() => undefined, 1000)`;
  return {
    name: 'worker',
    mark,
    prepare: async () => {
      await rm(sign, { force: true });
      return { program: process.execPath, args: ['-e', script, '--', mark] };
    },
    whenReady: async (signal) => {
      while (!existsSync(sign)) await sleep(10, undefined, { signal });
    },
    stopSignal: 'SIGTERM',
    patienceMs: 500,
  };
}

function supervise(part: Part): SupervisedPart {
  const say = (line: string) => {
    lines.push(line);
    heard(line);
  };
  const supervised = new SupervisedPart(part, { runDir: folder, logs: new LogFiles(join(folder, 'logs')), say });
  parts.push(supervised);
  return supervised;
}

const whenHeard = (text: string) =>
  new Promise<void>((resolve) => {
    heard = (line) => {
      if (line.includes(text)) resolve();
    };
  });
const notedPid = async () => Number(await readFile(join(folder, 'worker.pid'), 'utf8'));

test('when a part is killed, it is started again, which the output says, and its new process id is noted', async () => {
  await supervise(program()).start();
  const before = await notedPid();
  const again = whenHeard('runs again');

  process.kill(before, 'SIGKILL');
  await again;

  const after = await notedPid();
  expect(after).not.toBe(before);
  expect(lines).toEqual([
    'worker was ended by SIGKILL; starting it again in 0.5 s',
    `worker runs again (process ${after})`,
  ]);
});

test('when a part never becomes ready, the start fails with the end of its log', async () => {
  const start = supervise(program("console.error('no such table'); process.exit(7)")).start();

  await expect(start).rejects.toThrow(/worker does not start: it ended with code 7[\s\S]*no such table/);
});

test('when a part does not end in time, it is killed', async () => {
  const part = supervise(program("process.on('SIGTERM', () => undefined)"));
  await part.start();

  await part.stop();

  expect(await findProcesses(mark)).toEqual([]);
});

test('when an earlier start left the part running, it is ended before the new one begins', async () => {
  await supervise(program()).start();
  const left = await notedPid();

  await supervise(program()).start();

  expect((await findProcesses(mark)).map(({ pid }) => pid)).not.toContain(left);
});

test('what a part writes is in its log, for its owner alone', async () => {
  const part = supervise(program("console.log('from the part')"));
  await part.start();
  await part.stop();

  const log = join(folder, 'logs', 'worker.log');
  expect(await readFile(log, 'utf8')).toBe('from the part\n');
  expect((await stat(log)).mode & 0o777).toBe(0o600);
});

test('when ports are taken, the error names each with the setting that changes it', async () => {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP

  const attempt = requireFreePorts([
    { setting: 'PORT', host: '127.0.0.1', port },
    { setting: 'SYNC_POSTGRES_PORT', host: '127.0.0.1', port: 0 },
  ]);

  await expect(attempt).rejects.toThrow(PortsTakenError);
  await expect(attempt).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken by another program. Set PORT to a free one.`,
  );
  server.close();
});
