import { randomBytes } from 'node:crypto';
import { noteAudit } from '../../db/queries/audit';
import { insertConnection, loadConnection, placeOfSession, storeRefreshToken } from '../../db/queries/connections';
import { resealSecrets } from '../../db/queries/secret-rotation';
import { changeSignIns } from '../../db/queries/sign-ins';
import { newConnection } from '../../src/domain/connection';
import { SecretBox } from '../../src/security/secrets';
import { useDatabase } from '../support/database';

const database = useDatabase();

const given = (name: string) =>
  newConnection.parse({
    name,
    kind: 'salesforce',
    settings: {
      loginUrl: 'https://login.salesforce.com',
      auth: { type: 'refreshToken', clientId: 'client', clientSecret: 'client-secret', refreshToken: 'first-token' },
    },
  });

/** The other tests of this file seal with keys of their own. */
beforeEach(() => database.sql`delete from connections`);

test('a new refresh token takes the place of the one before, and whoever has the connection open notices', async () => {
  const secrets = new SecretBox([randomBytes(32)]);
  const row = await insertConnection(database.db, secrets, given('Rotates'));
  const connectionId = row?.connectionId ?? '';
  const before = await loadConnection(database.db, secrets, connectionId);

  await storeRefreshToken(database.db, secrets, connectionId, 'second-token');

  const after = await loadConnection(database.db, secrets, connectionId);
  expect(after.settings).toEqual({
    ...before.settings,
    auth: { type: 'refreshToken', clientId: 'client', clientSecret: 'client-secret', refreshToken: 'second-token' },
  });
  expect(after.fingerprint).not.toBe(before.fingerprint);
});

test('no secret is readable in the database, and one that is copied to another row does not open there', async () => {
  const secrets = new SecretBox([randomBytes(32)]);
  const one = await insertConnection(database.db, secrets, given('One'));
  const two = await insertConnection(database.db, secrets, given('Two'));

  const stored = await database.sql`select * from connections`;
  await database.sql`
    update connections set secrets = (select secrets from connections where connection_id = ${one?.connectionId ?? ''})
    where connection_id = ${two?.connectionId ?? ''}`;

  expect(JSON.stringify(stored)).not.toMatch(/client-secret|first-token/);
  await expect(loadConnection(database.db, secrets, two?.connectionId ?? '')).rejects.toThrow('moved to another place');
});

describe('keys are rotated', () => {
  const [oldKey, newKey, lostKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const both = new SecretBox([newKey, oldKey]);
  const reseal = () => database.db.transaction((tx) => resealSecrets(tx, both));
  const stored = async (name: string, box: SecretBox) =>
    (await insertConnection(database.db, box, given(name)))?.connectionId ?? '';
  const fingerprint = async (id: string) => (await loadConnection(database.db, both, id)).fingerprint;

  test('what was sealed with the old key opens without it afterwards, sessions too, and what is new is left', async () => {
    const old = await stored('Of the old key', new SecretBox([oldKey]));
    const recent = await stored('Of the new key', both);
    const connection = { connectionId: old, settingsVersion: 1 };
    const { session } = (await changeSignIns(database.sql, connection, ({ signIns }) => ({
      signIns,
      session: new SecretBox([oldKey]).seal('a session', placeOfSession(old)),
    }))) ?? { session: null };
    const untouched = await fingerprint(recent);

    expect(session).toEqual(expect.any(String));
    expect(await reseal()).toEqual({ connections: 1, sessions: 1, webhooks: 0, closed: [] });
    const alone = new SecretBox([newKey]);
    expect(await loadConnection(database.db, alone, old)).toMatchObject({
      settings: { auth: { clientSecret: 'client-secret', refreshToken: 'first-token' } },
    });
    const after = await changeSignIns(database.sql, connection, () => null);
    expect(alone.open(after?.session ?? '', placeOfSession(old))).toBe('a session');
    expect(await fingerprint(recent)).toBe(untouched);
    expect(await reseal()).toEqual({ connections: 0, sessions: 0, webhooks: 0, closed: [] });
  });

  test('where the key of one is not given, that one is named and nothing is changed', async () => {
    const old = await stored('Of the old key again', new SecretBox([oldKey]));
    const before = await fingerprint(old);
    await stored('Of a lost key', new SecretBox([lostKey]));

    const { closed } = await reseal();

    expect(closed).toEqual(['Of a lost key']);
    expect(await fingerprint(old)).toBe(before);
  });
});

test('the audit is only ever added to', async () => {
  await noteAudit(database.db, { address: null, who: 'somebody', action: 'sync.activate', subject: 'sync/1' });

  await expect(database.sql`update audit set who = 'nobody'`).rejects.toThrow('only ever added to');
  await expect(database.sql`delete from audit`).rejects.toThrow('only ever added to');
  await expect(database.sql`truncate audit`).rejects.toThrow('only ever added to');
});
