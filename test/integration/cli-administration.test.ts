import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { runCli } from '../../src/cli/run';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

let temporal: Connection;
let api: RunningApi;

beforeAll(async () => {
  temporal = Connection.lazy({ address: testTemporal().address });
  api = await RunningApi.start({ engine: new TemporalEngine(new Client({ connection: temporal })), allowedHosts: [] });
}, 30_000);
afterAll(async () => {
  await api.stop();
  await temporal.close();
});

async function syncctl(args: string[], key = api.key) {
  const [output, messages] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(output), text(messages)]);
  const exitCode = await runCli(args, {
    environment: { SYNC_URL: api.url, SYNC_API_KEY: key },
    configFolder: tmpdir(),
    input: Readable.from([]),
    output,
    messages,
    isInteractive: false,
  });
  output.end();
  messages.end();
  const [out, told] = await written;
  return { exitCode, out, told };
}

test('a key is made, which alone stands on the standard output, is listed with its end, and revoked by its name', async () => {
  const expires = '2099-01-31T00:00:00Z';

  const made = await syncctl(['keys', 'create', 'Nightly', '--role', 'viewer', '--expires', expires]);
  const key = made.out.trim();
  const works = await syncctl(['syncs', 'list'], key);
  const listed = await syncctl(['keys', 'list', '--json']);
  const table = await syncctl(['keys', 'list']);
  const unsure = await syncctl(['keys', 'revoke', 'Nightly']);
  const revoked = await syncctl(['keys', 'revoke', 'Nightly', '--yes']);
  const after = await syncctl(['syncs', 'list'], key);
  const again = await syncctl(['keys', 'revoke', 'Nightly', '--yes', '--json']);

  expect(made).toMatchObject({ exitCode: 0, told: expect.stringContaining('Nightly (viewer, until 2099-01-31') });
  expect(key).toMatch(/^sync_\S+$/);
  expect(works.exitCode).toBe(0);
  expect(JSON.parse(listed.out)).toMatchObject([
    { name: 'Nightly', role: 'viewer', expiresAt: '2099-01-31T00:00:00.000Z' },
  ]);
  expect(listed.out).not.toContain(key);
  expect(table.out).toMatch(/Nightly +viewer +2099-01-31T00:00:00.000Z/);
  expect(unsure).toMatchObject({ exitCode: 2, out: '' });
  expect(revoked).toMatchObject({ exitCode: 0, out: 'Nightly: revoked\n' });
  expect(after.exitCode).toBe(3);
  expect([again.exitCode, JSON.parse(again.told)]).toMatchObject([
    1,
    { type: 'problem', message: expect.stringContaining('There is no API key "Nightly"') },
  ]);
});

test('a key is made as JSON, a moment that has passed is told by its member, and a role has to be said', async () => {
  const made = await syncctl(['keys', 'create', 'As JSON', '--role', 'operator', '--json']);
  const over = await syncctl([
    'keys',
    'create',
    'Over',
    '--role',
    'viewer',
    '--expires',
    '2020-01-01T00:00:00Z',
    '--json',
  ]);
  const noRole = await syncctl(['keys', 'create', 'No role']);

  expect(JSON.parse(made.out)).toMatchObject({
    name: 'As JSON',
    role: 'operator',
    expiresAt: null,
    key: expect.any(String),
  });
  expect([over.exitCode, JSON.parse(over.told)]).toMatchObject([1, { status: 422, errors: [{ path: 'expiresAt' }] }]);
  expect(noRole).toMatchObject({ exitCode: 2, out: '' });
});

test('secrets are sealed anew, and how many is told; who is no admin is refused', async () => {
  const settings = { baseUrl: 'https://123-abc-456.mktorest.com', clientId: 'one', clientSecret: 'a secret' };
  await api.call('POST', '/connections', { name: 'To be sealed', kind: 'marketo', settings });
  const operator = await syncctl(['keys', 'create', 'An operator', '--role', 'operator']);

  const rotated = await syncctl(['secrets', 'rotate', '--json']);
  const shown = await syncctl(['secrets', 'rotate']);
  const refused = await syncctl(['secrets', 'rotate'], operator.out.trim());

  expect([rotated.exitCode, JSON.parse(rotated.out)]).toEqual([
    0,
    { connections: expect.any(Number), sessions: 0, webhooks: 0 },
  ]);
  expect(shown.out).toMatch(/Connections sealed anew +\d/);
  expect(refused.exitCode).toBe(3);
});
