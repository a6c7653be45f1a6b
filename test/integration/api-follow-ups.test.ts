import { setTimeout } from 'node:timers/promises';
import { forgetPersonalData } from '../../db/queries/retention';
import type { Counts, ExecutionState } from '../../src/domain/outcome';
import { marketoPost } from '../support/marketo-calls';
import { MarketoSyncs } from '../support/marketo-syncs';
import { marketoPeople } from '../support/vendor-rows';

let syncs: MarketoSyncs;
beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 5 });
}, 60_000);
afterAll(() => syncs.stop());
beforeEach(() => syncs.reset());

interface Shown {
  id: string;
  number: number;
  trigger: string;
  state: ExecutionState;
  counts: Counts;
}

const post = (executionId: string, what: string, body?: unknown) =>
  syncs.api.call('POST', `/executions/${executionId}/${what}`, body);
const shown = async (executionId: string): Promise<Shown> =>
  (await syncs.api.call('GET', `/executions/${executionId}`)).body as unknown as Shown; // by the API's own schema
async function ended(executionId: string): Promise<Shown> {
  for (;;) {
    const execution = await shown(executionId);
    if (execution.state !== 'running') return execution;
    await setTimeout(50);
  }
}
const ran = async (more: Record<string, unknown> = {}) => {
  const syncId = await syncs.activated(more);
  const { lastExecution } = await syncs.until(syncId, ({ status }) => status === 'completed');
  return { syncId, executionId: lastExecution?.id ?? '' };
};
const people = () => marketoPeople(syncs.target).map(({ email }) => email);
const audited = async (action: string) => {
  const { body } = await syncs.api.call('GET', `/audit?limit=500&action=${action}`);
  return body.items as unknown as { action: string; subject: string; who: string }[];
};

test('an undo is foretold, done by an execution of its own, once, and listed', async () => {
  const { syncId, executionId } = await ran();
  const changed = { action: 'updateOnly', lookupField: 'id', input: [{ id: 1, lastName: 'Theirs' }] };
  await marketoPost(syncs.target, '/rest/v1/leads.json', changed);

  const foretold = await post(executionId, 'undo', { preview: true });
  const asked = await post(executionId, 'undo');
  const undo = await ended(String(asked.body.id));
  const again = await post(executionId, 'undo');
  const spared = await syncs.api.call('GET', `/executions/${undo.id}/records?outcome=skipped`);

  expect(foretold).toMatchObject({
    status: 200,
    body: { total: 5, exact: true, plan: { delete: 4, changedSince: 1 } },
  });
  expect(asked).toMatchObject({ status: 202, body: { trigger: 'undo', number: 2, state: 'running' } });
  expect(undo).toMatchObject({ state: 'succeeded', counts: { read: 5, updated: 4, skipped: 1 } });
  expect(spared.body.items).toMatchObject([{ reason: 'changedSince', field: 'lastName', destinationId: '1' }]);
  expect(people()).toEqual(['person0.sample@example.com']);
  expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Execution 2') } });
  expect((await syncs.api.call('GET', `/executions/${executionId}`)).body).toMatchObject({
    undoneBy: { id: undo.id, number: 2, isRunning: false },
    follows: null,
  });
  expect(undo).toMatchObject({ undoneBy: null, follows: { id: executionId, number: 1 } });
  expect(await post(undo.id, 'undo')).toMatchObject({ status: 409 });
  // the sync stays as it was, tells what is undone, and can be activated again
  expect((await syncs.api.call('GET', `/syncs/${syncId}`)).body).toMatchObject({
    status: 'completed',
    recentExecutions: [
      { number: 2, trigger: 'undo', state: 'succeeded', isUndone: false },
      { number: 1, trigger: 'now', state: 'succeeded', isUndone: true },
    ],
  });
  expect(await syncs.control(syncId, 'activate')).toMatchObject({ status: 202 });
  await syncs.until(syncId, ({ status }) => status === 'completed');
  expect(await audited('execution.undo')).toHaveLength(1);
}, 60_000);

test('an undo whose workflow could not be started is started by a worker', async () => {
  const { executionId } = await ran();
  const away = () => Promise.reject(new Error('Temporal is away.'));
  const readiness = async () => ({ temporal: false, worker: false });
  const api = await syncs.apiWith({
    ...{ startSync: away, startPreview: away, stopPreview: away, startFollowUp: away, stopFollowUp: away },
    readiness,
  });

  const asked = await api.call('POST', `/executions/${executionId}/undo`);
  await api.stop();

  expect(asked).toMatchObject({ status: 202 });
  expect(await ended(String(asked.body.id))).toMatchObject({ state: 'succeeded', counts: { updated: 5 } });
  expect(people()).toEqual([]);
}, 60_000);

const renamed = (id: number, lastName: string) =>
  marketoPost(syncs.sandbox.marketo, '/rest/v1/leads.json', {
    ...{ action: 'updateOnly', lookupField: 'id' },
    input: [{ id, lastName }],
  });
const NOBODYS_ID = '3f0c1c56-5f9e-4f0e-9a53-0d6c2a7e9b10';
const SAMPLES_ALONE = {
  mappings: [
    { from: { field: 'email' }, to: 'email' },
    { from: { field: 'lastName' }, to: 'lastName', values: { Sample: 'Sample' }, otherwise: 'fail' },
  ],
};

test('what has failed is tried again until it is loaded or given up', async () => {
  await renamed(1, 'Wrong');
  await renamed(2, 'Wrong');
  const { executionId } = await ran(SAMPLES_ALONE);
  expect((await shown(executionId)).counts).toMatchObject({ created: 3, failed: 2 });
  await renamed(1, 'Sample');

  const unknown = await post(executionId, 'retry-failed', { sourceIds: ['1', '3'] });
  const otherReason = await post(executionId, 'retry-failed', { reasons: ['OTHER'] });
  const otherField = await post(executionId, 'retry-failed', { field: 'email' });
  const asked = await post(executionId, 'retry-failed', { field: 'lastName' });
  const retry = await ended(String(asked.body.id));
  const givenUp = await post(executionId, 'give-up', { sourceIds: ['2'] });
  const listed = await syncs.api.call('GET', `/executions/${executionId}/records?outcome=failed`);
  const [loaded, stillFailed] = await Promise.all(
    ['1', '2'].map((sourceId) => syncs.api.call('GET', `/executions/${executionId}/records/${sourceId}`)),
  );
  const nothingLeft = await post(executionId, 'retry-failed');
  const causes = await syncs.api.call('GET', `/executions/${executionId}/causes`);
  await renamed(2, 'Sample');

  expect(unknown).toMatchObject({ status: 422, body: { errors: [{ path: 'sourceIds[1]' }] } });
  expect(otherReason.status).toBe(409);
  expect(otherField.status).toBe(409);
  expect(causes.body.items).toMatchObject([
    { field: 'lastName', records: 2, due: 0, since: { loaded: 1, leftOut: 0, givenUp: 1 } },
  ]);
  expect(asked).toMatchObject({ status: 202, body: { trigger: 'retry', number: 2 } });
  expect(retry).toMatchObject({ state: 'partial', counts: { read: 2, created: 1, failed: 1 } });
  expect(givenUp).toMatchObject({ status: 200, body: { givenUp: 1, due: 0 } });
  expect(listed.body.items).toMatchObject([
    { sourceId: '1', givenUp: null, later: { executionId: asked.body.id, number: 2, outcome: 'created' } },
    { sourceId: '2', givenUp: { by: expect.any(String), at: expect.any(String) }, later: null },
  ]);
  expect(loaded?.body).toMatchObject({
    outcome: 'failed',
    later: { executionId: asked.body.id, number: 2, outcome: 'created' },
  });
  expect(stillFailed?.body).toMatchObject({ outcome: 'failed', later: null });
  expect(nothingLeft.status).toBe(409);
  // the list is ordered by it
  const [order] = await syncs.sync.database.sql`
    select s.last_run_at = e.started_at as "isByRetry" from executions e join syncs s using (sync_id)
    where execution_id = ${String(asked.body.id)}`;
  expect(order).toEqual({ isByRetry: true });
  expect(people()).toHaveLength(4);
  expect(await audited('execution.giveUp')).toHaveLength(1);
}, 60_000);

test('what of a sync is still to be loaded is one number over all executions, and nothing of a run that was undone, which each record tells', async () => {
  await renamed(1, 'Wrong');
  await renamed(2, 'Wrong');
  const { syncId, executionId } = await ran(SAMPLES_ALONE);
  const stillDue = async () => (await syncs.api.call('GET', `/syncs/${syncId}/still-due`)).body;
  const first = { id: executionId, number: 1 };

  const atFirst = await stillDue();
  const second = await ended(String((await post(executionId, 'retry-failed')).body.id));
  const afterRetry = await stillDue();
  await renamed(1, 'Sample');
  await ended(String((await post(second.id, 'retry-failed', { sourceIds: ['1'] })).body.id));
  const afterSecondRetry = await stillDue();
  const another = await ran(SAMPLES_ALONE);
  const several = await syncs.api.call('GET', `/still-due?syncIds=${[another.syncId, syncId, NOBODYS_ID].join(',')}`);
  const undo = await ended(String((await post(executionId, 'undo')).body.id));
  const afterUndo = await stillDue();
  const causes = await syncs.api.call('GET', `/executions/${executionId}/causes`);
  const created = await syncs.api.call('GET', `/executions/${executionId}/records?outcome=created`);
  const failed = await syncs.api.call('GET', `/executions/${executionId}/records/2`);
  const refusals = [await post(executionId, 'retry-failed'), await post(second.id, 'retry-failed')];
  await renamed(2, 'Sample');

  expect(atFirst).toMatchObject({ records: 2, executions: [{ ...first, records: 2 }] });
  expect(second.counts).toMatchObject({ failed: 2 });
  expect(afterRetry).toEqual(atFirst);
  expect(afterSecondRetry).toMatchObject({ records: 1, executions: [{ ...first, records: 1 }] });
  expect(afterUndo).toEqual({ records: 0, executions: [] });
  const detail = expect.stringMatching(/undone.*next run/);
  for (const refusal of refusals) expect(refusal).toMatchObject({ status: 409, body: { detail } });
  expect(several.body.items).toHaveLength(2);
  expect(several.body.items).toEqual(
    expect.arrayContaining([
      { syncId, ...afterSecondRetry },
      { syncId: another.syncId, records: 1, executions: [{ id: another.executionId, number: 1, records: 1 }] },
    ]),
  );
  expect(causes.body.items).toMatchObject([
    { records: 2, due: 0, since: { loaded: 1, leftOut: 0, givenUp: 0, undone: 1 } },
  ]);
  const undone = { executionId: undo.id, number: 4, how: 'deleted' };
  expect(created.body.items).toMatchObject([{ undone }, { undone }, { undone }]);
  expect(failed.body).toMatchObject({ outcome: 'failed', undone: null });
  const { body } = await syncs.api.call('GET', `/syncs/${syncId}`);
  expect(body.lastExecution).toMatchObject({ trigger: 'undo', number: 4, corrected: 0 });
  expect(body.lastRun).toMatchObject({ id: executionId, state: 'partial', loadedLater: 1, undoneBy: { number: 4 } });
}, 60_000);

test('what failed for a reason is shown with the values that were read, to viewers without them, and given up together (ASVS 8.2.3)', async () => {
  await renamed(1, 'Wrong');
  await renamed(2, 'Wrong');
  const { executionId } = await ran(SAMPLES_ALONE);
  const records = (query: string) => syncs.api.call('GET', `/executions/${executionId}/records?${query}`);

  const plain = await records('sourceId=2');
  const withValues = await records('sourceId=2&values=source');
  const viewer = await syncs.api.call('POST', '/api-keys', { name: 'Looks on', role: 'viewer' });
  const authorization = `Bearer ${String(viewer.body.key)}`;
  const seen = (path: string) =>
    syncs.api.call('GET', `/executions/${executionId}/${path}`, undefined, { authorization });
  const masked = await seen('records?sourceId=2&values=source');
  const maskedFile = await seen('records.csv?sourceId=2&values=source');
  const maskedWay = await seen('records/4');
  const way = await syncs.api.call('GET', `/executions/${executionId}/records/4`);
  const reason = String((plain.body.items as unknown as { reason: string }[])[0]?.reason);
  const otherReason = await post(executionId, 'give-up', { reasons: ['OTHER'] });
  const otherField = await post(executionId, 'give-up', { reasons: [reason], field: 'email' });
  const givenUp = await post(executionId, 'give-up', { reasons: [reason], field: 'lastName' });
  const nobody = await post(executionId, 'give-up', {});
  await renamed(1, 'Sample');
  await renamed(2, 'Sample');
  const looks = [...(await audited('records.show')), ...(await audited('values.show'))].filter(({ subject }) =>
    subject.startsWith(`execution/${executionId}`),
  );

  expect(looks.map(({ action, subject, who }) => [action, subject, who])).toEqual([
    ['records.show', `execution/${executionId}`, 'SYNC_API_KEY'],
    ['values.show', `execution/${executionId}/records/4`, 'SYNC_API_KEY'],
    ['values.show', `execution/${executionId}`, 'SYNC_API_KEY'],
  ]);
  expect(plain.body.items).toMatchObject([{ sourceId: '2', values: null }]);
  expect(withValues.body.items).toMatchObject([{ values: { email: 'person1.sample@example.com', lastName: 'Wrong' } }]);
  expect(masked.body.items).toMatchObject([{ values: { email: '•••', lastName: '•••' } }]);
  expect(maskedFile.body.text).toMatch(/,•••,•••\r\n$/);
  const values = { email: 'person3.sample@example.com', lastName: 'Sample' };
  expect(way.body).toMatchObject({ values, mapped: values, sent: [{ operation: 'create', values, before: {} }] });
  const hidden = { email: '•••', lastName: '•••' };
  expect(maskedWay.body).toMatchObject({ values: hidden, mapped: hidden, sent: [{ values: hidden }] });
  expect(otherReason).toMatchObject({ status: 200, body: { givenUp: 0, due: 2 } });
  expect(otherField).toMatchObject({ status: 200, body: { givenUp: 0, due: 2 } });
  expect(givenUp).toMatchObject({ status: 200, body: { givenUp: 2, due: 0 } });
  expect(nobody.status).toBe(422);
}, 60_000);

test.each([
  ['Sample', true],
  ['Other', false],
])('a cause says whether its message is that of all of its records: Sample and %s', async (lastName, isOfAll) => {
  await renamed(1, lastName);
  const tooLong = { from: { expression: `lastName + '${'.'.repeat(255)}'` }, to: 'lastName' };
  const { executionId } = await ran({ mappings: [{ from: { field: 'email' }, to: 'email' }, tooLong] });

  const { body } = await syncs.api.call('GET', `/executions/${executionId}/causes`);
  await renamed(1, 'Sample');

  const examples = [{ sourceId: '1', matchKey: expect.stringContaining('@') }, { sourceId: '2' }, { sourceId: '3' }];
  expect(body.items).toMatchObject([{ reason: 'tooLong', records: 5, due: 5, examples, isOfAll }]);
});

describe('a downloaded file of failed records', () => {
  const failed = async () => {
    await renamed(1, '=Wrong');
    const { executionId } = await ran(SAMPLES_ALONE);
    const path = `/executions/${executionId}/records.csv?outcome=failed&values=source`;
    return { executionId, file: String((await syncs.api.call('GET', path)).body.text) };
  };
  const sendBack = (executionId: string, file: string | Buffer, type = 'text/csv') =>
    syncs.api.call('POST', `/executions/${executionId}/retry-failed`, file, { 'content-type': type });
  afterEach(() => renamed(1, 'Sample'));

  test('is corrected, sent back and loaded; who has corrected what of the source is told as long as values are kept', async () => {
    const { executionId, file } = await failed();

    const asked = await sendBack(executionId, file.replace("'=Wrong", 'Sample'));
    const retry = await ended(String(asked.body.id));
    const path = `/executions/${retry.id}/records/1`;
    const way = await syncs.api.call('GET', path);
    const viewer = await syncs.api.call('POST', '/api-keys', { name: 'Looks at corrections', role: 'viewer' });
    const authorization = `Bearer ${String(viewer.body.key)}`;
    const masked = await syncs.api.call('GET', path, undefined, { authorization });
    const origin = await syncs.api.call('GET', `/executions/${executionId}/records/1`);

    expect(file).toMatch(/,source\.email,source\.lastName\r\n1,.*,person0\.sample@example\.com,'=Wrong\r\n$/);
    expect(asked).toMatchObject({ status: 202, body: { trigger: 'retry' } });
    expect(retry).toMatchObject({ state: 'succeeded', counts: { read: 1, created: 1 } });
    expect(people()).toHaveLength(5);
    const correction = { by: 'SYNC_API_KEY', at: expect.any(String), sourceValues: { lastName: '=Wrong' } };
    expect(way.body).toMatchObject({ values: { lastName: 'Sample' }, correction });
    // what the file held as it was is none of it
    expect(way.body.correction).toEqual(correction);
    expect(masked.body).toMatchObject({ correction: { ...correction, sourceValues: { lastName: '•••' } } });
    expect(origin.body).toMatchObject({ values: { lastName: '=Wrong' }, correction: null });
    await forgetPersonalData(syncs.sync.database.sql, retry.id, new Date().toISOString());
    expect(await syncs.sync.database.sql`select 1 from corrections`).toHaveLength(0);
    expect(await sendBack(executionId, file)).toMatchObject({ status: 409 });
  }, 60_000);

  test('is refused for what is wrong in it, by line and column', async () => {
    const { executionId, file } = await failed();

    const [unknown, header, encoding, type] = await Promise.all([
      sendBack(executionId, file.replace('\r\n1,', '\r\n2,')),
      sendBack(executionId, file.replace('source.lastName', 'source.surname')),
      sendBack(executionId, Buffer.from(file.replace('=Wrong', 'Müller'), 'latin1')),
      sendBack(executionId, file, 'text/plain'),
    ]);

    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ path: 'line 2, sourceId' }] } });
    expect(header).toMatchObject({ status: 422, body: { errors: [{ path: 'line 1, source.surname' }] } });
    expect(encoding).toMatchObject({ status: 422, body: { errors: [{ path: 'file' }] } });
    expect(type.status).toBe(415);
  }, 60_000);
});

test('what nothing has failed of is not tried again', async () => {
  const { executionId } = await ran();

  expect(await post(executionId, 'retry-failed')).toMatchObject({ status: 409 });
}, 60_000);

test('an undo can be cancelled, and be asked for again', async () => {
  const { syncId, executionId } = await ran();
  syncs.target.addFault({
    match: { method: 'POST', path: '*/leads/delete.json' },
    nth: 1,
    action: { type: 'delay', ms: 3_000 },
  });
  const undo = String((await post(executionId, 'undo')).body.id);
  const blocked = await syncs.control(syncId, 'activate');

  const cancelled = await post(undo, 'cancel');
  const first = await ended(undo);
  const second = await ended(String((await post(executionId, 'undo')).body.id));

  expect(blocked.status).toBe(409);
  expect(cancelled.status).toBe(202);
  expect(first.state).toBe('cancelled');
  expect(second.state).toBe('succeeded');
  expect(first.counts.updated + second.counts.updated).toBe(5);
  expect(people()).toEqual([]);
}, 60_000);

test('what was loaded as its preview had it, before the sync had a schedule, is undone and looked at like any other', async () => {
  const { syncId, executionId } = await ran();
  await syncs.api.database.sql`update sync_versions set definition = definition - 'schedule' where sync_id = ${syncId}`;
  const { body } = await syncs.api.call('GET', `/executions/${executionId}/records?values=source&limit=1`);

  const foretold = await post(executionId, 'undo', { preview: true });
  const asked = await post(executionId, 'undo');
  const undo = await ended(String(asked.body.id));

  expect(body.items).toHaveLength(1);
  expect(foretold).toMatchObject({ status: 200, body: { plan: { delete: 5 } } });
  expect(undo).toMatchObject({ state: 'succeeded', counts: { updated: 5 } });
});
