import { useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

const lastNames = async () =>
  (await salesforceRows(started().salesforce, 'SELECT LastName FROM Contact ORDER BY LastName')).map(
    ({ LastName }) => LastName,
  );
const given = async (more: Record<string, unknown> = {}) => {
  started().givenLeads([
    { email: 'good@example.com', lastName: 'Good' },
    { email: 'nameless1@example.com' },
    { email: 'nameless2@example.com' },
  ]);
  const syncId = await started().leadsToContacts(more);
  const run = await started().run(syncId);
  expect(run).toMatchObject({ state: 'partial', counts: { created: 1, failed: 2 } });
  return { syncId, run };
};
const mend = (id: number, lastName: string) =>
  marketoPost(started().marketo, '/rest/v1/leads.json', {
    action: 'updateOnly',
    lookupField: 'id',
    input: [{ id, lastName }],
  });

describe('a retry', () => {
  test('reads the failed records again and loads what has been mended, and nothing else', async () => {
    const { run } = await given();
    await mend(2, 'Mended');
    await mend(1, 'Changed');

    const retry = await started().retry(run);

    expect(retry.counts).toMatchObject({ read: 2, created: 1, failed: 1 });
    expect(await lastNames()).toEqual(['Good', 'Mended']);
  });

  test('takes no record that has been loaded since, whichever execution it is asked of', async () => {
    const { run } = await given();
    await mend(2, 'Mended');
    const first = await started().retry(run);
    await mend(3, 'Mended too');

    const second = await started().retry(run);

    expect(second.counts).toMatchObject({ read: 1, created: 1, failed: 0 });
    expect((await started().retry(first)).counts.read).toBe(0);
  });

  test('can be of chosen records, or of those that failed for a reason', async () => {
    const { run } = await given();
    const reason = run.outcomes.find(({ outcome }) => outcome === 'failed')?.reason ?? '';

    expect((await started().retry(run, { sourceIds: ['3'] })).outcomes.map(({ sourceId }) => sourceId)).toEqual(['3']);
    expect((await started().retry(run, { reasons: [reason] })).counts.read).toBe(2);
    expect((await started().retry(run, { reasons: ['OTHER'] })).counts.read).toBe(0);
  });

  test('can be of those that failed for a reason because of one field, or of none', async () => {
    const { run } = await given();
    const [failed] = run.outcomes.filter(({ outcome }) => outcome === 'failed');
    const reasons = [failed?.reason ?? ''];
    const { sql } = started().runs.database;
    await sql`update outcomes set field = null where execution_id = ${run.executionId} and source_id = '3'`;
    const sourceIds = async (field: string) =>
      (await started().retry(run, { reasons, field })).outcomes.map(({ sourceId }) => sourceId);

    expect(await sourceIds(failed?.field ?? '')).toEqual(['2']);
    expect(await sourceIds('')).toEqual(['3']);
    expect(await sourceIds('Email')).toEqual([]);
  });

  test('tells of a record that has been deleted in the source, once', async () => {
    const { run } = await given();
    await marketoPost(started().marketo, '/rest/v1/leads/delete.json', { input: [{ id: 2 }] });

    const retry = await started().retry(run);

    expect(retry.outcomes.map(({ sourceId, reason }) => `${sourceId} ${reason}`)).toEqual([
      '2 deletedInSource',
      '3 requiredMissing',
    ]);
    expect((await started().retry(run)).counts.read).toBe(1);
  });

  test('leaves a run that reads what changed with nothing to do of what it has loaded', async () => {
    const { syncId, run } = await given({ records: 'changed' });
    await mend(2, 'Mended');
    await started().retry(run);

    const next = await started().run(syncId);

    // the one that is still due
    expect(next.outcomes.map(({ sourceId }) => sourceId)).toEqual(['3']);
  });

  test('goes by the filter: what has left it is filtered out', async () => {
    const { run } = await given({ filter: { column: 'email', operator: 'endsWith', value: '@example.com' } });
    await marketoPost(started().marketo, '/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: 2, email: 'left@example.org' }],
    });

    const retry = await started().retry(run);

    expect(retry.outcomes.map(({ sourceId, outcome }) => `${sourceId} ${outcome}`)).toEqual([
      '2 filteredOut',
      '3 failed',
    ]);
  });
});

/** More failed records than are planned in one go; the source does not have them any more. */
const MANY = 10_002;

test('a retry of very many records that breaks off while it plans goes on behind what is planned', async () => {
  const { sql } = started().runs.database;
  const { syncId, run } = await given();
  await sql`
    insert into outcomes (execution_id, sort_key, source_id, outcome, reason)
    select ${run.executionId}, lpad(n::text, 20, '0'), n::text, 'failed', 'OTHER' from generate_series(100001, 100000 + ${MANY}) n`;
  await sql.unsafe(`
    create function break_off() returns trigger language plpgsql as $$ begin raise exception 'broken off'; end $$;
    create trigger broken before insert on extract_parts for each row when (new.part = 50) execute function break_off()`);

  await expect(started().retry(run, { reasons: ['OTHER'] })).rejects.toThrow('broken off');
  const planned = await sql`
    select part from extract_parts join executions using (execution_id) where sync_id = ${syncId} and trigger = 'retry'`;
  await sql.unsafe('drop trigger broken on extract_parts; drop function break_off()');
  const { counts } = await started().goOnRetrying(run);

  expect(planned).toHaveLength(50);
  expect(counts).toMatchObject({ read: MANY, skipped: MANY });
}, 60_000);
