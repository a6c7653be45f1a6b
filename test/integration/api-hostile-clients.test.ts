import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client, Connection } from '@temporalio/client';
import { createApiServer } from '../../src/api/http-server';
import type { Route } from '../../src/api/route';
import { ROUTES } from '../../src/api/routes';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { type ApiReply, RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const MEGABYTE = 1_000_000;

let connection: Connection;
/** Has no patience with slow clients, so that tests have not to wait for it to end. */
let api: RunningApi;
let patient: RunningApi;

beforeAll(async () => {
  connection = Connection.lazy({ address: testTemporal().address });
  const patience = { headersMs: 300, requestMs: 600, checkEveryMs: 50 };
  const engine = new TemporalEngine(new Client({ connection }));
  api = await RunningApi.start({ engine, allowedHosts: [], patience });
  patient = await RunningApi.start({ engine, allowedHosts: [] });
}, 30_000);

afterAll(async () => {
  await api.stop();
  await patient.stop();
  await connection.close();
});

const pathOf = ({ path }: Route): string => path.replaceAll(/:\w+/g, NOBODY);
const TAKING = ROUTES.filter(({ body }) => body !== undefined).map(
  (spec) => [`${spec.method.toUpperCase()} ${spec.path}`, spec] as const,
);
/** So many megabytes, piece by piece. */
function* pieces(megabytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(MEGABYTE, ' ');
  for (let sent = 0; sent < megabytes; sent += 1) yield piece;
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** Refused, or, by the route whose answer tells what is wrong with a file, told. */
const isRefused = ({ status, body }: ApiReply): boolean => status === 422 || (status === 200 && body.valid === false);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

describe.each(TAKING)('%s', (_name, spec) => {
  const send = (body: string | Uint8Array, headers: Record<string, string>) =>
    patient.call(spec.method.toUpperCase(), pathOf(spec), body, headers);

  test('a body of 100 MB is refused by its size, as JSON and as any other type that is taken (ASVS 5.2.1)', async () => {
    const types = [
      'application/json',
      ...(spec.takesFile ? ['application/yaml'] : []),
      ...(spec.csvExample ? ['text/csv'] : []),
    ];
    for (const type of types) {
      const call = request(`${patient.url}/api/v1${pathOf(spec)}`, {
        method: spec.method.toUpperCase(),
        headers: { authorization: `Bearer ${patient.key}`, 'content-type': type },
      });
      const answered = once(call, 'response');
      await pipeline(Readable.from(pieces(100)), call);
      const [{ statusCode }] = await answered;

      expect([type, statusCode]).toEqual([type, 413]);
    }
  });

  test('a body that is nested without end is refused, and nothing breaks', async () => {
    const list = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const tree = `${'{"not":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

    const statuses = [];
    for (const body of [list, tree, `{"name":${list}}`, `{"filter":${tree}}`]) {
      statuses.push((await send(body, JSON_TYPE)).status);
    }

    const refused = spec.takesFile ? 400 : 422;
    expect(statuses).toEqual([refused, refused, refused, refused]);
  });

  test('a body of another kind than the members that are described is refused', async () => {
    for (const body of ['null', '[]', '7', 'true', '"text"', '[{}]']) {
      expect([body, (await send(body, JSON_TYPE)).status]).toEqual([body, 422]);
    }
  });

  test('each member of its example is refused as a list, an object, a number or a text that it is not', async () => {
    const example = (spec.takesFile ?? spec.body)?.meta()?.example;
    if (!isObject(example)) throw new Error('The document shows an example of each body.');
    const wrongFor = (value: unknown) =>
      [[[]], { not: 'this' }, -1.5, '\u202e'].filter((wrong) => typeof wrong !== typeof value || Array.isArray(value));
    for (const [name, value] of Object.entries(example)) {
      for (const wrong of wrongFor(value)) {
        const reply = await send(JSON.stringify({ ...example, [name]: wrong }), JSON_TYPE);
        expect({ name, wrong, isRefused: isRefused(reply) }).toEqual({ name, wrong, isRefused: true });
      }
    }
  });

  test.each([
    'application/xml',
    'text/plain',
    'text/html',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/jsonp',
    'json',
    '*/*',
    ';',
  ])('a body of the type %j is refused as such (ASVS 2.2.1)', async (type) => {
    expect((await send('{}', { 'content-type': type })).status).toBe(415);
  });

  test.each(['utf-16', 'utf-32', 'utf-7', 'iso-8859-1', '"windows-1252"', 'x-none'])(
    'a body of the character set %s is refused as such',
    async (charset) => {
      expect((await send('{}', { 'content-type': `application/json; charset=${charset}` })).status).toBe(415);
    },
  );

  test.each(['compress', 'zstd', 'gzip, gzip', 'nothing'])(
    'a body that is packed by %j is refused as such',
    async (encoding) => {
      expect((await send('{}', { ...JSON_TYPE, 'content-encoding': encoding })).status).toBe(415);
    },
  );

  test('names that lead to the prototype of objects are members like any other, and change nothing (ASVS 15.3.6)', async () => {
    const hostile = [
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"name":{"__proto__":{"polluted":true}},"settings":{"__proto__":{"polluted":true}}}',
      '{"toString":"x","hasOwnProperty":1,"valueOf":null}',
    ];
    for (const body of hostile) {
      const reply = await send(body, JSON_TYPE);
      // a file loses such a name as it is read
      expect([body, isRefused(reply) || spec.takesFile !== undefined]).toEqual([body, true]);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('clients that are slow', () => {
  /** Writes a piece of what is asked every 20 ms, until the connection is closed. @returns what was answered */
  async function trickled(head: string, piece: string): Promise<string> {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1').setEncoding('utf8');
    socket.on('error', () => undefined); // what is written after the end
    socket.write(head);
    const timer = setInterval(() => socket.write(piece), 20);
    let answer = '';
    for await (const part of socket) answer += part;
    clearInterval(timer);
    return answer;
  }

  test('one whose headers, or whose body, do not come to an end is told so, while others are answered', async () => {
    const line = 'GET /api/v1/syncs HTTP/1.1\r\nHost: localhost\r\n';
    const head = `POST /api/v1/syncs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${api.key}\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n`;
    const slow = Array.from({ length: 200 }, (_none, at) =>
      at % 2 === 0 ? trickled(line, 'X-A: b\r\n') : trickled(head, ' '),
    );

    const { status } = await api.call('GET', '/syncs');
    const answers = await Promise.all(slow);

    expect(status).toBe(200);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 408 .*problem\+json.*"status":408/s);
  });

  test('the patience of the API is the one that the manual tells', () => {
    const { headersTimeout, requestTimeout } = createApiServer();

    expect([headersTimeout, requestTimeout]).toEqual([15_000, 120_000]);
  });
});

describe('requests that are not what they seem', () => {
  async function answerTo(text: string): Promise<string> {
    const socket = connect(Number(new URL(patient.url).port), '127.0.0.1').setEncoding('utf8');
    socket.write(text);
    let answer = '';
    for await (const part of socket) answer += part;
    return answer;
  }

  test.each([
    '/../../../etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%5c..%5cetc%5cpasswd',
    '/..%00/etc/passwd',
    '/docs/files/../../package.json',
    '/docs/files/..%2f..%2fexpress%2fpackage.json',
    '/docs/files/%2e%2e/package.json',
    '/docs/files/package.json%00.html',
    '/docs/files//etc/passwd',
    '/api/v1/connections/..%2f..%2fapi-keys',
    '//etc/passwd',
    'http://localhost/../etc/passwd',
  ])('the path %s leads to no file (ASVS 5.3.2)', async (path) => {
    const answer = await answerTo(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1.1 (400|401|403|404) /);
    expect(answer).not.toMatch(/root:|"dependencies"|"license"/);
  });

  test('what a caller sends becomes no header of an answer', async () => {
    const text = 'x\r\nSet-Cookie: forged=1\r\n\r\n<html>';
    const made = await patient.call('POST', '/syncs', { name: text });
    const answers = [
      made,
      await patient.call('GET', `/syncs/${String(made.body.id)}`),
      await patient.call('GET', `/syncs?search=${encodeURIComponent(text)}`),
      await patient.call('GET', `/${encodeURIComponent(text)}`),
      await patient.call('GET', `/connections/${encodeURIComponent(text)}`),
    ];
    const raw = await answerTo(
      `GET /api/v1/%0d%0aSet-Cookie:%20forged=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );

    for (const { headers } of answers) expect(headers.get('set-cookie')).toBeNull();
    expect(raw.slice(0, raw.indexOf('\r\n\r\n'))).not.toMatch(/forged/);
  });
});
