import { randomBytes } from 'node:crypto';
import { createLogger } from '../../src/logging';
import type { MarketoHost } from '../../src/sandbox/sandbox';
import { temporalLogger } from '../../src/worker/temporal-logger';
import { tablesWith } from '../support/database-text';
import { historyOf } from '../support/histories-of-syncs';
import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';
import { listenToTemporal } from '../support/quiet-temporal';
import type { ApiReply } from '../support/running-api';

jest.setTimeout(120_000);

const random = () => randomBytes(9).toString('hex');
const SECRET = `secret-marker-${random()}`;
const ADDRESS = `person-marker-${random()}@example.com`;
const FEW = 20;
const WRITES = '/rest/v1/leads.json';
const SIGN_INS = '/identity/oauth/token';

const logged: string[] = [];
const answered: string[] = [];
let syncs: MarketoSyncs;
let api: (method: string, path: string, body?: unknown) => Promise<ApiReply>;

beforeAll(async () => {
  const log = createLogger('worker', 'trace', { write: (line) => void logged.push(line) });
  listenToTemporal(temporalLogger(log));
  syncs = await MarketoSyncs.start({ people: FEW, log });
  syncs.sandbox.marketo.vendor.stores.insertRecords('leads', [{ email: ADDRESS, lastName: 'Marked' }]);
  api = async (method, path, body) => {
    const reply = await syncs.api.call(method, path, body);
    // the one list that people with access see records in
    if (!path.includes('/records')) answered.push(`${method} ${path} ${JSON.stringify(reply.body)}`);
    return reply;
  };
}, 60_000);
afterAll(() => syncs.stop());
beforeEach(async () => {
  syncs.target.faults.clear();
  syncs.reset();
  await vendor(syncs.target, '/api-users', { clientId: 'marked', clientSecret: SECRET });
});

/** Asks the control API of an instance. */
async function vendor(host: MarketoHost, path: string, body: unknown): Promise<void> {
  const url = `${syncs.sandbox.controlUrl}/instances/marketo/${host.name}/vendor${path}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
}

/** The token that the instance has given out, as every sign-in of this client is told it. */
async function tokenOf(host: MarketoHost, clientId: string, clientSecret: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const answer = await fetch(`${host.url}${SIGN_INS}?${form}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

const NEXT_WEEK = {
  ...{ type: 'interval', every: { amount: 1, unit: 'week' } },
  start: new Date(Date.now() - 86_400_000).toISOString(),
};
const isOver = ({ status, lastExecution }: ShownSync) =>
  status === 'needsAttention' || (lastExecution !== null && lastExecution.state !== 'running');

/** Ways in which a text may be written. */
const formsOf = (text: string) => [
  ...[text, encodeURIComponent(text), Buffer.from(text).toString('hex')],
  ...[Buffer.from(text).toString('base64').slice(0, -4), JSON.stringify(text).slice(1, -1)],
];
const shows = (texts: readonly string[], marker: string) =>
  texts.filter((text) => formsOf(marker).some((form) => text.includes(form)));

describe('C29', () => {
  /** What the vendor does, and what becomes of the sync. */
  const TROUBLES: [string, () => void, ShownSync['status']][] = [
    ['nothing goes wrong', () => undefined, 'active'],
    [
      'the sign-in is refused with what it was sent',
      () => answer(SIGN_INS, 401, `<p>No: ${SIGN_INS}?client_id=marked&client_secret=${SECRET}</p>`),
      'needsAttention',
    ],
    ['a call is refused with 400 and a record', () => answer('/rest/*', 400, `<p>${ADDRESS}</p>`), 'needsAttention'],
    [
      'the connection is cut while it signs in',
      () => syncs.target.faults.add({ match: { path: SIGN_INS }, count: 2, action: { type: 'resetBefore' } }),
      'active',
    ],
    [
      'a call is refused in words that quote a record',
      () => {
        const message = `Invalid value: "${ADDRESS}" for field email`;
        syncs.target.faults.add({ match: { path: WRITES }, action: { type: 'vendorError', code: 1003, message } });
      },
      'needsAttention',
    ],
  ];
  const answer = (path: string, status: number, body: string) =>
    syncs.target.faults.add({ match: { path }, action: { type: 'respond', status, body } });

  test.each(TROUBLES)('C29 when %s, secrets, tokens and people stay out of sight', async (what, trouble, status) => {
    const settings = { baseUrl: syncs.target.url, clientId: 'marked', clientSecret: SECRET, quotaShare: 1 };
    const made = await api('POST', '/connections', { name: `Marked: ${what}`, kind: 'marketo', settings });
    const connectionId = String(made.body.id);
    const filter = { column: 'lastName', operator: 'equals', value: 'Marked' };
    const syncId = await syncs.saved({
      name: what,
      destination: { connectionId, object: 'Lead' },
      filter,
      schedule: NEXT_WEEK,
    });
    expect((await api('POST', `/syncs/${syncId}/activate`)).status).toBe(202);
    syncs.target.faults.add({ count: 1, action: { type: 'expireTokens' } });
    trouble();

    await api('POST', `/connections/${connectionId}/test`);
    await api('POST', `/syncs/${syncId}/run-now`);
    const shown = await syncs.until(syncId, isOver);
    expect(shown.status).toBe(status);
    const executionId = shown.lastExecution?.id;
    // what a person sees of the trouble
    if (status === 'needsAttention') expect(shown.problem).not.toBeNull();
    await api('GET', `/syncs/${syncId}`);
    await api('GET', `/executions/${executionId}`);
    await api('GET', `/connections/${connectionId}`);
    await api('GET', '/audit');
    await api('GET', '/definitions');
    const metrics = await (await fetch(`${syncs.api.url}/metrics`)).text();
    const history = (await historyOf(syncs, syncId)).map((event) => JSON.stringify(event));
    syncs.target.faults.clear();
    const token = await tokenOf(syncs.target, 'marked', SECRET);

    for (const marker of [SECRET, token, syncs.api.key]) {
      for (const places of [logged, answered, history, [metrics]]) expect(shows(places, marker)).toEqual([]);
      expect(await tablesWith(syncs.sync.database.sql, marker)).toEqual([]);
    }
    for (const places of [logged, answered, history, [metrics]]) expect(shows(places, ADDRESS)).toEqual([]);
    const withPeople = await tablesWith(syncs.sync.database.sql, ADDRESS);
    expect(withPeople.filter((name) => !/^((staged|mapped)_records|batch_plans)_\d+$|^outcomes$/.test(name))).toEqual(
      [],
    );
    expect(logged.length).toBeGreaterThan(0);
  });

  test('C29 people with access find the person in the list of outcomes', async () => {
    const [execution] = await syncs.sync.database.sql<{ execution_id: string }[]>`
      select execution_id from outcomes where match_key = ${ADDRESS} limit 1`;
    const { body } = await syncs.api.call('GET', `/executions/${execution?.execution_id}/records?search=${ADDRESS}`);

    expect(JSON.stringify(body)).toContain(ADDRESS);
  });
});
