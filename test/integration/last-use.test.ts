import { insertApiKey, listApiKeys, useApiKey } from '../../db/queries/api-keys';
import { insertSession, useSession } from '../../db/queries/sessions';
import { useDatabase } from '../support/database';

const database = useDatabase();

test('the use of an API key is noted, and again after a minute at the soonest', async () => {
  const key = await insertApiKey(database.db, { name: 'A key', role: 'viewer', keyHash: 'its hash', expiresAt: null });
  const lastUse = async () => (await listApiKeys(database.db, null, 1))[0]?.lastUsedAt;
  const useAfter = async (seconds: number) => {
    await database.sql`update api_keys set last_used_at = now() - make_interval(secs => ${seconds})`;
    const before = await lastUse();
    const used = await useApiKey(database.sql, 'its hash');
    expect(used).toMatchObject({ apiKeyId: key?.apiKeyId, name: 'A key', role: 'viewer' });
    return (await lastUse()) !== before;
  };

  expect(await lastUse()).toBeNull();
  await useApiKey(database.sql, 'its hash');

  expect(await lastUse()).toEqual(expect.any(String));
  expect(await useAfter(30)).toBe(false);
  expect(await useAfter(90)).toBe(true);
});

test('the use of a session is noted, and again after a minute at the soonest', async () => {
  const opened = '2026-03-01T09:00:00.000Z';
  const sessionId = await insertSession(database.db, {
    apiKeyId: null,
    settingsKeyHash: 'a hash',
    tokenHash: 'its hash',
    now: opened,
  });
  const useAt = async (now: string) => {
    const used = await useSession(database.sql, 'its hash', now, {
      used: '2026-02-28T00:00:00Z',
      opened: '2026-02-28T00:00:00Z',
    });
    expect(used).toEqual({ sessionId, apiKeyId: null, settingsKeyHash: 'a hash', key: null });
    const [row] = await database.sql<{ at: string }[]>`select last_used_at as at from sessions`;
    return new Date(row?.at ?? '').toISOString();
  };

  expect(await useAt('2026-03-01T09:00:30.000Z')).toBe(opened);
  expect(await useAt('2026-03-01T09:01:30.000Z')).toBe('2026-03-01T09:01:30.000Z');
  expect(await useAt('2026-03-01T09:02:00.000Z')).toBe('2026-03-01T09:01:30.000Z');
});
