import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { moveSync } from '../../db/queries/sync-runs';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { Installation, WORKERS } from '../support/chaos/installation';
import { givenSync } from '../support/database';
import { isSigned, WebhookReceiver } from '../support/webhook-receiver';

/** A whole installation is started, as processes. */
jest.setTimeout(300_000);

let folder: string;
let sandbox: Sandbox;
let installation: Installation;
let database: DatabaseClient;
let receiver: WebhookReceiver;

beforeAll(async () => {
  execFileSync(process.execPath, [join('scripts', 'build.mjs')]);
  folder = await mkdtemp(join(tmpdir(), 'sync-webhooks-'));
  sandbox = await startSandbox({ people: 0 });
  receiver = await WebhookReceiver.start();
  installation = await Installation.start(folder, sandbox, { SYNC_ALLOWED_HOSTS: receiver.host });
  database = openDatabase(installation.databaseUrl(), { max: 2 });
});
afterAll(async () => {
  await database?.close();
  await installation?.stop();
  await receiver?.stop();
  await sandbox?.stop();
  await rm(folder, { recursive: true, force: true });
});

const killWorkers = () => Promise.all(WORKERS.map((name) => installation.processes[name].kill()));
const startWorkers = () => Promise.all(WORKERS.map((name) => installation.processes[name].start()));

test('workers that are killed while an event is under way, or before, lose none, and repeat one under its id at most', async () => {
  const { secret } = await installation.call<{ secret: string }>('POST', '/webhooks', {
    body: { name: 'Chat', url: receiver.url, events: ['sync.statusChanged'] },
    key: randomUUID(),
  });
  const [one, other] = [await givenSync(database.sql), await givenSync(database.sql)];
  const end = (syncId: string) =>
    moveSync(database.sql, syncId, ['draft'], { status: 'cancelled', now: new Date().toISOString() });

  receiver.answer = () => undefined; // its answer is lost
  await end(one);
  await receiver.until(({ length }) => length === 1);
  await killWorkers();
  await end(other); // is committed, and nobody is there to send it
  receiver.answer = (_got, response) => response.writeHead(204).end();
  await startWorkers();
  const got = await receiver.until(
    (all) => new Set(all.map(({ payload }) => payload.sync?.id)).size === 2 && all.length >= 3,
  );

  const ids = new Map(got.map(({ payload, headers }) => [payload.sync?.id, headers['webhook-id']]));
  expect([...ids.keys()].sort()).toEqual([one, other].sort());
  expect(got.every(({ payload, headers }) => ids.get(payload.sync?.id) === headers['webhook-id'])).toBe(true);
  expect(got.filter(({ payload }) => payload.sync?.id === other).length).toBe(1);
  expect(await Promise.all(got.map((each) => isSigned(each, secret)))).toEqual([true, true, true]);
});
