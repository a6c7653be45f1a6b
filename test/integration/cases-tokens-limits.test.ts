import { toFailure } from '../../activities/failures';
import { FailureType } from '../../src/domain/failures';
import type { MarketoHost, SalesforceHost } from '../../src/sandbox/sandbox';
import { AT, type CaseRun, PATHS, useCaseRuns } from '../support/case-runs';
import { marketoPeople } from '../support/vendor-rows';

const PAGE = 100;
const started = useCaseRuns({ pageRows: PAGE, jobRecords: PAGE / 2 });

const HOUR_MS = 3_600_000;

const email = (index: number) => `person${index}@example.com`;
const givenContacts = (records: number) =>
  started().givenContacts(
    Array.from({ length: records }, (_none, index) => ({ Email: email(index), FirstName: String(index) })),
  );
const givenLeads = (records: number) =>
  started().givenLeads(
    Array.from({ length: records }, (_none, index) => ({ email: email(index), firstName: 'New', lastName: 'Sample' })),
  );
const calls = (host: MarketoHost | SalesforceHost, endpoint: RegExp, status?: number): number =>
  host
    .counters()
    .filter((counter) => endpoint.test(counter.endpoint) && (status ?? counter.status) === counter.status)
    .reduce((sum, { count }) => sum + count, 0);
const signIns = (host: MarketoHost | SalesforceHost) => calls(host, /\/oauth2?\/token$/);
const created = (host: MarketoHost | SalesforceHost) => host.writeLog({ operation: 'create' });
const failureOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => toFailure(error),
  );
/** When a failure says that the quota begins anew. */
const resetOf = (failure: unknown): number => {
  const [{ resetsAt }] = (failure as { details: [{ resetsAt: string }] }).details; // put there by toFailure
  return Date.parse(resetsAt);
};
const timelineOf = (executionId: string) =>
  started().runs.database.sql`
    select kind, phase, text, waits_until as until, ended_at is not null as "isOver" from timeline
    where execution_id = ${executionId} order by entry_id`;

test('an attempt that fails is written down with its reason', async () => {
  const connectionId = '66666666-6666-4666-8666-666666666666';
  const syncId = await started().contactsToLeads({ source: { connectionId, object: 'Contact' } });

  await failureOf(started().run(syncId));

  const [execution] = await started().runs.database.sql`select execution_id from executions where sync_id = ${syncId}`;
  expect(await timelineOf(execution?.execution_id)).toMatchObject([
    { kind: 'phaseBegun', phase: 'extract' },
    { kind: 'attemptFailed', phase: 'extract', text: `The test has no connection ${connectionId}.` },
  ]);
});

describe('C19: the token dies in the middle', () => {
  const ALL = 1_000;
  const CALLS = 3;
  /** Every token ends after three calls, those of Marketo as expired and as unknown in turn. */
  function endTokens(): void {
    const { marketo, salesforce } = started();
    marketo.vendor.stores.settings.change({ callsPerToken: CALLS });
    salesforce.vendor.org.changeSettings({ callsPerSession: CALLS });
  }
  /** Tokens that have ended by the calls that were let in; Marketo tells of the others with 200 too, but does not count them. */
  const ended = () => {
    const { marketo, salesforce } = started();
    const ofMarketo = marketo.state.database.prepare('select total(count) from mk_usage').pluck().get() as number;
    const ofSalesforce = calls(salesforce, /services\/data/) - calls(salesforce, /services\/data/, 401);
    return { marketo: Math.floor(ofMarketo / CALLS), salesforce: Math.floor(ofSalesforce / CALLS) };
  };
  const expectEachOnce = ({ counts, outcomes, state }: CaseRun, destination: MarketoHost | SalesforceHost) => {
    expect(state).toBe('succeeded');
    expect(counts).toMatchObject({ read: ALL, created: ALL });
    expect(outcomes.filter(({ message }) => message !== null)).toEqual([]);
    expect(destination.writeLog()).toHaveLength(ALL);
  };

  test.each(PATHS)(
    'contacts that are read by %s become leads, with one sign-in for each token that ended',
    async (path) => {
      givenContacts(ALL);
      const { marketo, salesforce } = started();
      const source = started().contactsBy(path);
      salesforce.vendor.org.changeSettings({ queryPageRows: path === 'REST' ? PAGE : 1 });
      endTokens();
      // Marketo hands out a running token, be its life over
      const over = { access_token: 'over', token_type: 'bearer', expires_in: 0, scope: 'sync-api@example.com' };
      marketo.addFault({
        match: { path: '/identity/*' },
        nth: 2,
        action: { type: 'respond', status: 200, body: over },
      });

      const run = await started().run(await started().contactsToLeads({ source }));

      expectEachOnce(run, marketo);
      if (path === 'Bulk') expect(calls(salesforce, /jobs\/query\/\{id\}\/results/, 401)).toBeGreaterThan(0);
      expect(ended().marketo).toBeGreaterThan(1);
      expect(signIns(marketo)).toBeLessThanOrEqual(1 + ended().marketo + 1);
      expect(ended().salesforce).toBeGreaterThan(1);
      expect(signIns(salesforce)).toBeLessThanOrEqual(1 + ended().salesforce);
    },
  );

  test('leads become contacts, with one sign-in for each token that ended', async () => {
    givenLeads(ALL);
    const { marketo, salesforce } = started();
    endTokens();
    const destination = { connectionId: AT.salesforceByBulk, object: 'Contact' };

    const run = await started().run(await started().leadsToContacts({ destination }));

    expectEachOnce(run, salesforce);
    expect(signIns(marketo)).toBeLessThanOrEqual(1 + ended().marketo);
    expect(ended().salesforce).toBeGreaterThan(1);
    expect(signIns(salesforce)).toBeLessThanOrEqual(1 + ended().salesforce);
  });

  test('when even fresh tokens are refused, a person is asked after two of them, and the run goes on once that is mended', async () => {
    givenContacts(ALL);
    const { marketo } = started();
    const match = { method: 'POST', path: '/rest/v1/leads.json' };
    const refused = marketo.addFault({ match, nth: 3, count: 10_000, action: { type: 'vendorError', code: '601' } });
    const syncId = await started().contactsToLeads();

    const failure = await failureOf(started().run(syncId));

    expect(failure).toMatchObject({ type: FailureType.NeedsAttention, nonRetryable: true });
    expect((failure as Error).message).toMatch(/refuses the tokens that it has just handed out \(601\).*then resume/);
    expect(signIns(marketo)).toBeLessThanOrEqual(1 + 2);
    const before = created(marketo).length;
    expect(before).toBeLessThan(ALL);

    marketo.faults.remove(refused.id);
    expectEachOnce(await started().run(syncId), marketo);
  });
});

describe('C20: the daily quota is used up', () => {
  const ALL = 500;

  test('of Salesforce: two syncs wait with few probes between them, and then load each record once', async () => {
    givenLeads(ALL);
    const { salesforce, sandbox } = started();
    const contacts = { connectionId: AT.salesforceByBulk, object: 'Contact' };
    const loads = await started().leadsToContacts({ destination: contacts });
    const reads = await started().contactsToLeads({
      source: contacts,
      destination: { connectionId: AT.secondMarketo, object: 'Lead' },
    });
    const begin = sandbox.clock.now();
    salesforce.addFault({
      match: { path: '/services/data/*' },
      nth: 20,
      count: 10_000,
      forMs: 6 * HOUR_MS,
      action: { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED' },
    });
    const refused = () => calls(salesforce, /services\/data/, 403);
    /** @returns when to try again; null when it has ended */
    const tried = async (syncId: string): Promise<number | null> => {
      const failure = await started()
        .run(syncId)
        .then(
          () => null,
          (error: unknown) => toFailure(error),
        );
      if (failure === null) return null;
      expect(failure).toMatchObject({ type: FailureType.QuotaExhausted });
      expect((failure as Error).message).toMatch(
        /calls of the Salesforce organisation are used up.*asks again at .* UTC/,
      );
      return resetOf(failure);
    };

    const first = [await tried(loads), await tried(reads)];
    const doneBefore = created(salesforce).length;
    const refusedBefore = refused();
    let next = first.map((at, index) => ({ at, syncId: [loads, reads][index] ?? '' }));
    for (;;) {
      const waiting = next.flatMap(({ at }) => at ?? []);
      if (waiting.length === 0) break;
      sandbox.clock.set(Math.max(Math.min(...waiting), sandbox.clock.now()));
      next = await Promise.all(next.map(async ({ at, syncId }) => ({ at: at && (await tried(syncId)), syncId })));
    }

    expect(doneBefore).toBeGreaterThan(0);
    expect(doneBefore).toBeLessThan(ALL);
    expect(sandbox.clock.now() - begin).toBeGreaterThan(6 * HOUR_MS);
    expect(refused() - refusedBefore).toBeGreaterThan(0);
    expect(refused() - refusedBefore).toBeLessThanOrEqual(6 * 4);
    expect(created(salesforce)).toHaveLength(ALL);
  });

  test('of Marketo: it waits until midnight US Central without a call, and then loads each record once', async () => {
    givenContacts(ALL);
    const { marketo, sandbox } = started();
    const inChicago = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/Chicago', timeStyle: 'short' });
    while (!inChicago.format(sandbox.clock.now()).startsWith('12:')) sandbox.clock.advance(HOUR_MS);
    const refused = marketo.addFault({
      match: { method: 'POST', path: '/rest/v1/leads.json' },
      nth: 3,
      count: 10_000,
      action: { type: 'vendorError', code: '607' },
    });
    const syncId = await started().contactsToLeads();

    const failure = await failureOf(started().run(syncId));

    expect(failure).toMatchObject({ type: FailureType.QuotaExhausted });
    expect((failure as Error).message).toMatch(/607.*midnight US Central/);
    const resetsAt = resetOf(failure);
    expect(inChicago.format(resetsAt)).toMatch(/^(00:|23:)/);

    marketo.faults.remove(refused.id);
    sandbox.clock.set(resetsAt);
    const { counts, executionId } = await started().run(syncId);
    expect(counts).toMatchObject({ created: ALL, failed: 0 });
    expect(created(marketo)).toHaveLength(ALL);
    const waits = (await timelineOf(executionId)).filter(({ kind }) => kind === 'waiting');
    expect(waits).toMatchObject([{ phase: 'load', text: expect.stringContaining('607'), isOver: true }]);
    expect(Date.parse(waits[0]?.until)).toBe(resetsAt);
  });

  test('what another program makes while it waits is not taken for what it has made itself', async () => {
    givenContacts(1);
    const { marketo, sandbox } = started();
    const refused = marketo.addFault({
      match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createOnly' },
      action: { type: 'vendorError', code: '607' },
    });
    const syncId = await started().contactsToLeads();
    const failure = await failureOf(started().run(syncId));
    marketo.faults.remove(refused.id);
    started().givenLeads([{ email: email(0), lastName: 'By another' }]);
    sandbox.clock.set(resetOf(failure));

    const { counts } = await started().run(syncId);

    expect(counts).toMatchObject({ read: 1, created: 0, updated: 1 });
  });

  test.each(['606', '615'])('a single %s causes a short wait and no failed record', async (code) => {
    givenContacts(ALL);
    const { marketo } = started();
    marketo.addFault({
      match: { method: 'POST', path: '/rest/v1/leads.json' },
      nth: 2,
      action: { type: 'vendorError', code },
    });

    const { counts, state } = await started().run(await started().contactsToLeads());

    expect(state).toBe('succeeded');
    expect(counts).toMatchObject({ created: ALL, failed: 0 });
    expect(marketoPeople(marketo)).toHaveLength(ALL);
    expect(created(marketo)).toHaveLength(ALL);
  });
});
