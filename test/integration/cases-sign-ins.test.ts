import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { insertConnection } from '../../db/queries/connections';
import { newConnection } from '../../src/domain/connection';
import type { FaultInput } from '../../src/sandbox/faults';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { SecretBox } from '../../src/security/secrets';
import { type StoredConnections, storedConnections } from '../../src/worker/stored-connections';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { MarketoSyncs } from '../support/marketo-syncs';
import { salesforceRows } from '../support/vendor-rows';

const HOUR_MS = 3_600_000;
const SYNCS = [1, 2, 3, 4, 5];
const SIGN_IN = '/services/oauth2/token';
const ALWAYS = 10_000;

const refusedGrant: FaultInput = {
  match: { path: SIGN_IN },
  count: ALWAYS,
  action: {
    type: 'respond',
    status: 400,
    body: { error: 'invalid_grant', error_description: 'authentication failure' },
  },
};
const refusedCalls = (status: number, errorCode: string): FaultInput => ({
  match: { path: '/services/data/*' },
  count: ALWAYS,
  action: { type: 'respond', status, body: [{ errorCode, message: 'No.' }] },
});
/** The three ways in which a password that is no good shows. */
const VARIANTS: [string, FaultInput][] = [
  ['the sign-in is refused', refusedGrant],
  ['the sign-in succeeds and every call is refused', refusedCalls(401, 'INVALID_SESSION_ID')],
  ['a call says that the password has expired', refusedCalls(401, 'INVALID_OPERATION_WITH_EXPIRED_PASSWORD')],
];

const signInsAt = (sandbox: Sandbox): number =>
  sandbox.salesforce
    .counters()
    .filter(({ endpoint }) => endpoint.endsWith(SIGN_IN))
    .reduce((sum, { count }) => sum + count, 0);

describe('C30: a wrong password does not lock the account, over all processes', () => {
  let sandbox: Sandbox;
  let testDatabase: TestDatabase;
  let database: DatabaseClient;
  let processes: StoredConnections[];
  let nowMs: number;
  let connectionId: string;
  const secrets = new SecretBox([randomBytes(32)]);

  beforeAll(async () => {
    sandbox = await startSandbox();
    testDatabase = await createTestDatabase();
    database = openDatabase(testDatabase.url);
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
    await sandbox.stop();
  });
  beforeEach(() => {
    sandbox.salesforce.reset();
    nowMs = Date.now();
    const start = () =>
      storedConnections(
        database,
        secrets,
        [new URL(sandbox.salesforce.url).host],
        pino({ level: 'silent' }),
        () => nowMs,
      );
    processes = [start(), start(), start()];
  });
  afterEach(async () => {
    for (const process of processes) await process.close();
    await database.sql`delete from connections`;
  });

  async function givenConnection(auth: Record<string, unknown>): Promise<void> {
    const settings = { loginUrl: sandbox.salesforce.url, auth };
    const added = await insertConnection(
      database.db,
      secrets,
      newConnection.parse({ name: 'Prod', kind: 'salesforce', settings }),
    );
    connectionId = added?.connectionId ?? '';
  }
  const { clientId, clientSecret } = { clientId: 'sandbox', clientSecret: 'sandbox' };
  const byApp = { type: 'clientCredentials', clientId, clientSecret };

  const connectorIn = async (index: number) =>
    (await (processes[index % processes.length] as StoredConnections).connect(connectionId)).connector;
  const attempt = async (sync: number): Promise<unknown> =>
    (await connectorIn(sync)).objects(AbortSignal.timeout(20_000)).catch((error: unknown) => error);
  const saved = () => database.sql`
    update connections set settings_version = settings_version + 1, updated_at = now() where connection_id = ${connectionId}`;

  test.each(VARIANTS)(
    'when %s, a day of five syncs and a test make three sign-ins at most, until it is saved anew',
    async (_how, fault) => {
      await givenConnection(byApp);
      const { id } = sandbox.salesforce.addFault(fault);

      for (let hour = 0; hour < 23; hour += 1) {
        const errors = await Promise.all(SYNCS.map(attempt));
        for (const error of errors) expect(error).toMatchObject({ advice: { retry: 'never' } });
        nowMs += HOUR_MS;
      }
      const tested = await (await connectorIn(0)).test(AbortSignal.timeout(20_000)).catch((error: unknown) => error);

      expect(tested).toMatchObject({ advice: { retry: 'never' } });
      expect(signInsAt(sandbox)).toBeLessThanOrEqual(3);

      sandbox.salesforce.faults.remove(id);
      await saved();
      for (const objects of await Promise.all(SYNCS.map(attempt))) expect(objects).toBeInstanceOf(Array);
    },
    30_000,
  );

  test('when processes sign in at once, one does for all of them', async () => {
    await givenConnection(byApp);

    await Promise.all(SYNCS.map(attempt));

    expect(signInsAt(sandbox)).toBe(1);
  });

  test('when three processes need a new token whose refresh token is good once, one refreshes it for all', async () => {
    sandbox.salesforce.vendor.org.changeSettings({ rotateRefreshTokens: true });
    await givenConnection({ type: 'refreshToken', clientId, clientSecret, refreshToken: await consented() });
    for (const objects of await Promise.all(SYNCS.map(attempt))) expect(objects).toBeInstanceOf(Array);
    sandbox.salesforce.vendor.expireTokens();
    const before = signInsAt(sandbox);

    for (const objects of await Promise.all(SYNCS.map(attempt))) expect(objects).toBeInstanceOf(Array);

    expect(signInsAt(sandbox) - before).toBe(1);
    const fresh = storedConnections(
      database,
      secrets,
      [new URL(sandbox.salesforce.url).host],
      pino({ level: 'silent' }),
    );
    processes.push(fresh);
    sandbox.salesforce.vendor.expireTokens();
    expect(await (await fresh.connect(connectionId)).connector.objects(AbortSignal.timeout(20_000))).toBeInstanceOf(
      Array,
    );
  });

  /** A user agrees at the organisation's page. @returns the refresh token that follows */
  async function consented(): Promise<string> {
    const { url } = sandbox.salesforce;
    const post = (path: string, form: Record<string, string>) =>
      fetch(`${url}/services/oauth2/${path}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) });
    const app = { client_id: clientId, redirect_uri: 'https://app.example.com/return' };
    const agreed = await post('authorize', {
      ...app,
      response_type: 'code',
      scope: 'api refresh_token',
      decision: 'allow',
    });
    const code = new URL(agreed.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const answer = await post('token', {
      ...app,
      grant_type: 'authorization_code',
      code,
      client_secret: clientSecret,
    });
    const { refresh_token: refreshToken } = (await answer.json()) as { refresh_token: string };
    return refreshToken;
  }

  test('a sign-in that nobody answered is no refused one', async () => {
    await givenConnection(byApp);
    const { id } = sandbox.salesforce.addFault({
      match: { path: SIGN_IN },
      count: ALWAYS,
      action: { type: 'respond', status: 503, body: 'Down.' },
    });
    for (const sync of SYNCS) expect(await attempt(sync)).toMatchObject({ advice: { retry: 'soon' } });

    sandbox.salesforce.faults.remove(id);

    expect(await attempt(1)).toBeInstanceOf(Array);
  });
});

describe('C30: syncs of a connection whose password is wrong', () => {
  let syncs: MarketoSyncs;
  beforeAll(async () => {
    syncs = await MarketoSyncs.start({ people: 3 });
  }, 60_000);
  afterAll(() => syncs.stop());

  test('they all need attention, say which connection it is and what to do, and go on once it has the right one', async () => {
    const { api, sandbox } = syncs;
    const settings = (clientSecret: string) => ({
      loginUrl: sandbox.salesforce.url,
      auth: { type: 'clientCredentials', clientId: 'sandbox', clientSecret },
    });
    const added = await api.call('POST', '/connections', {
      name: 'Prod',
      kind: 'salesforce',
      settings: settings('wrong'),
    });
    const destination = { connectionId: String(added.body.id), object: 'Contact' };
    const mappings = [
      { from: { field: 'email' }, to: 'Email' },
      { from: { field: 'lastName' }, to: 'LastName' },
    ];
    const ids = await Promise.all(
      SYNCS.map((sync) =>
        syncs.sync.activate({
          name: `Copy ${sync}`,
          source: { connectionId: syncs.sourceId, object: 'Lead' },
          destination,
          mappings,
          schedule: { type: 'now' },
        }),
      ),
    );

    const waiting = await Promise.all(
      ids.map((syncId) => api.until(syncId, ({ status }) => status === 'needsAttention')),
    );
    const tested = await api.call('POST', `/connections/${destination.connectionId}/test`);
    const signIns = signInsAt(sandbox);
    const patched = await api.call('PATCH', `/connections/${destination.connectionId}`, {
      settings: settings('sandbox'),
    });
    for (const syncId of ids) await api.call('POST', `/syncs/${syncId}/resume`);
    const done = await Promise.all(ids.map((syncId) => api.until(syncId, ({ status }) => status === 'completed')));

    for (const { problem } of waiting) expect(problem).toMatch(/Connection "Prod": .*refused.*Connections/);
    expect(tested.body).toMatchObject({ ok: false, problem: expect.stringMatching(/refused/) });
    expect(signIns).toBeLessThanOrEqual(3);
    expect(patched.status).toBe(200);
    for (const { lastExecution } of done) {
      expect(lastExecution).toMatchObject({ state: 'succeeded', counts: { read: 3, failed: 0 } });
    }
    expect(await salesforceRows(sandbox.salesforce, 'SELECT Id FROM Contact')).toHaveLength(3);
  }, 60_000);
});
