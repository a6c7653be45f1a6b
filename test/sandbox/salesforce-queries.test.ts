import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordFiller } from '../../src/sandbox/salesforce/record-filler';
import { freePort } from '../support/ports';
import { startTestOrg, type TestOrg } from './salesforce-org';

const PEOPLE = 4_500;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PEOPLE_SOQL = "SELECT Id, LastName FROM Lead WHERE Company = 'Many' ORDER BY LastName";

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg();
  org.sandbox.salesforce.vendor.org.changeSettings({ sessionTimeoutMs: 100 * DAY_MS });
  fill(org, PEOPLE);
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

/** Puts in leads as if they had been there for long. */
function fill({ sandbox }: TestOrg, people: number): void {
  const { org: filled, setup } = sandbox.salesforce.vendor;
  const filler = createRecordFiller(filled, setup.userReference);
  const createdAt = sandbox.clock.now() - DAY_MS;
  filled.transaction(() => {
    for (let number = 0; number < people; number += 1)
      filler.add('Lead', { values: { LastName: nameOf(number), Company: 'Many' }, createdAt, updatedAt: createdAt });
  });
}
const nameOf = (number: number): string => `N${String(number).padStart(5, '0')}`;
const ask = async (
  soql: string,
  { all = false, headers = {} }: { all?: boolean; headers?: Record<string, string> } = {},
) => (await org.call('GET', `/${all ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`, undefined, headers)).body;
const page = async (path: string) => org.call('GET', path);
const lost = [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator' }];

describe('pages', () => {
  test('have 2,000 records, each knows the next one and the whole size', async () => {
    const first = await ask(PEOPLE_SOQL);
    const second = (await page(first.nextRecordsUrl)).body;
    const third = (await page(second.nextRecordsUrl)).body;

    expect(first.nextRecordsUrl).toMatch(/^\/services\/data\/v60\.0\/query\/0r8[A-Za-z0-9]{15}-2000$/);
    expect(second.nextRecordsUrl).toBe(first.nextRecordsUrl.replace('-2000', '-4000'));
    expect([first, second, third].map(({ done, totalSize, records }) => [done, totalSize, records.length])).toEqual([
      [false, PEOPLE, 2_000],
      [false, PEOPLE, 2_000],
      [true, PEOPLE, 500],
    ]);
    expect(third).not.toHaveProperty('nextRecordsUrl');
    const names = [first, second, third].flatMap(({ records }) =>
      records.map((one: { LastName: string }) => one.LastName),
    );
    expect(names).toEqual(Array.from({ length: PEOPLE }, (_, number) => nameOf(number)));
  });

  test.each([
    ['batchSize=500', 500],
    ['batchsize = 200', 200],
    // the hint has a least and a most
    ['batchSize=1', 200],
    ['batchSize=100000', 2_000],
    ['nonsense', 2_000],
  ])('Sforce-Query-Options: %s gives pages of %i', async (header, rows) => {
    const first = await ask(PEOPLE_SOQL, { headers: { 'Sforce-Query-Options': header } });

    expect(first.records).toHaveLength(rows);
    expect((await page(first.nextRecordsUrl)).body.records).toHaveLength(rows);
  });

  test('are smaller for rows of very many columns', async () => {
    const { vendor } = org.sandbox.salesforce;
    const names = Array.from({ length: 151 }, (_, index) => `Wide${index}__c`);
    vendor.org.transaction(() => {
      for (const name of names) vendor.org.declareField('Lead', { name, type: 'boolean' });
    });

    expect((await ask(`SELECT ${names.join()} FROM Lead WHERE Company = 'Many'`)).records).toHaveLength(1_000);
  });

  test('LIMIT counts over all pages', async () => {
    const first = await ask(`${PEOPLE_SOQL} LIMIT 2100`);

    expect(first.totalSize).toBe(2_100);
    expect((await page(first.nextRecordsUrl)).body.records).toHaveLength(100);
  });

  test('the last of exactly one page has no next one', async () => {
    expect(await ask(`${PEOPLE_SOQL} LIMIT 2000`)).toMatchObject({ done: true, totalSize: 2_000 });
  });

  test('whose answer was lost, a page can be asked for again', async () => {
    const first = await ask(`${PEOPLE_SOQL} LIMIT 2100`);
    const last = (await page(first.nextRecordsUrl)).body;

    expect((await page(first.nextRecordsUrl)).body).toEqual(last);
  });

  test('are a snapshot of which records, not of what they say', async () => {
    const soql = "SELECT Id, Title FROM Lead WHERE Title = null AND LastName < 'N02002' ORDER BY LastName";
    const first = await ask(soql);
    const [a, b] = await org.query("SELECT Id FROM Lead WHERE LastName IN ('N02000', 'N02001') ORDER BY LastName");

    await org.create('Lead', { LastName: 'N01999b', Company: 'New' });
    await org.call('PATCH', `/sobjects/Lead/${a?.Id}`, { Title: 'changed' });
    const { body } = await page(first.nextRecordsUrl);

    expect(first.totalSize).toBe(2_002);
    expect(body.records).toEqual([
      expect.objectContaining({ Id: a?.Id, Title: 'changed' }),
      expect.objectContaining({ Id: b?.Id, Title: null }),
    ]);
  });

  test('deep ones are as quick as the first', async () => {
    const first = await ask(PEOPLE_SOQL, { headers: { 'Sforce-Query-Options': 'batchSize=200' } });
    const base = first.nextRecordsUrl.replace(/\d+$/, '');
    const workOf = async (offset: number): Promise<number> => {
      const before = process.cpuUsage();
      await page(`${base}${offset}`);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };

    await workOf(200);
    const work: [near: number, far: number][] = [];
    for (let run = 0; run < 7; run += 1) work.push([await workOf(200), await workOf(4_200)]);
    const least = (index: 0 | 1) => Math.min(...work.map((pair) => pair[index]));

    // the processor's work, whatever else the machine does; a reader that counts its way through has twenty times as much of it
    expect(least(1)).toBeLessThan(least(0) * 4);
  });
});

describe('locators', () => {
  test.each(['0r8000000000000AAA-2000', 'nonsense', '0r8000000000000AAA', '-1'])('%s is none', async (locator) => {
    expect(await page(`/query/${locator}`)).toMatchObject({ status: 400, body: lost });
  });

  test('know no page behind the last', async () => {
    const { nextRecordsUrl } = await ask(PEOPLE_SOQL);

    expect((await page(nextRecordsUrl.replace('-2000', '-4500'))).body).toEqual(lost);
  });

  test('live two days after their last use', async () => {
    const { nextRecordsUrl } = await ask(PEOPLE_SOQL);
    const statusAfter = async (hours: number): Promise<number> => {
      org.sandbox.clock.advance(hours * HOUR_MS);
      return (await page(nextRecordsUrl)).status;
    };

    expect([await statusAfter(47), await statusAfter(47), await statusAfter(49)]).toEqual([200, 200, 400]);
  });

  test('live for fifteen minutes where the org is set so', async () => {
    org.sandbox.salesforce.vendor.org.changeSettings({ locatorLifetimeMs: HOUR_MS / 4 });
    const { nextRecordsUrl } = await ask(PEOPLE_SOQL);

    org.sandbox.clock.advance(HOUR_MS / 4 + 1_000);

    expect((await page(nextRecordsUrl)).body).toEqual(lost);
    org.sandbox.salesforce.vendor.org.changeSettings({ locatorLifetimeMs: 2 * DAY_MS });
  });

  test('are ten per user: one more closes the oldest, and what was read to its end is not open', async () => {
    const open = async () => (await ask(PEOPLE_SOQL)).nextRecordsUrl as string;
    const ended = await open();
    await page(ended.replace('-2000', '-4000'));
    const oldest = await open();
    const others: string[] = [];
    for (let count = 0; count < 9; count += 1) others.push(await open());

    const before = await page(oldest);
    await open();

    expect(before.status).toBe(200);
    expect((await page(oldest)).body).toEqual(lost);
    for (const other of others) expect((await page(other)).status).toBe(200);
    expect((await page(ended.replace('-2000', '-4000'))).status).toBe(200);
  });

  test('survive a restart of the sandbox', async () => {
    const kept = await startTestOrg({ dataDir: mkdtempSync(join(tmpdir(), 'sync-queries-')) });
    fill(kept, 2_001);
    const { body: first } = await kept.call('GET', `/query?q=${encodeURIComponent(PEOPLE_SOQL)}`);
    await kept.sandbox.stop();

    const again = await startTestOrg({ dataDir: kept.sandbox.dataDir, ports: { salesforce: await freePort() } });
    const { body } = await again.call('GET', first.nextRecordsUrl);
    await again.sandbox.stop();
    rmSync(kept.sandbox.dataDir, { recursive: true });

    expect(body.records).toMatchObject([{ LastName: nameOf(2_000) }]);
    expect(again.sandbox.defects).toEqual([]);
  });
});

describe('queryAll', () => {
  test('shows what is in the recycle bin, for 15 days, and who won a merge', async () => {
    const [winner, loser, deleted] = [
      await org.create('Contact', { LastName: 'Winner' }),
      await org.create('Contact', { LastName: 'Loser' }),
      await org.create('Contact', { LastName: 'Deleted' }),
    ];
    await org.control('POST', '/merge', { masterId: winner, loserIds: [loser] });
    await org.call('DELETE', `/sobjects/Contact/${deleted}`);
    const soql = 'SELECT LastName, IsDeleted, MasterRecordId FROM Contact ORDER BY LastName';

    const [living, all] = [await ask(soql), await ask(soql, { all: true })];
    const bin = await ask('SELECT Id FROM Contact WHERE IsDeleted = true ORDER BY LastName', { all: true });
    org.sandbox.clock.advance(15 * DAY_MS + HOUR_MS);
    const later = await ask(soql, { all: true });

    expect(living.records).toMatchObject([{ LastName: 'Winner', IsDeleted: false, MasterRecordId: null }]);
    expect(all.records).toMatchObject([
      { LastName: 'Deleted', IsDeleted: true, MasterRecordId: null },
      { LastName: 'Loser', IsDeleted: true, MasterRecordId: winner },
      { LastName: 'Winner', IsDeleted: false },
    ]);
    expect(bin.records).toMatchObject([{ Id: deleted }, { Id: loser }]);
    expect(later.totalSize).toBe(1);
  });

  test('has further pages under either name', async () => {
    const { nextRecordsUrl } = await ask(PEOPLE_SOQL, { all: true });

    expect(nextRecordsUrl).toContain('/query/');
    expect((await page(nextRecordsUrl)).body.records).toHaveLength(2_000);
    expect((await page(nextRecordsUrl.replace('/query/', '/queryAll/'))).body.records).toHaveLength(2_000);
  });
});

test('more than 2,000 groups do not fit into an answer', async () => {
  const groups = "SELECT LastName, COUNT(Id) FROM Lead WHERE Company = 'Many' GROUP BY LastName";

  expect(await ask(groups)).toEqual([
    {
      errorCode: 'EXCEEDED_ID_LIMIT',
      message: 'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
    },
  ]);
  expect((await ask(`${groups} LIMIT 2000`)).records).toHaveLength(2_000);
});

test('a query of a whole object is counted against the client, once for all its pages', async () => {
  const count = () =>
    org.sandbox.salesforce.violations().find(({ violation }) => violation === 'unboundedQuery')?.count ?? 0;
  const before = count();

  const { nextRecordsUrl } = await ask('SELECT Id FROM Lead');
  await page(nextRecordsUrl);
  await ask(PEOPLE_SOQL);

  expect(count() - before).toBe(1);
});

test('the plan of a query can be asked for', async () => {
  const { status, body } = await org.call('GET', `/query?explain=${encodeURIComponent(PEOPLE_SOQL)}`);

  expect(status).toBe(200);
  expect(body).toMatchObject({
    plans: [{ sobjectType: 'Lead', sobjectCardinality: expect.any(Number), cardinality: PEOPLE }],
    sourceQuery: PEOPLE_SOQL,
  });
});
