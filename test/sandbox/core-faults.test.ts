import { request as httpRequest } from 'node:http';
import express from 'express';
import { createClock } from '../../src/sandbox/clock';
import type { VendorInstance } from '../../src/sandbox/core';
import type { FaultInput } from '../../src/sandbox/faults';
import { type InstanceHost, startInstance } from '../../src/sandbox/instance-host';
import { seededRandom } from '../../src/sandbox/seeded-random';

/** A vendor that keeps what it is sent: enough to see whether a request took effect. */
function recordingVendor(received: string[]): VendorInstance {
  const router = express.Router();
  let tokensExpired = 0;
  router.use(express.text({ type: '*/*' }));
  router.post('/write', (request, response) => {
    received.push(String(request.body));
    response.status(201).json({ stored: received.length });
  });
  router.get('/text', (_request, response) => {
    response.type('text/csv').send(`${'a"ä,b"\n'.repeat(200)}`);
  });
  router.get('/expired', (_request, response) => void response.json({ tokensExpired }));
  return {
    router,
    credentials: { clientId: 'sandbox', clientSecret: 'sandbox' },
    expireTokens: () => {
      tokensExpired += 1;
    },
    stop() {},
  };
}

describe('faults', () => {
  const received: string[] = [];
  const clock = createClock(0, () => undefined);
  let host: InstanceHost;

  beforeAll(async () => {
    host = await startInstance({
      kind: 'salesforce',
      name: 'default',
      file: ':memory:',
      clock,
      random: seededRandom(7),
      host: '127.0.0.1',
      port: 0,
      initialFaults: [],
      createVendor: () => recordingVendor(received),
      onFaultsChange: () => undefined,
      onDefect: ({ error }) => {
        throw error;
      },
    });
  });
  beforeEach(() => {
    host.clearFaults();
    received.length = 0;
  });
  afterAll(async () => {
    await host.close();
    clock.stop();
  });
  const write = (text: string): Promise<Response> => fetch(`${host.url}/write`, { method: 'POST', body: text });
  const given = (fault: FaultInput): void => void host.addFault(fault);

  test('without a fault, a request passes', async () => {
    expect((await write('one')).status).toBe(201);
    expect(received).toEqual(['one']);
  });

  test('when a response is prescribed, it is sent and nothing takes effect', async () => {
    given({ action: { type: 'respond', status: 503, headers: { 'Retry-After': '7' }, body: '<h1>Down</h1>' } });

    const answer = await write('one');

    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toBe('<h1>Down</h1>');
    expect(received).toEqual([]);
  });

  test('when a vendor error is asked for after the effect, the request has been applied', async () => {
    given({ action: { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', afterEffect: true } });

    const answer = await write('one');

    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual([expect.objectContaining({ errorCode: 'UNKNOWN_EXCEPTION' })]);
    expect(received).toEqual(['one']);
  });

  test.each([
    ['API_CURRENTLY_DISABLED', 403],
    ['FORBIDDEN', 403],
    ['SERVER_UNAVAILABLE', 503],
    ['REQUEST_RUNNING_TOO_LONG', 400],
    ['OPERATION_TOO_LARGE', 400],
    ['QUERY_TIMEOUT', 400],
    ['TXN_SECURITY_METERING_ERROR', 400],
    ['STORAGE_LIMIT_EXCEEDED', 400],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 400],
    ['CANNOT_EXECUTE_FLOW_TRIGGER', 400],
    ['ENTITY_IS_LOCKED', 400],
    ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', 400],
    ['INVALID_PERSON_ACCOUNT_OPERATION', 400],
  ])('%s comes with status %s and a text of its own, and nothing takes effect', async (code, status) => {
    given({ action: { type: 'vendorError', code } });

    const answer = await write('one');
    const [error] = (await answer.json()) as { errorCode: string; message: string }[];

    expect(answer.status).toBe(status);
    expect(error?.errorCode).toBe(code);
    expect(error?.message).toContain(' ');
    expect(received).toEqual([]);
  });

  test('when the connection is reset before the effect, the client sees an error and nothing is written', async () => {
    given({ action: { type: 'resetBefore' } });

    await expect(write('one')).rejects.toThrow();

    expect(received).toEqual([]);
    expect(host.counters()).toContainEqual({ endpoint: 'POST /write', status: 0, count: expect.any(Number) });
  });

  test('when the answer is lost, the client sees an error and the request has been applied once', async () => {
    given({ action: { type: 'resetAfter' } });

    await expect(write('one')).rejects.toThrow();

    expect(received).toEqual(['one']);
  });

  test('when the effect is late, it comes when the clock has reached its time, and not before', async () => {
    given({ action: { type: 'late', afterMs: 60_000 } });

    await expect(write('one')).rejects.toThrow();
    expect(received).toEqual([]);
    expect(host.lateEffects.pending()).toBe(1);
    clock.advance(60_000);
    await host.lateEffects.settled();

    expect(received).toEqual(['one']);
    expect(host.lateEffects.pending()).toBe(0);
  });

  test('when a request is applied in part, only its first records are', async () => {
    given({ action: { type: 'partial', records: 2 } });

    const answer = await write(JSON.stringify({ allOrNone: false, records: [1, 2, 3, 4] }));

    expect(answer.status).toBe(500);
    expect(received).toEqual(['{"allOrNone":false,"records":[1,2]}']);
  });

  test('when the body is cut in mid-letter, fewer bytes come than were announced and the last letter is broken', async () => {
    given({ action: { type: 'cutBody', at: 'letter' } });

    const { announced, bytes, aborted } = await readRaw(`${host.url}/text`);

    expect(aborted).toBe(true);
    expect(bytes.length).toBeLessThan(announced);
    expect(bytes.toString('utf8').endsWith('\ufffd')).toBe(true);
  });

  test.each([
    ['row', (text: string) => text.endsWith('\n')],
    ['insideRow', (text: string) => !text.endsWith('\n')],
    ['quotedField', (text: string) => (text.match(/"/g)?.length ?? 0) % 2 === 1],
  ] as const)('when the body is cut at %s with a clean ending, the client cannot tell by HTTP', async (at, isSo) => {
    given({ action: { type: 'cutBody', at, ending: 'clean' } });

    const { bytes, aborted } = await readRaw(`${host.url}/text`);

    expect(aborted).toBe(false);
    expect(bytes.length).toBeGreaterThan(0);
    expect(isSo(bytes.toString('utf8'))).toBe(true);
  });

  test('when the body is slow, it arrives whole in drops', async () => {
    given({ action: { type: 'slowBody', bytesPerSecond: 8_000 } });

    const { bytes, chunks } = await readRaw(`${host.url}/text`);

    expect(bytes.length).toBe(8 * 200);
    expect(chunks).toBeGreaterThan(1);
  });

  test('when a delay and another fault meet a request, both act', async () => {
    given({ action: { type: 'delay', ms: 50 } });
    given({ action: { type: 'respond', status: 429 } });

    const startedAt = performance.now();
    const answer = await write('one');

    expect(answer.status).toBe(429);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(45);
  });

  test('when tokens are to expire, the vendor is told and the request goes on', async () => {
    given({ every: 2, action: { type: 'expireTokens' } });

    const counts = [];
    for (let call = 0; call < 4; call += 1)
      counts.push(((await (await fetch(`${host.url}/expired`)).json()) as { tokensExpired: number }).tokensExpired);

    expect(counts).toEqual([0, 1, 1, 2]);
  });

  test('when there is an outage, nobody listens until it has ended', async () => {
    const outage = host.addFault({ action: { type: 'outage' }, forMs: 3_600_000 });

    await expect(write('one')).rejects.toThrow();
    clock.advance(3_600_000);
    await until(async () => (await write('two')).ok);

    expect(received).toContain('two');
    expect(host.faults.remove(outage.id)).toBe(true);
  });

  test('when a request hangs, it is never answered', async () => {
    given({ action: { type: 'hang' } });

    await expect(fetch(`${host.url}/expired`, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
  });

  test('when a fault names method, path, number and count, it acts on those requests alone', async () => {
    given({ match: { method: 'post', path: '/wri*' }, nth: 2, count: 2, action: { type: 'respond', status: 500 } });

    const statuses = [];
    for (let call = 0; call < 5; call += 1) statuses.push((await write(`${call}`)).status);

    expect(statuses).toEqual([201, 500, 500, 201, 201]);
    expect((await fetch(`${host.url}/expired`)).status).toBe(200);
  });

  test('when a fault looks into the body, others pass with their bodies whole', async () => {
    given({ match: { bodyContains: 'poison' }, action: { type: 'respond', status: 400 } });

    expect((await write('harmless')).status).toBe(201);
    expect((await write('some poison')).status).toBe(400);
    expect(received).toEqual(['harmless']);
  });

  test('when a fault acts by chance, the same seed acts on the same requests', async () => {
    given({ chance: 0.5, action: { type: 'respond', status: 500 } });

    const statuses = new Set<number>();
    for (let call = 0; call < 40; call += 1) statuses.add((await write(`${call}`)).status);

    expect([...statuses].sort()).toEqual([201, 500]);
  });
});

interface RawAnswer {
  announced: number;
  bytes: Buffer;
  chunks: number;
  aborted: boolean;
}

function readRaw(url: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { agent: false }, (answer) => {
      const parts: Buffer[] = [];
      const end = (aborted: boolean): void =>
        resolve({
          announced: Number(answer.headers['content-length']),
          bytes: Buffer.concat(parts),
          chunks: parts.length,
          aborted,
        });
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => end(false));
      answer.on('error', () => end(true));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
