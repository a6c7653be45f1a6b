import { useCaseRuns } from '../support/case-runs';
import { givenBulkJob, openBulkJobs } from '../support/vendor-rows';

const started = useCaseRuns();

// an org that was reset gives the same ids again
beforeEach(() => started().runs.database.sql`update load_batches set handle = null`);

const CREATION = { method: 'POST', path: '*/jobs/ingest' };
const givenLead = () => started().givenLeads([{ email: 'one@example.com', firstName: 'One', lastName: 'Sample' }]);
const openIds = async () => (await openBulkJobs(started().salesforce)).map(({ id }) => id);
const listings = () =>
  started()
    .salesforce.counters()
    .filter(({ endpoint }) => /^GET .*jobs\/ingest$/.test(endpoint));

describe('a bulk job whose id never arrived', () => {
  test.each([
    ['the connection was cut', { type: 'resetAfter' } as const],
    [
      'the server failed after the effect',
      { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500, afterEffect: true } as const,
    ],
    ['the answer was cut', { type: 'cutBody', at: 'letter', ending: 'clean' } as const],
  ])('is aborted by the end of the run (%s)', async (_how, action) => {
    givenLead();
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault({ match: CREATION, nth: 1, action });
    await expect(started().run(syncId)).rejects.toThrow();
    expect(await openIds()).toHaveLength(1);
    started().sandbox.clock.advance(1_000);

    const { counts } = await started().run(syncId);

    expect(counts).toMatchObject({ created: 1 });
    expect(await openIds()).toEqual([]);
  });

  test('is aborted also when the run is cancelled instead', async () => {
    givenLead();
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault({ match: CREATION, nth: 1, action: { type: 'resetAfter' } });
    await expect(started().run(syncId)).rejects.toThrow();

    await started().cancel(syncId);

    expect(await openIds()).toEqual([]);
  });

  test.each([
    ['made at another time', 20_000, 'Contact', 'insert'],
    ['of another object', 0, 'Lead', 'insert'],
    ['of another operation', 0, 'Contact', 'delete'],
  ])('is told from a job of another program %s, which is left', async (_what, laterMs, object, operation) => {
    givenLead();
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault({ match: CREATION, nth: 1, action: { type: 'resetBefore' } });
    await expect(started().run(syncId)).rejects.toThrow();
    started().sandbox.clock.advance(laterMs);
    const theirs = await givenBulkJob(started().salesforce, { object, operation });

    await started().run(syncId);

    expect(await openIds()).toEqual([theirs]);
  });

  test('is left where another one is there that may be meant as well', async () => {
    givenLead();
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault({ match: CREATION, nth: 1, action: { type: 'resetAfter' } });
    await expect(started().run(syncId)).rejects.toThrow();
    await givenBulkJob(started().salesforce, { object: 'Contact', operation: 'insert' });

    await started().run(syncId);

    expect(await openIds()).toHaveLength(2);
  });

  test('is told from one that another run has just asked for', async () => {
    const { sql } = started().runs.database;
    givenLead();
    const other = await started().run(await started().leadsToContacts());
    started().givenLeads([{ email: 'two@example.com', firstName: 'Two', lastName: 'Sample' }]);
    const mine = await started().leadsToContacts();
    started().salesforce.addFault({ match: CREATION, nth: 1, action: { type: 'resetBefore' } });
    await expect(started().run(mine)).rejects.toThrow();
    const asked = new Date(started().sandbox.clock.now()).toISOString();
    await sql`
      update load_batches set state = 'planned', handle = jsonb_build_object('asked', ${asked}::text)
      where execution_id = ${other.executionId}`;
    const theirs = await givenBulkJob(started().salesforce, { object: 'Contact', operation: 'insert' });

    await started().run(mine);

    expect(await openIds()).toEqual([theirs]);
  });
});

test('a run that loses no answer asks for no list of jobs', async () => {
  givenLead();

  await started().run(await started().leadsToContacts());

  expect(listings()).toEqual([]);
});
