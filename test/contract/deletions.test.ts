import type { WriteRecord } from '../../src/connectors/connector';
import type { FaultInput } from '../../src/sandbox/faults';
import { batchOf, signal, useMarketo } from '../support/marketo-rig';
import { created, load, people, useSalesforce } from '../support/salesforce-rig';

const named = (ids: readonly string[]): WriteRecord[] =>
  ids.map((destinationId) => ({ destinationId, key: null, values: {} }));

const deletedOrGone = (results: { result: string }[]) => results.map(({ result }) => result);

const harms: [string, FaultInput['action']][] = [
  ['the request never arrives', { type: 'resetBefore' }],
  ['the answer is lost', { type: 'resetAfter' }],
];

describe('Marketo', () => {
  const rig = useMarketo();
  const deleteOf = async (objectName: string, ids: readonly string[]) => {
    const connector = rig.connect();
    const object = await connector.describe(objectName, signal);
    return load(connector, batchOf(object, { operation: 'delete', records: named(ids) }));
  };

  test('people are deleted by id; one that is gone already is told', async () => {
    rig.givenPeople([{ email: 'a@example.com' }, { email: 'b@example.com' }, { email: 'c@example.com' }]);

    const results = await deleteOf('Lead', ['1', '7', '3']);

    expect(deletedOrGone(results)).toEqual(['deleted', 'notFound', 'deleted']);
    expect(rig.marketo.vendor.stores.leads.count()).toBe(1);
  });

  test.each(harms)('a deletion can be repeated: when %s, nobody is left', async (_harm, action) => {
    rig.givenPeople([{ email: 'a@example.com' }, { email: 'b@example.com' }]);
    rig.marketo.addFault({ match: { method: 'POST', path: '*/leads/delete.json' }, nth: 1, action });

    const results = await deleteOf('Lead', ['1', '2']);

    expect(new Set(deletedOrGone(results)).size).toBe(1);
    expect(rig.marketo.vendor.stores.leads.count()).toBe(0);
  });

  test('companies are deleted by their id', async () => {
    const connector = rig.connect();
    const company = await connector.describe('Company', signal);
    const values = { externalCompanyId: 'X1', company: 'Sample GmbH' };
    const record = { destinationId: null, key: 'X1', values };
    const made = batchOf(company, { matchField: 'externalCompanyId', records: [record] });
    const ids = created(await load(connector, made));

    expect(deletedOrGone(await deleteOf('Company', ids))).toEqual(['deleted']);
    expect(deletedOrGone(await deleteOf('Company', ids))).toEqual(['notFound']);
  });
});

describe('Salesforce', () => {
  const rig = useSalesforce();
  const given = async (count: number) => created(await load(rig.connector, rig.batchOf('create', people(count))));
  const deletions = () => rig.sandbox.salesforce.writeLog().filter(({ operation }) => operation === 'delete').length;

  test.each([
    ['collection requests', {}],
    ['a bulk job', { bulkFrom: 0 }],
  ])('records are deleted by %s; one that is gone already is told', async (_way, tuning) => {
    const ids = await given(201);
    const connector = rig.connect({ ...tuning, firstPollMs: 10 });
    await load(connector, rig.batchOf('delete', named(ids.slice(0, 1))));

    const results = await load(connector, rig.batchOf('delete', named(ids)));

    expect(deletedOrGone(results)).toEqual(['notFound', ...Array(200).fill('deleted')]);
    expect(deletions()).toBe(201);
  });

  test.each(harms)('a deletion can be repeated: when %s, nobody is left', async (_harm, action) => {
    const ids = await given(3);
    rig.sandbox.salesforce.addFault({ match: { method: 'DELETE', path: '*/composite/sobjects' }, nth: 1, action });

    const results = await load(rig.connector, rig.batchOf('delete', named(ids)));

    expect(new Set(deletedOrGone(results)).size).toBe(1);
    expect(deletions()).toBe(3);
  });
});
