import type { WriteRecord } from '../../src/connectors/connector';
import type { FaultInput } from '../../src/sandbox/faults';
import { createRecordFiller } from '../../src/sandbox/salesforce/record-filler';
import { created, load, people, person, readAll, signal, updates, useSalesforce } from '../support/salesforce-rig';

const rig = useSalesforce();

/** Creations that pass alert-only duplicate rules go by collection requests, which no job identifies. */
const byRequests = (records: WriteRecord[]) =>
  rig.batchOf('create', records, { options: { assignmentRules: false, allowDuplicates: true } });
/** A value of the wrong type, for which a request is refused as a whole. */
const BAD = { MailingLatitude: 'north' };

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

  test('when a request of a batch is refused after others were answered, what they created is not sent again', async () => {
    rig.sandbox.salesforce.addFault({
      match: { method: 'POST', path: '*/composite/sobjects' },
      nth: 2,
      action: { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 },
    });

    const results = await rig.connector.write(byRequests(people(450)), null, signal);

    created(results.slice(0, 200));
    expect(new Set(results.slice(200).map(({ result }) => result))).toEqual(new Set(['again']));
    expect(rig.sandbox.salesforce.writeLog()).toHaveLength(200);
  });

  test('when one value sinks a request, the halves without it are created once', async () => {
    const results = await rig.connector.write(byRequests([...people(3), person('bad@example.com', BAD)]), null, signal);

    expect(results.map(({ result }) => result)).toEqual(['created', 'created', 'created', 'failed']);
    expect(rig.sandbox.salesforce.writeLog()).toHaveLength(3);
  });

  test('what others have created under the key of an insert is not taken for ours', async () => {
    const { org } = rig.sandbox.salesforce.vendor;
    const colleague = org.reference(org.schema.require('User'), 2);
    const now = rig.sandbox.clock.now();
    const values = { LastName: 'Theirs', Email: 'person0@example.com' };
    createRecordFiller(org, colleague).add('Contact', { values, createdAt: now, updatedAt: now });
    const sentAt = new Date(now - 11 * 60_000).toISOString();

    expect(await rig.connect().settle({ ...byRequests(people(1)), sentAt }, null, signal)).toMatchObject({
      results: [{ result: 'exists' }],
    });
  });

  test('an insert whose answer was lost is found by its key, user and time', async () => {
    rig.sandbox.salesforce.addFault({
      match: { method: 'POST', path: '*/composite/sobjects' },
      nth: 1,
      action: { type: 'resetAfter' },
    });

    created(await load(rig.connector, byRequests(people(2))));

    expect(rig.sandbox.salesforce.writeLog()).toHaveLength(2);
  });
});
