import type { SourceRecord } from '../../src/connectors/connector';
import type { FaultInput } from '../../src/sandbox/faults';
import {
  bulkReader,
  created,
  load,
  people,
  readAll,
  restReader,
  updates,
  useSalesforce,
} from '../support/salesforce-rig';

const rig = useSalesforce();

describe('reading loses no record and gives none twice', () => {
  const allNames = (records: SourceRecord[]) => records.map(({ values }) => values[0]).sort();
  const expected = (count: number) =>
    people(count)
      .map(({ key }) => key)
      .sort();

  async function givenPeople(count: number): Promise<void> {
    created(await load(rig.connector, rig.batchOf('create', people(count))));
    rig.sandbox.salesforce.clearFaults();
  }

  test('over pages of REST, also when a locator is lost', async () => {
    await givenPeople(4_500);
    rig.sandbox.salesforce.addFault({
      match: { method: 'GET', path: '*/query/*' },
      nth: 2,
      action: { type: 'vendorError', code: 'INVALID_QUERY_LOCATOR', status: 400 },
    });

    const records = await readAll(rig.connect(restReader), rig.requestFor(['Email']));

    expect(allNames(records)).toEqual(expected(4_500));
  });

  test.each<[string, FaultInput]>([
    ['undisturbed', { match: { path: '/nowhere' }, action: { type: 'resetBefore' } }],
    [
      'when files are cut at the end of a row',
      { match: { path: '*/results' }, every: 2, count: 3, action: { type: 'cutBody', at: 'row', ending: 'clean' } },
    ],
    [
      'when files are cut within a letter',
      { match: { path: '*/results' }, every: 2, count: 3, action: { type: 'cutBody', at: 'letter', ending: 'clean' } },
    ],
    ['when connections break', { match: { path: '*/jobs/query*' }, every: 3, action: { type: 'resetBefore' } }],
    [
      'when tokens expire all the time',
      { match: { path: '*/jobs/query*' }, every: 3, action: { type: 'expireTokens' } },
    ],
    [
      'when Salesforce is busy now and then',
      {
        match: { path: '*/jobs/query*' },
        every: 3,
        action: { type: 'vendorError', code: 'SERVER_UNAVAILABLE', status: 503 },
      },
    ],
    [
      'when a maintenance page answers',
      {
        match: { path: '*/results' },
        nth: 2,
        action: { type: 'respond', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Down</html>' },
      },
    ],
  ])('by a bulk query, %s', async (_when, fault) => {
    await givenPeople(300);
    rig.sandbox.salesforce.addFault(fault);

    const records = await readAll(rig.connect(bulkReader), rig.requestFor(['Email']));

    expect(allNames(records)).toEqual(expected(300));
  });

  test('changed ones are those whose stamp is late enough', async () => {
    await givenPeople(3);
    rig.sandbox.clock.advance(60_000);
    const changedSince = new Date(rig.sandbox.clock.now()).toISOString();
    const records = await readAll(rig.connector, rig.requestFor(['Email']));
    const changed = records[1]?.sourceId ?? '';
    await load(
      rig.connector,
      rig.batchOf(
        'update',
        updates([changed], () => ({ Phone: '1' })),
      ),
    );

    const later = await readAll(rig.connector, rig.requestFor(['Phone'], null, { changedSince }));

    expect(later).toMatchObject([{ sourceId: changed, values: ['1'] }]);
  });
});
