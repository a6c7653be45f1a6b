import type { FaultInput } from '../../src/sandbox/faults';
import { AT, type CaseRun, PATHS, useCaseRuns } from '../support/case-runs';
import { sized } from '../support/case-sizes';
import { marketoPeople, salesforceWrite } from '../support/vendor-rows';

const PAGE = sized({ usual: 200, told: 2_000 });
const started = useCaseRuns({ pageRows: PAGE });

const MINUTE_MS = 60_000;
/** An attempt that is believed dead wakes up after so long. */
const SLEEP_MS = 1_500;

jest.setTimeout(sized({ usual: 60_000, told: 600_000 }));

/** Requests for pages: by REST the first page is that of the query itself; by Bulk a first record stands before the pages of the job. */
const PAGES = {
  REST: { match: { method: 'GET', path: '*/query/0r8*' }, firstIs: 2 },
  Bulk: { match: { method: 'GET', path: '*/jobs/query/*/results' }, firstIs: 1 },
} as const;

/** The columns of the files that a read of these syncs asks for. */
const SELECTED = ['Id', 'CreatedDate', 'LastModifiedDate', 'Email', 'FirstName', 'LastName'];

/** What Salesforce answers that ends a result although there is more. */
const endOfResult = (path: (typeof PATHS)[number], announced: number): FaultInput['action'] =>
  path === 'REST'
    ? { type: 'respond', status: 200, body: { totalSize: announced, done: true, records: [] } }
    : {
        type: 'respond',
        status: 200,
        headers: { 'content-type': 'text/csv', 'sforce-numberofrecords': '0', 'sforce-locator': 'null' },
        body: `${SELECTED.join(',')}\n`,
      };

const email = (index: number) => `person${index}@example.com`;

/** Contacts as a source of pages, and what happens at one of them. */
function given(path: (typeof PATHS)[number], records: number, dates?: () => number): string[] {
  const { salesforce } = started();
  salesforce.vendor.org.changeSettings({ queryPageRows: path === 'REST' ? PAGE : 1 });
  const contacts = Array.from({ length: records }, (_none, index) => ({
    LastName: 'Sample',
    Email: email(index),
    FirstName: String(index),
  }));
  return started().givenRecords('Contact', contacts, salesforce, dates);
}
const source = (path: (typeof PATHS)[number]) => ({
  connectionId: path === 'REST' ? AT.salesforce : AT.salesforceByBulk,
  object: 'Contact',
});
const atPage = (
  path: (typeof PATHS)[number],
  page: number,
  action: FaultInput['action'],
  more: Partial<FaultInput> = {},
) => started().salesforce.addFault({ match: PAGES[path].match, nth: page + 1 - PAGES[path].firstIs, action, ...more });

/** Each lead was written so often, whatever was read twice. */
const writesOf = () => started().marketo.writeLog({ object: 'lead' });
const asStaged = ({ executionId }: CaseRun) =>
  started().runs.database.sql`
    select count(*)::int as rows, count(distinct source_id)::int as records from staged_records
    where execution_id = ${executionId}`;

describe.each(PATHS)('C17: no page is dropped, by %s', (path) => {
  const ALL = 5 * PAGE;
  const expectEachOnce = async (run: CaseRun) => {
    expect(run.counts).toMatchObject({ read: ALL, created: ALL });
    expect(await asStaged(run)).toEqual([{ rows: ALL, records: ALL }]);
    expect(new Set(run.outcomes.map(({ sourceId }) => sourceId)).size).toBe(ALL);
    const there = new Set(marketoPeople(started().marketo).map((person) => person.email));
    expect(Array.from({ length: ALL }, (_none, index) => email(index)).filter((each) => !there.has(each))).toEqual([]);
    expect(writesOf()).toHaveLength(ALL);
  };
  const sync = () => started().contactsToLeads({ source: source(path) });

  test('undisturbed, all pages arrive', async () => {
    given(path, ALL);

    await expectEachOnce(await started().run(await sync()));
  });

  test('when the attempt that reads is lost after its third page, another one goes on from there', async () => {
    given(path, ALL);
    const { salesforce } = started();
    const slow = atPage(path, 4, { type: 'delay', ms: SLEEP_MS });

    const run = await started().run(await sync(), {
      lost: { extract: () => started().untilActed(salesforce, slow.id) },
    });

    await expectEachOnce(run);
    // of five pages at most the one on its way, and the one behind it, were asked for twice
    const [asked] = salesforce.faults.list().map(({ seen }) => seen);
    expect(asked).toBeLessThanOrEqual(7);
  });

  test('when Salesforce has forgotten the position of the fourth page, the read goes on behind the third', async () => {
    given(path, ALL);
    atPage(path, 4, { type: 'vendorError', code: 'INVALID_QUERY_LOCATOR' });
    const syncId = await sync();
    // a query of REST is asked anew at once, a file of a job with the next attempt
    if (path === 'Bulk') await expect(started().run(syncId)).rejects.toMatchObject({ advice: { retry: 'soon' } });

    await expectEachOnce(await started().run(syncId));
  });

  test('when a result ends early, the rest is asked for', async () => {
    given(path, ALL);
    atPage(path, 3, endOfResult(path, ALL));
    const syncId = await sync();
    if (path === 'Bulk') await expect(started().run(syncId)).rejects.toMatchObject({ advice: { retry: 'soon' } });

    await expectEachOnce(await started().run(syncId));
  });

  test('when the rest does not come, the run does not end, and says how many were announced and how many came', async () => {
    given(path, ALL);
    const end = endOfResult(path, path === 'REST' ? ALL - 2 * PAGE : ALL);
    atPage(path, 3, end, { count: 100 });
    if (path === 'REST') started().salesforce.addFault({ match: { path: '*/query?q=* Id > *' }, action: end });
    const syncId = await sync();
    const came = path === 'REST' ? 2 * PAGE : 2 * PAGE + 1;

    for (const _attempt of [1, 2]) {
      await expect(started().run(syncId)).rejects.toThrow(`announced ${ALL} records, but gave ${came}`);
    }
    expect(marketoPeople(started().marketo)).toEqual([]);

    started().salesforce.clearFaults();
    await expectEachOnce(await started().run(syncId));
  });
});

describe.each(PATHS)('C18: many records with the same time stamp, by %s', (path) => {
  const ALL = 1.25 * PAGE;

  test('each is written once, then only the one that changed, then none', async () => {
    const { salesforce, sandbox } = started();
    const stamp = sandbox.clock.now();
    const [, changed = ''] = given(path, ALL, () => stamp);
    sandbox.clock.advance(MINUTE_MS);
    const slow = atPage(path, 2, { type: 'delay', ms: SLEEP_MS });
    const syncId = await started().contactsToLeads({ source: source(path), records: 'changed' });

    const first = await started().run(syncId, { lost: { extract: () => started().untilActed(salesforce, slow.id) } });
    expect(first.counts).toMatchObject({ read: ALL, created: ALL });
    expect(writesOf()).toHaveLength(ALL);

    sandbox.clock.set(stamp + 5 * MINUTE_MS);
    await salesforceWrite(salesforce, 'PATCH', `Contact/${changed}`, { FirstName: 'Changed' });
    sandbox.clock.advance(MINUTE_MS);
    const second = await started().run(syncId);
    expect(second.outcomes).toMatchObject([{ sourceId: changed, outcome: 'updated' }]);
    expect(writesOf().slice(ALL)).toMatchObject([{ operation: 'update', after: { firstName: 'Changed' } }]);

    sandbox.clock.advance(MINUTE_MS);
    const third = await started().run(syncId);
    expect(third.counts.read).toBe(0);
    expect(writesOf()).toHaveLength(ALL + 1);
  });
});
