import type { FaultInput } from '../../src/sandbox/faults';
import { created, load, people, readAll, updates, useSalesforce } from '../support/salesforce-rig';

const rig = useSalesforce();

describe('nothing is written twice and nothing is lost, whatever happens to an answer', () => {
  const steps: [string, string, string][] = [
    ['the creation of the job', 'POST', '*/jobs/ingest'],
    ['the upload', 'PUT', '*/batches'],
    ['the closing', 'PATCH', '*/jobs/ingest/*'],
    ['a look at the job', 'GET', '*/jobs/ingest/7*'],
    ['the results', 'GET', '*/successfulResults/'],
  ];
  const harms: [string, FaultInput['action']][] = [
    ['the request never arrives', { type: 'resetBefore' }],
    ['the answer is lost', { type: 'resetAfter' }],
    ['the request is applied a minute later', { type: 'late', afterMs: 60_000 }],
    ['the server fails', { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500 }],
    [
      'the server fails after the effect',
      { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500, afterEffect: true },
    ],
    ['the token ends', { type: 'expireTokens' }],
  ];
  const cases = steps.flatMap(([step, method, path]) =>
    harms.map(([harm, action]): [string, string, FaultInput] => [
      step,
      harm,
      { match: { method, path }, nth: 1, action },
    ]),
  );

  test.each(cases)('creating, at %s, when %s', async (_step, _harm, fault) => {
    rig.sandbox.salesforce.addFault(fault);

    const results = await load(rig.connector, rig.batchOf('create', people(20)));
    rig.sandbox.clock.advance(120_000);

    created(results);
    expect(rig.sandbox.salesforce.writeLog().map(({ operation }) => operation)).toEqual(Array(20).fill('create'));
  });

  test.each(harms)('updating by collection requests, when %s', async (_harm, action) => {
    const ids = created(await load(rig.connector, rig.batchOf('create', people(20))));
    rig.sandbox.salesforce.addFault({ match: { method: 'PATCH', path: '*/composite/sobjects' }, nth: 1, action });

    const results = await load(
      rig.connector,
      rig.batchOf(
        'update',
        updates(ids, (index) => ({ Phone: `${index}` })),
      ),
    );
    rig.sandbox.clock.advance(120_000);

    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['updated']));
    const records = await readAll(rig.connector, rig.requestFor(['Phone']));
    expect(records.map(({ values }) => values[0]).sort()).toEqual(ids.map((_id, index) => `${index}`).sort());
  });

  test('when a part of a collection is applied before the server fails, the whole is repeated with the same values', async () => {
    const ids = created(await load(rig.connector, rig.batchOf('create', people(20))));
    rig.sandbox.salesforce.addFault({
      match: { method: 'PATCH', path: '*/composite/sobjects' },
      nth: 1,
      action: { type: 'partial', records: 12 },
    });

    const results = await load(
      rig.connector,
      rig.batchOf(
        'update',
        updates(ids, () => ({ Phone: '7' })),
      ),
    );

    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['updated']));
    const records = await readAll(rig.connector, rig.requestFor(['Phone']));
    expect(records.map(({ values }) => values[0])).toEqual(ids.map(() => '7'));
  });
});
