import { randomBytes } from 'node:crypto';
import { insertConnection, loadConnection, storeRefreshToken } from '../../db/queries/connections';
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
