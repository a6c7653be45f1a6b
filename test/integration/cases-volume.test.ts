import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { AT, fields, useCaseRuns } from '../support/case-runs';
import { sized } from '../support/case-sizes';
import type { Host } from '../support/connected-runs';
import { marketoPeople, salesforceRows } from '../support/vendor-rows';
import type { VolumeResult, VolumeTask } from '../support/volume-worker';

const MEGABYTE = 1 << 20;
/** Files of jobs, a hundredth of the usual ones; so is what the org takes. */
const JOB_BYTES = 160_000;
const UPLOAD_BYTES = 1.5 * MEGABYTE;
const started = useCaseRuns({ jobBytes: JOB_BYTES });

const email = (index: number) => `person${index}@example.com`;
const BIG_FIELDS = Array.from({ length: 40 }, (_none, index) => `big${index}`);

beforeEach(() => {
  const { marketo, salesforce, secondSalesforce } = started();
  for (const { vendor } of [salesforce, secondSalesforce]) {
    vendor.org.declareField('Contact', { name: 'Long__c', type: 'textarea', length: 131_072 });
    vendor.org.declareField('Contact', { name: 'Longer__c', type: 'textarea', length: 131_072 });
  }
  for (const name of ['notes', ...BIG_FIELDS])
    marketo.vendor.stores.fields.add({ name, displayName: name, dataType: 'text' });
});

describe('C23: rows that a Bulk query gives', () => {
  const { small: SMALL, rowCharacters: ROW_CHARACTERS } = sized({
    usual: { small: 2_500, rowCharacters: 4_000 },
    told: { small: 30_000, rowCharacters: 1_500 },
  });
  const LARGE = 10 * SMALL;
  /** Enough for pages and windows; little enough that nothing is kept only because there is room. */
  const HEAP_MEGABYTES = 96;
  /** Of the usual rows half of what the further ones would take, were they only kept as they came: 90 MB. */
  const MOST_GROWTH = sized({ usual: 45, told: 150 }) * MEGABYTE;

  /** Among the further rows there is one with as long a text as Salesforce has. */
  const LONG_AT = LARGE - 1_000;
  const LONGEST_TEXT = 131_072;

  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sync-volume-'));
    await build({
      entryPoints: ['test/support/volume-worker.ts'],
      bundle: true,
      platform: 'node',
      packages: 'external',
      outfile: join(folder, 'worker.js'),
      logLevel: 'silent',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Reads and stages all contacts in a process of its own. A load works on windows of 10,000 rows, for which these are too few. */
  const readInProcess = async (): Promise<VolumeResult> => {
    const of = ({ url, credentials }: Host): Host => ({ url, credentials });
    const task: VolumeTask = {
      hosts: {
        marketo: { [AT.marketo]: of(started().marketo) },
        salesforce: { [AT.salesforceByBulk]: of(started().salesforce) },
        tuning: { [AT.salesforceByBulk]: { pageRows: 500, firstPollMs: 10 } },
      },
      definition: {
        name: 'Contacts to leads',
        source: { connectionId: AT.salesforceByBulk, object: 'Contact' },
        destination: { connectionId: AT.marketo, object: 'Lead' },
        mappings: fields({ Email: 'email', Long__c: 'notes' }),
      },
      until: 'extract',
    };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', `--max-old-space-size=${HEAP_MEGABYTES}`, '--max-semi-space-size=2', join(folder, 'worker.js')],
      { env: { ...process.env, NODE_PATH: resolve('node_modules'), SYNC_TEST_TASK: JSON.stringify(task) } },
    );
    return JSON.parse(stdout) as VolumeResult; // written by the worker
  };
  const row = (index: number) => ({
    Email: email(index),
    Long__c: String(index).padEnd(index === LONG_AT ? LONGEST_TEXT : ROW_CHARACTERS, 'x'),
  });
  const givenRows = (from: number, to: number) => {
    for (let next = from; next < to; next += SMALL)
      started().givenContacts(Array.from({ length: Math.min(SMALL, to - next) }, (_none, index) => row(next + index)));
  };

  test(
    'ten times as many rows take no more memory',
    async () => {
      givenRows(0, SMALL);
      const small = await readInProcess();
      givenRows(SMALL, LARGE);
      const large = await readInProcess();

      expect(small.counts).toMatchObject({ read: SMALL, failed: 0 });
      expect(large.counts).toMatchObject({ read: LARGE, failed: 0 });
      expect(large.mostBytesInUse - small.mostBytesInUse).toBeLessThan(MOST_GROWTH);
    },
    sized({ usual: 300_000, told: 1_800_000 }),
  );

  test('a text of 131,072 characters arrives whole', async () => {
    const long = 'A "long" text, '
      .repeat(9_000)
      .slice(0, LONGEST_TEXT - 1)
      .concat('.');
    started().givenContacts(['short', long, 'short'].map((Long__c, index) => ({ Email: email(index), Long__c })));

    const { counts } = await started().run(
      await started().contactsToLeads({
        source: started().contactsBy('Bulk'),
        destination: { connectionId: AT.secondSalesforce, object: 'Contact' },
        match: { source: 'Email', destination: 'Email' },
        mappings: fields({ Email: 'Email', LastName: 'LastName', Long__c: 'Long__c' }),
      }),
    );

    expect(counts).toMatchObject({ read: 3, created: 3 });
    const arrived = await salesforceRows(started().secondSalesforce, 'SELECT Long__c FROM Contact ORDER BY Email');
    // no failure should print the text
    expect(arrived.map(({ Long__c }) => (Long__c === long ? 'whole' : Long__c))).toEqual(['short', 'whole', 'short']);
  });
});

describe('C23: requests to Marketo stay below 1 MB', () => {
  test('300 leads of 8,000 bytes of text each are all loaded', async () => {
    const texts = Array.from({ length: 300 }, (_none, index) => String(index).padEnd(8_000, 'n'));
    started().givenContacts(texts.map((Long__c, index) => ({ Email: email(index), Long__c })));

    const { counts } = await started().run(
      await started().contactsToLeads({ mappings: fields({ Email: 'email', Long__c: 'notes' }) }),
    );

    expect(counts).toMatchObject({ read: 300, created: 300 });
    expect(marketoPeople(started().marketo).map(({ notes }) => notes)).toEqual(expect.arrayContaining(texts));
    expect(statusesOfWrites()).toEqual([200]);
  });

  test('a record that is larger fails alone, naming its largest field, as foretold', async () => {
    const sizes = [10, 29_000, 10];
    started().givenContacts(
      sizes.map((size, index) => ({
        Email: email(index),
        Long__c: 'n'.repeat(size),
        Longer__c: 'n'.repeat(size + 10),
      })),
    );
    const big = Object.fromEntries(BIG_FIELDS.map((name) => [name, 'Long__c']));
    const mappings = [
      ...fields({ Email: 'email', Longer__c: 'notes' }),
      ...Object.entries(big).map(([to, field]) => ({ from: { field }, to })),
    ];

    const { outcomes } = await started().runAsForetold(await started().contactsToLeads({ mappings }));

    expect(outcomes.map(({ outcome, reason, field }) => [outcome, reason, field])).toEqual([
      ['created', null, null],
      ['failed', 'tooLarge', 'notes'],
      ['created', null, null],
    ]);
    expect(statusesOfWrites()).toEqual([200]);
  });

  /** What Marketo said to requests that write people; it refuses those above 1 MB with 413. */
  const statusesOfWrites = (): number[] =>
    started()
      .marketo.counters()
      .filter(({ endpoint }) => endpoint === 'POST /rest/v1/leads.json')
      .map(({ status }) => status);
});

describe('C23: uploads to Salesforce', () => {
  test('rows are split by encoded bytes into enough jobs, and each is written once', async () => {
    const rows = 1_000;
    started().salesforce.vendor.org.changeSettings({ bulkUploadBytes: UPLOAD_BYTES });
    // two bytes a letter
    const notes = 'ü'.repeat(1_500);
    started().givenLeads(
      Array.from({ length: rows }, (_none, index) => ({ email: email(index), lastName: 'Sample', notes })),
    );

    const { counts } = await started().run(
      await started().leadsToContacts({
        destination: { connectionId: AT.salesforceByBulk, object: 'Contact' },
        mappings: fields({ email: 'Email', lastName: 'LastName', notes: 'Long__c' }),
      }),
    );

    expect(counts).toMatchObject({ read: rows, created: rows });
    const writes = started().salesforce.writeLog({ object: 'Contact' });
    expect(writes).toHaveLength(rows);
    const rowsOf = new Map<string, number>();
    for (const { via } of writes) rowsOf.set(via, (rowsOf.get(via) ?? 0) + 1);
    const bytes = Buffer.byteLength(notes);
    expect(rowsOf.size).toBeGreaterThanOrEqual((rows * bytes) / JOB_BYTES);
    for (const written of rowsOf.values()) expect(written * bytes).toBeLessThanOrEqual(JOB_BYTES);
  });
});
