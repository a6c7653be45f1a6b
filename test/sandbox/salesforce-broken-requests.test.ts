import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
afterEach(() => expect(sandbox.defects).toEqual([]));

async function token(): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
  const answer = await fetch(`${sandbox.salesforce.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

test('when a client goes away in the middle of its body, nothing is written and nothing fails', async () => {
  const { hostname, port } = new URL(sandbox.salesforce.url);
  const head = [
    'POST /services/data/v60.0/sobjects/Contact HTTP/1.1',
    `Host: ${hostname}`,
    `Authorization: Bearer ${await token()}`,
    'Content-Type: application/json',
    'Content-Length: 1000',
  ];
  const socket = connect(Number(port), hostname);

  await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n{"LastName": "Ha`, () => resolve()));
  socket.destroy();

  // the next answer comes after the broken request has been dealt with
  const answer = await fetch(`${sandbox.salesforce.url}/services/data`);
  expect(answer.status).toBe(200);
  expect(sandbox.salesforce.writeLog()).toEqual([]);
});

test.each([
  ['a packed body', gzipSync('{"LastName": "Packed"}'), 201],
  ['a body that only says so', Buffer.from('{"LastName": "Plain"}'), 400],
])('%s is unpacked where it can be', async (_what, body, status) => {
  const answer = await fetch(`${sandbox.salesforce.url}/services/data/v60.0/sobjects/Contact`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await token()}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    },
    body,
  });

  expect(answer.status).toBe(status);
});
