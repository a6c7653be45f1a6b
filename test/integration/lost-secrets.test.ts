import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { insertConnection } from '../../db/queries/connections';
import { newConnection } from '../../src/domain/connection';
import type { SyncEngine } from '../../src/engine/engine';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { SecretBox } from '../../src/security/secrets';
import { opensNamed } from '../../src/worker/named-connections';
import { storedConnections } from '../../src/worker/stored-connections';
import { RunningApi, settingsOf } from '../support/running-api';

let sandbox: Sandbox;
let api: RunningApi;
let allowedHosts: string[];

beforeAll(async () => {
  sandbox = await startSandbox({});
  allowedHosts = [new URL(sandbox.marketo.url).host];
  api = await RunningApi.start({ engine: {} as SyncEngine, allowedHosts });
}, 60_000);
afterAll(async () => {
  await api.stop();
  await sandbox.stop();
});

/** A connection whose secrets were sealed with a key that nobody has any more. */
async function withLostKey(name: string): Promise<string> {
  const connection = newConnection.parse({ name, kind: 'marketo', settings: settingsOf(sandbox.marketo) });
  const row = await insertConnection(api.database.db, new SecretBox([randomBytes(32)]), connection);
  return row?.connectionId ?? '';
}

test('a connection whose key was lost is shown and tested, says what to do, and works once its secrets are entered again', async () => {
  const connectionId = await withLostKey('Lost');
  const path = `/connections/${connectionId}`;

  const shown = await api.call('GET', path);
  const tested = await api.call('POST', `${path}/test`);
  const objects = await api.call('GET', `${path}/objects`);
  const renamed = await api.call('PATCH', path, { name: 'Still lost' });
  const mended = await api.call('PATCH', path, {
    settings: { clientSecret: sandbox.marketo.credentials.clientSecret },
  });
  const works = await api.call('POST', `${path}/test`);

  expect(shown).toMatchObject({ status: 200, body: { name: 'Lost' } });
  expect(tested).toMatchObject({
    status: 200,
    body: { ok: false, problem: expect.stringMatching(/SYNC_SECRET_KEY lacks.*enter them again/) },
  });
  expect(objects).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Connection "Lost"') } });
  expect(renamed).toMatchObject({
    status: 422,
    body: {
      detail: expect.stringContaining('Enter them again'),
      errors: [{ path: 'settings.clientSecret', message: 'It is missing.' }],
    },
  });
  expect(mended.status).toBe(200);
  expect(works.body).toMatchObject({ ok: true });
});

test('a file of definitions says which secrets of it are to be given again, and gives them', async () => {
  await withLostKey('In a file');
  const { clientSecret, ...settings } = settingsOf(sandbox.marketo);
  const file = (given: object) => ({
    connections: [{ name: 'In a file', kind: 'marketo', settings: { ...settings, ...given } }],
  });

  const without = await api.call('POST', '/definitions/apply', file({}));
  const withSecret = await api.call('POST', '/definitions/apply', file({ clientSecret }));

  expect(without).toMatchObject({
    status: 422,
    body: {
      errors: [{ path: expect.stringContaining('clientSecret'), message: expect.stringContaining('not stored') }],
    },
  });
  expect(withSecret.status).toBe(200);
});

test('a worker does not try again what no key opens: a person is asked, by the name of the connection', async () => {
  const connectionId = await withLostKey('Asks a person');
  const { connect } = storedConnections(api.database, new SecretBox([randomBytes(32)]), [], pino({ level: 'silent' }));

  await expect(opensNamed(connect, async () => 'Asks a person')(connectionId)).rejects.toMatchObject({
    message: expect.stringContaining('Connection "Asks a person": The secrets'),
    code: 'SECRETS_LOST',
    advice: { retry: 'never' },
  });
});
