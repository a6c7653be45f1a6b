import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { webhookSender } from '../../src/webhooks/send';
import { makeSigningSecret, signatureHeaders } from '../../src/webhooks/signature';
import { isSigned, WebhookReceiver } from '../support/webhook-receiver';

let receiver: WebhookReceiver;
/** Stands where nothing may be sent. */
let trap: WebhookReceiver;
const secrets = [makeSigningSecret()];
const event = { eventId: '0f8fad5b-d9cb-469f-a165-70867728950e', body: '{"type":"webhook.test"}' };

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  trap = await WebhookReceiver.start();
});
afterAll(() => Promise.all([receiver.stop(), trap.stop()]));
beforeEach(() => receiver.reset());
afterEach(() => expect(trap.got).toEqual([]));

const send = (url: string, signal = new AbortController().signal) =>
  webhookSender([receiver.host]).send({ url, secrets }, event, signal);

test('events are signed as the example of Standard Webhooks is', () => {
  const signed = { eventId: 'msg_p5jXN8AQM9LWM0D4loKWxJek', sentAt: 1_614_265_330, body: '{"test": 2432232314}' };

  expect(signatureHeaders(signed, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
    'webhook-id': signed.eventId,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a receiver can verify an event by each of the secrets it was signed with, and by no other', async () => {
  const before = makeSigningSecret();
  await webhookSender([receiver.host]).send(
    { url: receiver.url, secrets: [...secrets, before] },
    event,
    AbortSignal.timeout(60_000),
  );
  const [got] = receiver.got;
  if (!got) throw new Error('Nothing was received.');

  const verified = await Promise.all([...secrets, before, makeSigningSecret()].map((secret) => isSigned(got, secret)));

  expect(verified).toEqual([true, true, false]);
  expect(await isSigned({ ...got, body: `${got.body} ` }, secrets[0] ?? '')).toBe(false);
  expect(got.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': event.eventId });
  expect(Math.abs(Number(got.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(300);
});

test.each([
  ['204 is taken', 204, {}, { status: 204, problem: null, answer: null }],
  ['500 is not', 500, {}, { status: 500, problem: 'The receiver answered 500.', answer: 'see …@… about it' }],
  ['429 may ask for time', 429, { 'retry-after': '120' }, { status: 429, retryAfterMs: 120_000 }],
  ['a redirect is not followed', 302, {}, { status: 302, problem: expect.stringContaining('not followed') }],
  ['nor one that keeps the method', 308, {}, { status: 308, problem: expect.stringContaining('not followed') }],
])('by its answer: %s', async (_title, status, headers, expected) => {
  receiver.answer = (_got, response) =>
    response
      .writeHead(status, { location: trap.url, ...headers })
      .end(status === 204 ? undefined : 'see jane@example.com\n about it');

  expect(await send(receiver.url)).toMatchObject(expected);
});

test('of an answer without end only a little is read, and what looks like a key is not kept', async () => {
  receiver.answer = (got, response) => {
    response.writeHead(400);
    const signature = String(got.headers['webhook-signature']);
    const more = () => response.write(`no: ${signature} ${'word '.repeat(500)}`);
    response.on('drain', more);
    while (more());
  };

  const { status, answer } = await send(receiver.url);

  expect(status).toBe(400);
  expect(answer).toMatch(/^no: v1,… word word/);
  expect(answer?.length).toBeLessThanOrEqual(200);
});

test('when the receiver closes the connection, that is told', async () => {
  receiver.answer = (_got, response) => response.destroy();

  expect(await send(receiver.url)).toMatchObject({
    status: null,
    problem: expect.stringContaining('closed the connection'),
  });
});

test('when the attempt is broken off, that is no failure of the receiver', async () => {
  const stopping = new AbortController();
  receiver.answer = () => stopping.abort(new Error('the worker ends'));

  await expect(send(receiver.url, stopping.signal)).rejects.toThrow('the worker ends');
});

test.each([
  ['plain http to this machine', () => trap.url],
  ['an address of this machine', () => `https://${trap.host}/`],
  ['a name that resolves to it', () => `https://localhost:${trap.port}/`],
])('nothing is sent to %s', async (_title, url) => {
  expect(await send(url())).toMatchObject({ status: null, problem: expect.stringContaining('SYNC_ALLOWED_HOSTS') });
});

test('a receiver that cannot prove who it is gets nothing, where its host is allowed too', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
  const requests: unknown[] = [];
  const server = createTlsServer({ key, cert }, (request) => requests.push(request.url));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const attempt = await webhookSender([host]).send(
    { url: `https://${host}/`, secrets },
    event,
    AbortSignal.timeout(60_000),
  );
  server.close();
  await once(server, 'close');

  expect(attempt).toMatchObject({ status: null, problem: expect.stringContaining('could not be reached') });
  expect(requests).toEqual([]);
});
