import { Connection } from 'jsforce';
import { startTestOrg, type TestOrg } from './salesforce-org';

const NOON = Date.parse('2026-03-10T12:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg({ startAt: NOON });
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

/** @param minutes after noon; negative: before */
const at = (minutes: number): string => new Date(NOON + minutes * MINUTE_MS).toISOString();
const ask = (path: string, start: string, end: string) =>
  org.call('GET', `/sobjects/${path}?start=${encodeURIComponent(start)}&end=${encodeURIComponent(end)}`);

test('what was made or changed in the span is listed once, what was deleted beside it', async () => {
  const early = await org.create('Contact', { LastName: 'Early' });
  const gone = await org.create('Contact', { LastName: 'Gone' });
  org.sandbox.clock.set(NOON + 10 * MINUTE_MS);
  const late = await org.create('Contact', { LastName: 'Late' });
  await org.call('PATCH', `/sobjects/Contact/${late}`, { Title: 'twice' });
  await org.call('DELETE', `/sobjects/Contact/${gone}`);

  const first = await ask('Contact/updated/', at(0), at(5));
  const second = await ask('Contact/updated', at(5), at(15));
  const deleted = await ask('Contact/deleted/', at(5), at(15));

  expect(first.status).toBe(200);
  expect(first.body).toEqual({ ids: [early], latestDateCovered: '2026-03-10T12:05:00.000+0000' });
  // the minute of the call is not over yet
  expect(second.body).toEqual({ ids: [late], latestDateCovered: '2026-03-10T12:10:00.000+0000' });
  expect(deleted.body).toEqual({
    deletedRecords: [{ id: gone, deletedDate: expect.stringMatching(/^2026-03-10T12:10:0\d\.000\+0000$/) }],
    earliestDateAvailable: '2026-02-23T12:10:00.000+0000',
    latestDateCovered: '2026-03-10T12:10:00.000+0000',
  });
});

test('seconds are ignored, and any offset is understood', async () => {
  org.sandbox.clock.set(NOON + 20 * MINUTE_MS);
  const id = await org.create('Lead', { LastName: 'L', Company: 'C' });

  const { body } = await ask('Lead/updated', '2026-03-10T13:20:59+01:00', '2026-03-10T12:21:59+0000');

  expect(body).toEqual({ ids: [id], latestDateCovered: '2026-03-10T12:20:00.000+0000' });
});

test.each([
  ['start is no time', 'yesterday', at(5)],
  ['end is a date alone', at(0), '2026-03-11'],
  ['the span is upside down', at(5), at(0)],
  ['the span is shorter than a minute', at(0), at(0.5)],
  ['start is longer ago than 30 days', at((-31 * DAY_MS) / MINUTE_MS), at(0)],
])('when %s, the request is refused', async (_name, start, end) => {
  const { status, body } = await ask('Lead/updated', start, end);

  expect(status).toBe(400);
  expect(body).toEqual([expect.objectContaining({ errorCode: 'INVALID_REPLICATION_DATE' })]);
});

test('what was deleted is known for 15 days, what was changed for 30', async () => {
  const start = at((-20 * DAY_MS) / MINUTE_MS);

  expect((await ask('Lead/updated', start, at(0))).status).toBe(200);
  expect((await ask('Lead/deleted', start, at(0))).body).toEqual([
    expect.objectContaining({ errorCode: 'INVALID_REPLICATION_DATE' }),
  ]);
});

test.each([
  ['Organization/updated', 400, 'INVALID_TYPE_FOR_OPERATION'],
  ['Nothing/deleted', 404, 'NOT_FOUND'],
])('%s is refused with %i', async (path, status, errorCode) => {
  const answer = await ask(path, at(0), at(5));

  expect(answer.status).toBe(status);
  expect(answer.body).toEqual([expect.objectContaining({ errorCode })]);
});

test('a library reads both lists', async () => {
  org.sandbox.clock.set(NOON + 40 * MINUTE_MS);
  const kept = await org.create('Account', { Name: 'Kept' });
  const gone = await org.create('Account', { Name: 'Gone' });
  await org.call('DELETE', `/sobjects/Account/${gone}`);
  const connection = new Connection({ instanceUrl: org.url, accessToken: org.accessToken, version: '60.0' });

  const updated = await connection.sobject('Account').updated(at(39), at(45));
  const deleted = await connection.sobject('Account').deleted(new Date(at(39)), new Date(at(45)));

  expect(updated.ids).toEqual([kept]);
  expect(deleted.deletedRecords).toEqual([expect.objectContaining({ id: gone })]);
});
