import type { ObjectDescription } from '../../src/domain/object-description';
import { marketoPost } from '../support/marketo-calls';
import { signal, useMarketo } from '../support/marketo-rig';
import { created, load, people, useSalesforce } from '../support/salesforce-rig';
import { salesforceWrite } from '../support/vendor-rows';

const DAY_MS = 86_400_000;

describe('Marketo', () => {
  const rig = useMarketo();

  const ago = (days: number) => new Date(rig.sandbox.clock.now() - days * DAY_MS).toISOString();
  const deletedSince = async (days: number, objectName = 'Lead') => {
    const connector = rig.connect();
    const object = await connector.describe(objectName, signal);
    return connector.deletedIds({ object, since: ago(days), until: ago(0) }, signal);
  };
  const givenPeople = (count: number) =>
    rig.givenPeople(Array.from({ length: count }, (_none, index) => ({ email: `p${index}@example.com` })));

  test('people that were deleted are named, and those that lost a merge', async () => {
    givenPeople(5);
    await marketoPost(rig.marketo, '/rest/v1/leads/delete.json', { input: [{ id: 2 }] });
    await marketoPost(rig.marketo, '/rest/v1/leads/3/merge.json?leadId=4', {});

    expect((await deletedSince(1))?.sort()).toEqual(['2', '4']);
  });

  test('they are named over short and empty pages of the log', async () => {
    givenPeople(20);
    rig.marketo.vendor.stores.settings.change({ activitiesPerScan: 1 });
    await marketoPost(rig.marketo, '/rest/v1/leads/delete.json', { input: [{ id: 2 }, { id: 9 }] });

    expect((await deletedSince(1))?.sort()).toEqual(['2', '9']);
  });

  test('when nothing was deleted, the list is empty', async () => {
    givenPeople(2);

    expect(await deletedSince(1)).toEqual([]);
  });

  test('two weeks ago is further back than the log reaches', async () => {
    expect(await deletedSince(14)).toBeNull();
  });

  test('of companies nothing is told', async () => {
    expect(await deletedSince(1, 'Company')).toBeNull();
  });
});

describe('Salesforce', () => {
  const rig = useSalesforce();

  const inDays = (days: number) => new Date(rig.sandbox.clock.now() + days * DAY_MS).toISOString();
  const deletedSince = (days: number, object: ObjectDescription = rig.contact) =>
    rig.connector.deletedIds({ object, since: inDays(-days), until: inDays(0) }, signal);
  const givenContacts = async (count: number) =>
    created(await load(rig.connector, rig.batchOf('create', people(count))));

  const merge = (masterId: string, loserId: string) =>
    fetch(`${rig.sandbox.controlUrl}/instances/salesforce/default/vendor/merge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ masterId, loserIds: [loserId] }),
    });

  test('records that were deleted are named by their long Ids, and those that lost a merge', async () => {
    const [gone = '', , master = '', loser = ''] = await givenContacts(4);
    await salesforceWrite(rig.sandbox.salesforce, 'DELETE', `Contact/${gone}`);
    await merge(master, loser);

    expect((await deletedSince(1))?.sort()).toEqual([gone, loser].sort());
  });

  test('when nothing was deleted, the list is empty', async () => {
    await givenContacts(2);

    expect(await deletedSince(1)).toEqual([]);
  });

  test('three weeks ago is further back than the recycle bin reaches', async () => {
    expect(await deletedSince(21)).toBeNull();
  });

  test('of an object that keeps no log nothing is told', async () => {
    expect(await deletedSince(1, { ...rig.contact, name: 'ContactHistory' })).toBeNull();
  });
});
