import type { MarketoHost } from '../../src/sandbox/sandbox';
import { historyOf } from '../support/histories-of-syncs';
import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';

jest.setTimeout(120_000);

/** As many as fill five requests of Marketo's, each of which refuses all of its records at length. */
const PEOPLE = 1_500;
/** Fields of an object that has many. */
const NOTES = Array.from({ length: 40 }, (_none, index) => `note${index}`);
const WRITES = '/rest/v1/leads.json';

let syncs: MarketoSyncs;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: PEOPLE });
  for (const host of [syncs.sandbox.marketo, syncs.target]) await addNotes(host);
}, 60_000);
afterAll(() => syncs.stop());

/** Asks the control API of an instance. */
async function vendor(host: MarketoHost, path: string, body: unknown): Promise<void> {
  const url = `${syncs.sandbox.controlUrl}/instances/marketo/${host.name}/vendor${path}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
}

async function addNotes(host: MarketoHost): Promise<void> {
  for (const name of NOTES) await vendor(host, '/fields', { name, dataType: 'string' });
}

const NEXT_WEEK = {
  ...{ type: 'interval', every: { amount: 1, unit: 'week' } },
  start: new Date(Date.now() - 86_400_000).toISOString(),
};
const isOver = ({ status, lastExecution }: ShownSync) =>
  status === 'needsAttention' || (lastExecution !== null && lastExecution.state !== 'running');

describe('C24', () => {
  const MESSAGE = 'This person is refused for a reason that takes long to tell. '.repeat(9).slice(0, 500);
  /** Every payload of an event: what an activity was given and gave, details, memos. */
  const payloads = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const own = 'bytes' in value && typeof value.bytes === 'string' ? [value.bytes] : [];
    return [...own, ...Object.values(value).flatMap(payloads)];
  };
  const failures = (value: unknown): { message: string }[] => {
    if (typeof value !== 'object' || value === null) return [];
    const own = Object.entries(value).flatMap(([name, member]) => (/failure$/i.test(name) && member ? [member] : []));
    return [...own, ...Object.values(value).flatMap(failures)];
  };

  test('C24 whatever the size of objects, definitions, answers and lists of failures, nothing large enters a history', async () => {
    const values = Object.fromEntries(
      Array.from({ length: 5_000 }, (_none, index) => [`from ${index}`, `to ${index}`]),
    );
    const mappings = [
      ...['email', 'lastName'].map((field) => ({ from: { field }, to: field })),
      ...NOTES.map((field) => ({ from: { field }, to: field, ...(field === NOTES[0] ? { values } : {}) })),
    ];
    const refused = { status: 'skipped', reasons: [{ code: '1007', message: MESSAGE }] };
    const body = { requestId: 'x', success: true, result: Array.from({ length: 300 }, () => refused) };
    syncs.target.faults.add({ match: { path: WRITES }, action: { type: 'respond', status: 200, body } });

    const syncId = await syncs.activated({ mappings, schedule: NEXT_WEEK });
    const html = `<html>${'<p>no</p>'.repeat(600_000)}`;
    const describing = { match: { path: '/rest/v1/leads/describe*' }, count: 2 };
    syncs.target.faults.add({ ...describing, action: { type: 'respond', status: 500, body: html } });
    await syncs.runNow(syncId);
    const { lastExecution } = await syncs.until(syncId, isOver);

    expect(lastExecution).toMatchObject({ state: 'partial', counts: { read: PEOPLE, failed: PEOPLE } });
    const events = await historyOf(syncs, syncId);
    expect(Math.max(...events.flatMap(payloads).map((payload) => payload.length))).toBeLessThan(100_000);
    expect(Math.max(0, ...events.flatMap(failures).map(({ message }) => message?.length ?? 0))).toBeLessThan(2_000);
    expect(events.filter((event) => 'workflowTaskFailedEventAttributes' in event)).toEqual([]);
    const csv = await syncs.api.call('GET', `/executions/${lastExecution?.id}/records.csv?outcome=failed`);
    expect(String(csv.body.text).split(MESSAGE.trim())).toHaveLength(PEOPLE + 1);
  });

  test('C24 a definition that is too large to store is refused when it is saved, with the limit', async () => {
    const mapping = { from: { field: 'email' }, to: 'email' };
    const reply = await syncs.api.call('POST', '/syncs', { name: 'Large', mappings: Array(1_001).fill(mapping) });

    expect(reply).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'mappings', message: expect.stringContaining('1000') }] },
    });
  });
});
