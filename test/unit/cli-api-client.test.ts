import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { ApiClient } from '../../src/cli/api-client';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers the first call as told first, and so on, and keeps what it was sent. */
async function givenServer(...answers: Answer[]) {
  const seen: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    answers[seen.length - 1]?.(request, response);
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
const answered: Answer = (_request, response) => response.end('{"ok":true}');
const ok = z.object({ ok: z.boolean() });

test('a call whose answer was lost is repeated with the same idempotency key', async () => {
  const { url, seen } = await givenServer((request) => request.socket.destroy(), answered);

  await new ApiClient({ url, key: 'k' }).post('/syncs', ok, {});

  expect(seen).toHaveLength(2);
  expect(seen[1]?.['idempotency-key']).toBe(seen[0]?.['idempotency-key']);
});

test('a server that asks for patience gets it', async () => {
  const busy: Answer = (_request, response) => response.writeHead(429, { 'retry-after': '0' }).end();
  const { url, seen } = await givenServer(busy, busy, answered);

  expect(await new ApiClient({ url, key: 'k' }).get('/syncs', ok)).toEqual({ ok: true });
  expect(seen).toHaveLength(3);
});

test('the key is not taken to where an address leads', async () => {
  const thief = await givenServer(answered);
  const { url } = await givenServer((_request, response) => response.writeHead(307, { location: thief.url }).end());

  await expect(new ApiClient({ url, key: 'k' }).get('/syncs', ok)).rejects.toMatchObject({ exitCode: 3 });
  expect(thief.seen).toEqual([]);
});

test.each([
  ['a page of a proxy', 502, '<html>', 3],
  ['an answer of another program', 200, '{"items":[]}', 3],
  ['a refusal', 409, JSON.stringify({ type: '', title: '', status: 409, detail: 'Not now.' }), 1],
  ['a key that does not reach', 403, JSON.stringify({ type: '', title: '', status: 403, detail: 'No.' }), 3],
])('%s ends with an exit code for scripts', async (_what, status, body, exitCode) => {
  const { url } = await givenServer((_request, response) => response.writeHead(status).end(body));

  await expect(new ApiClient({ url, key: 'k' }).get('/syncs', ok)).rejects.toMatchObject({ exitCode });
});
