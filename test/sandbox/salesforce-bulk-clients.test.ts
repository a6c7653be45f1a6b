import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Connection, type Record as JsforceRecord } from 'jsforce';
import { fromSetUp, SERVICE_VARIABLES } from '../support/service-variables';
import { declareKey } from './salesforce-bulk-jobs';
import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg({ tlsPorts: {} });
  await declareKey(org, 'Contact');
});
afterAll(() => org.sandbox.stop());
afterEach(() => {
  org.sandbox.salesforce.clearFaults();
  expect(org.sandbox.defects).toEqual([]);
});

const contacts = { object: 'Contact', pollInterval: 100, pollTimeout: 20_000 };
const jsforce = (): Connection =>
  new Connection({ instanceUrl: org.url, accessToken: org.accessToken, version: '60.0' });

describe('jsforce', () => {
  test('inserts, and is told of each row', async () => {
    const input = [
      { Ext__c: 'js-1', LastName: 'Jsforce', FirstName: 'One, "two"' },
      { Ext__c: 'js-2', LastName: null, FirstName: 'Nameless' },
      { Ext__c: 'js-3', LastName: 'Jsforce', FirstName: 'Three' },
    ];

    const results = await jsforce().bulk2.loadAndWaitForResults({ ...contacts, operation: 'insert', input });

    expect(results.successfulResults).toHaveLength(2);
    expect(results.failedResults).toMatchObject([
      {
        sf__Id: '',
        sf__Error: 'REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --',
        Ext__c: 'js-2',
      },
    ]);
    expect(results.unprocessedRecords).toEqual([]);
    expect(await org.query("SELECT FirstName FROM Contact WHERE Ext__c = 'js-1'")).toMatchObject([
      { FirstName: 'One, "two"' },
    ]);
  });

  test('upserts: it adds an Id column, which is empty', async () => {
    const input = [
      { Ext__c: 'js-1', LastName: 'Jsforce', Title: 'changed' },
      { Ext__c: 'js-9', LastName: 'Jsforce', Title: 'new' },
    ];

    const results = await jsforce().bulk2.loadAndWaitForResults({
      ...contacts,
      operation: 'upsert',
      externalIdFieldName: 'Ext__c',
      input,
    });

    expect(results.successfulResults).toHaveLength(2);
    expect(results.successfulResults).toContainEqual(expect.objectContaining({ Ext__c: 'js-1', sf__Created: 'false' }));
    expect(results.successfulResults).toContainEqual(expect.objectContaining({ Ext__c: 'js-9', sf__Created: 'true' }));
  });

  test('updates and deletes by Id', async () => {
    const [{ Id } = {}] = await org.query("SELECT Id FROM Contact WHERE Ext__c = 'js-3'");
    const { bulk2 } = jsforce();

    const updated = await bulk2.loadAndWaitForResults({
      ...contacts,
      operation: 'update',
      input: [{ Id: String(Id), Title: 'updated' }],
    });
    const deleted = await bulk2.loadAndWaitForResults({
      ...contacts,
      operation: 'delete',
      input: [{ Id: String(Id) }],
    });

    expect(updated.successfulResults).toMatchObject([{ sf__Id: Id, sf__Created: 'false', Title: 'updated' }]);
    expect(deleted.successfulResults).toMatchObject([{ sf__Id: Id }]);
    expect(await org.query("SELECT Id FROM Contact WHERE Ext__c = 'js-3'")).toEqual([]);
  });

  test('is told why a job has failed as a whole', async () => {
    const load = jsforce().bulk2.loadAndWaitForResults({
      ...contacts,
      operation: 'insert',
      input: [{ LastName: 'Jsforce', Wrong__c: 'x' }],
    });

    await expect(load).rejects.toThrow('InvalidBatch : Field name not found : Wrong__c');
  });

  test('queries, and reads the one page of results', async () => {
    const { bulk2 } = jsforce();
    const soql = "SELECT Ext__c, Title FROM Contact WHERE LastName = 'Jsforce' ORDER BY Ext__c";

    const stream = await bulk2.query(soql, { pollInterval: 100, pollTimeout: 20_000 });
    const records: JsforceRecord[] = await stream.toArray();

    expect(records).toEqual([
      { Ext__c: 'js-1', Title: 'changed' },
      { Ext__c: 'js-9', Title: 'new' },
    ]);
  });

  test('sends an upload again that was answered 503, but empty: the job closes with no row', async () => {
    org.sandbox.salesforce.addFault({
      match: { method: 'PUT', path: '*/batches' },
      count: 1,
      action: { type: 'respond', status: 503 },
    });
    const job = jsforce().bulk2.createJob({ operation: 'insert', object: 'Contact' });
    await job.open();
    await job.uploadData('LastName\nNever seen\n');
    await job.close();
    await job.poll(100, 20_000);

    expect(job.getInfo()).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 0 });
    expect(await org.query("SELECT Id FROM Contact WHERE LastName = 'Never seen'")).toEqual([]);
  });
});

test('simple-salesforce inserts, upserts, queries in pages and deletes', async () => {
  const python = fromSetUp(SERVICE_VARIABLES.python);
  const script = `${__dirname}/python/salesforce_bulk_client.py`;
  const parameters = [script, org.sandbox.salesforce.tlsUrl ?? '', org.accessToken];
  const env = { ...process.env, REQUESTS_CA_BUNDLE: org.sandbox.certificatePath };

  const { stdout } = await promisify(execFile)(python, parameters, { env });
  const seen = JSON.parse(stdout) as Record<string, unknown>;

  const counts = (processed: number, failed: number) => ({
    numberRecordsProcessed: processed,
    numberRecordsFailed: failed,
    numberRecordsTotal: processed,
    job_id: expect.stringMatching(/^750/),
  });
  expect(seen).toMatchObject({
    inserted: [counts(500, 0)],
    upserted: [counts(2, 0), counts(1, 1)],
    successful: [
      { Ext__c: 'py-0', sf__Created: 'false', Title: 'says "yes", twice' },
      { Ext__c: 'py-500', sf__Created: 'true', Title: 'new' },
    ],
    failed: [
      { Ext__c: 'py-501', sf__Error: 'REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --' },
    ],
    pages: [200, 200, 101],
    first: { Ext__c: 'py-0', Title: 'says "yes", twice' },
    deleted: [counts(10, 0)],
    in_bin: 10,
    sunk: expect.stringContaining('InvalidBatch : Field name not found : Wrong__c'),
  });
  expect(seen.unprocessed).toMatch(/^[\w,]+\n$/);
}, 60_000);

test('none of these clients has done what a well-behaved client never does', () => {
  expect(org.sandbox.salesforce.violations().filter(({ count }) => count > 0)).toEqual([]);
});
