import { MarketoSyncs } from '../support/marketo-syncs';
import { marketoPeople, salesforceRows } from '../support/vendor-rows';

const PEOPLE = 30;
const ANOTHER_ORGANISATION = '00D0000000OTHERAAA';

let syncs: MarketoSyncs;
let salesforceId: string;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: PEOPLE });
  salesforceId = await syncs.sync.addConnection({
    name: 'Salesforce',
    kind: 'salesforce',
    settings: {
      loginUrl: syncs.sandbox.salesforce.url,
      auth: { type: 'clientCredentials', clientId: 'sandbox', clientSecret: 'sandbox' },
    },
  });
}, 60_000);
afterAll(() => syncs.stop());
beforeEach(async () => {
  syncs.reset();
  await remember(syncs.targetId, null);
  await remember(salesforceId, null);
});

/** Has a connection remember that it led somewhere. */
const remember = (connectionId: string, identity: string | null) =>
  syncs.sync.database.sql`update connections set identity = ${identity} where connection_id = ${connectionId}`;

const identityOf = async (connectionId: string) =>
  (await syncs.api.call('GET', `/connections/${connectionId}`)).body.identity;

const needsAttention = ({ status }: { status: string }) => status === 'needsAttention';

test('the first run of a connection remembers which instance it led to, which the audit shows', async () => {
  const syncId = await syncs.activated();
  await syncs.until(syncId, ({ status }) => status === 'completed');

  const entries = await syncs.sync.database.sql`
    select who, details from audit where action = 'connection.identify' and subject = ${`connection/${syncs.targetId}`}`;
  const { host } = new URL(syncs.target.url);
  expect(await identityOf(syncs.targetId)).toBe(host);
  expect(entries).toEqual([{ who: 'worker', details: { identity: host } }]);
});

test('when a connection signs in to another Marketo than before, the run writes nothing and says so, until that is mended', async () => {
  await remember(syncs.targetId, '123-ABC-456');
  const syncId = await syncs.activated();

  const waiting = await syncs.until(syncId, needsAttention);
  const written = marketoPeople(syncs.target).length;
  await remember(syncs.targetId, new URL(syncs.target.url).host);
  await syncs.control(syncId, 'resume');
  const done = await syncs.until(syncId, ({ status }) => status === 'completed');

  expect(waiting.problem).toContain('"Target" signs in to another instance');
  expect(waiting.problem).toContain(
    `(${new URL(syncs.target.url).host}) than the one that it was made for (123-ABC-456)`,
  );
  expect(waiting.lastExecution).toMatchObject({ state: 'running', phase: 'extract', counts: { read: 0 } });
  expect(written).toBe(0);
  expect(done.lastExecution).toMatchObject({ state: 'succeeded', counts: { read: PEOPLE } });
});

test('when a connection signs in to another Salesforce organisation than before, the run writes nothing, and can be cancelled', async () => {
  await remember(salesforceId, ANOTHER_ORGANISATION);
  const before = await salesforceRows(syncs.sandbox.salesforce, 'SELECT Id FROM Contact');
  const syncId = await syncs.activated({
    destination: { connectionId: salesforceId, object: 'Contact' },
    mappings: [
      { from: { field: 'email' }, to: 'Email' },
      { from: { field: 'lastName' }, to: 'LastName' },
    ],
  });

  const waiting = await syncs.until(syncId, needsAttention);
  await syncs.control(syncId, 'cancel');
  const ended = await syncs.until(syncId, ({ lastExecution }) => lastExecution?.state !== 'running');

  expect(waiting.problem).toMatch(
    /"Salesforce" signs in to another instance \(00D\w{15}\) than .* \(00D0000000OTHERAAA\)/,
  );
  expect(await salesforceRows(syncs.sandbox.salesforce, 'SELECT Id FROM Contact')).toHaveLength(before.length);
  expect(ended).toMatchObject({ status: 'cancelled', lastExecution: { state: 'cancelled' } });
  expect(await identityOf(salesforceId)).toBe(ANOTHER_ORGANISATION);
});
