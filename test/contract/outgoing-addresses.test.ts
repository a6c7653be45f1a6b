import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { lookup } from 'node:dns';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import type { Connector } from '../../src/connectors/connector';
import { createMarketoConnector } from '../../src/connectors/marketo/connector';
import { SalesforceClient } from '../../src/connectors/salesforce/client';
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector';
import { allRows, runQuery } from '../../src/connectors/salesforce/query';
import { DEFAULT_TUNING } from '../../src/connectors/salesforce/tuning';
import { marketoSettings, salesforceSettings } from '../../src/domain/connection';
import { createUrlCheck } from '../../src/security/allowed-urls';
import { guardedLookup } from '../../src/security/guarded-lookup';
import { connectorDeps } from '../support/connector-deps';
import { failureOf } from '../support/marketo-rig';
import { json, type ScriptedServer, type SeenRequest, startScriptedServer } from '../support/scripted-server';

const signal = new AbortController().signal;
/** An address of the internet, by its range, that is nobody's: given back with the 6bone (RFC 3701). */
const UNREACHED = '3ffe::1';
const REDIRECTS = [301, 302, 303, 307, 308] as const;

/** Where nothing may arrive, not even a connection. */
let trap: Server;
let trapPort: number;
let arrivals = 0;
let vendor: ScriptedServer;
let answer: (
  request: SeenRequest,
  port: number,
) => { status: number; headers?: Record<string, string>; body?: unknown };

beforeAll(async () => {
  trap = createServer((socket) => {
    arrivals += 1;
    socket.destroy();
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  trapPort = (trap.address() as AddressInfo).port;
  vendor = await startScriptedServer((request, response) => {
    const { status, headers = {}, body } = answer(request, trapPort);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    json(response, status, body ?? {});
  });
});
beforeEach(() => {
  arrivals = 0;
});
afterEach(() => {
  expect(arrivals).toBe(0);
});
afterAll(async () => {
  await vendor.close();
  trap.close();
  await once(trap, 'close');
});

const hostOf = (url: string) => new URL(url).host;

/** What a connector is handed in production, where the vendor's stand-in alone is allowed. */
const guarded = (allowed = [hostOf(vendor.url)], resolve?: typeof lookup) => ({
  ...connectorDeps(),
  checkUrl: createUrlCheck(allowed),
  lookup: guardedLookup(allowed, resolve),
});

const auths = {
  token: { type: 'clientCredentials', clientId: 'app', clientSecret: 'secret' },
  soap: { type: 'password', username: 'user@example.com', password: 'secret' },
} as const;
const salesforce = (loginUrl: string, auth: keyof typeof auths = 'token', deps = guarded()): Connector =>
  createSalesforceConnector(salesforceSettings.parse({ loginUrl, auth: auths[auth] }), deps);
const marketo = (baseUrl: string, deps = guarded()): Connector =>
  createMarketoConnector(marketoSettings.parse({ baseUrl, clientId: 'app', clientSecret: 'secret' }), deps);

const signedIn = (url: string, more: object = {}) => ({
  access_token: 'token',
  token_type: 'Bearer',
  instance_url: url,
  id: `${url}/id/00D000000000001EAA/005000000000001AAA`,
  ...more,
});
const isSignIn = ({ path }: SeenRequest): boolean => /\/(oauth2?\/token|Soap\/)/.test(path);

/** Addresses of the trap, written in ways that fool who looks at the text alone. */
const trapAddresses = (port: number): string[] => [
  `http://127.0.0.1:${port}`,
  `http://${hostOf(vendor.url)}@127.0.0.1:${port}`,
  `http://127.0.0.1:${port}#${hostOf(vendor.url)}`,
  `http://127.0.0.1:${port}\\@${hostOf(vendor.url)}`,
  `http://2130706433:${port}`,
  `http://0x7f000001:${port}`,
  `http://0177.0.0.1:${port}`,
  `http://127.1:${port}`,
  `http://[::ffff:127.0.0.1]:${port}`,
  `http://localhost:${port}`,
  `http://127.0.0.1.:${port}`,
];

describe.each(REDIRECTS)('a redirect by %i to another host is not followed (ASVS 1.3.6, 13.2.5, 15.3.2)', (status) => {
  const redirect = (port: number) => ({ status, headers: { location: `http://127.0.0.1:${port}/taken` } });

  test.each(['sign-in', 'call'])('of a %s at Salesforce', async (at) => {
    answer = (request, port) =>
      at === 'call' && isSignIn(request) ? { status: 200, body: signedIn(vendor.url) } : redirect(port);

    for (const auth of ['token', 'soap'] as const) {
      if (at === 'call' && auth === 'soap') continue;
      const connector = salesforce(vendor.url, auth);
      expect(await failureOf(connector.describe('Contact', signal))).toHaveProperty('code');
      expect(await failureOf(connector.objects(signal))).toHaveProperty('code');
    }
  });

  test.each(['sign-in', 'call'])('of a %s at Marketo', async (at) => {
    answer = (request, port) =>
      at === 'call' && isSignIn(request)
        ? { status: 200, body: { access_token: 'token', expires_in: 3_600, scope: 'user@example.com' } }
        : redirect(port);

    const connector = marketo(vendor.url);

    expect(await failureOf(connector.test(signal))).toMatchObject({ code: `HTTP_${status}` });
    expect(await failureOf(connector.describe('Lead', signal))).toHaveProperty('code');
  });
});

test('an instance that a sign-in names is checked like any other address (ASVS 1.3.6)', async () => {
  for (const address of [...trapAddresses(trapPort), 'http://169.254.169.254', 'https://evil-salesforce.com']) {
    answer = () => ({ status: 200, body: signedIn(address, { id: `${vendor.url}/id/00D000000000001EAA/005` }) });

    const failure = await failureOf(salesforce(vendor.url).describe('Contact', signal));

    expect([address, failure]).toEqual([
      address,
      expect.objectContaining({ code: expect.stringMatching(/URL_NOT_ALLOWED|UNREADABLE_ANSWER/) }),
    ]);
  }
});

test('so is the one that a sign-in by SOAP names', async () => {
  for (const address of trapAddresses(trapPort)) {
    const escaped = address.replaceAll('&', '&amp;');
    const body = `<?xml version="1.0"?><soapenv:Envelope><soapenv:Body><loginResponse><result><serverUrl>${escaped}/services/Soap/u/60.0/00D000000000001</serverUrl>
      <sessionId>token</sessionId><userId>005000000000001AAA</userId><userInfo><organizationId>00D000000000001EAA</organizationId></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>`;
    const soap = await startScriptedServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end(body),
    );
    const failure = await failureOf(
      salesforce(soap.url, 'soap', guarded([hostOf(soap.url)])).describe('Contact', signal),
    );
    await soap.close();

    expect([address, failure]).toEqual([address, expect.objectContaining({ code: expect.any(String) })]);
  }
});

test('a page of records that is said to be elsewhere is not fetched, nor is the page of the person who signed in', async () => {
  for (const address of [...trapAddresses(trapPort), `//127.0.0.1:${trapPort}`]) {
    const nextRecordsUrl = `${address}/services/data/v60.0/query/01g-2000`;
    const id = `http://127.0.0.1:${trapPort}/id/00D000000000001EAA/005000000000001AAA`;
    answer = (request) => {
      if (isSignIn(request)) return { status: 200, body: signedIn(vendor.url, { id }) };
      const isLimits = request.path.includes('/limits');
      return { status: 200, body: isLimits ? LIMITS : { totalSize: 2, done: false, nextRecordsUrl, records: [] } };
    };
    const client = new SalesforceClient(settingsOf(vendor.url), guarded(), DEFAULT_TUNING);

    const { account } = await salesforce(vendor.url).test(signal);

    expect(account).toContain(hostOf(vendor.url));
    const first = await runQuery(client, 'SELECT Id FROM Contact', { signal });
    expect(await failureOf(allRows(client, first, { signal }))).toHaveProperty('code', 'UNREADABLE_ANSWER');
    if (!address.startsWith('//')) {
      expect(
        await failureOf(client.json({ method: 'GET', path: nextRecordsUrl }, z.unknown(), { signal })),
      ).toMatchObject({
        code: 'URL_NOT_ALLOWED',
      });
    }
  }
});

const LIMITS = { DailyApiRequests: { Max: 10, Remaining: 5 } };
const settingsOf = (loginUrl: string) => salesforceSettings.parse({ loginUrl, auth: auths.token });

test('the token goes to the organisation alone, also where another host is allowed (ASVS 10.1.1)', async () => {
  const other = await startScriptedServer((_request, response) => json(response, 200, {}));
  answer = () => ({ status: 200, body: signedIn(vendor.url) });
  const client = new SalesforceClient(
    settingsOf(vendor.url),
    guarded([vendor.url, other.url].map(hostOf)),
    DEFAULT_TUNING,
  );

  const failure = await failureOf(
    client.json({ method: 'GET', path: `${other.url}/services/data` }, z.unknown(), { signal }),
  );
  const seen = other.requests.length;
  await other.close();

  expect(failure).toMatchObject({ code: 'URL_NOT_ALLOWED', advice: { retry: 'never' } });
  expect(seen).toBe(0);
});

describe('a name leads elsewhere than it seems (ASVS 1.3.6)', () => {
  /** Names resolve to these addresses, one look-up after the other; the last one stays. */
  const resolvingTo = (...answers: string[]) => {
    const asked: string[] = [];
    const resolve = ((name: string, _options: object, callback: (error: null, found: object[]) => void) => {
      const address = answers[Math.min(asked.length, answers.length - 1)] ?? '';
      asked.push(name);
      setImmediate(() => callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]));
    }) as unknown as typeof lookup;
    return { asked, resolve };
  };
  const systems = [
    [
      'Salesforce',
      'acme.my.salesforce.com',
      (host: string, deps: ReturnType<typeof guarded>) => salesforce(`https://${host}`, 'token', deps),
    ],
    [
      'Marketo',
      '123-abc-456.mktorest.com',
      (host: string, deps: ReturnType<typeof guarded>) => marketo(`https://${host}`, deps),
    ],
  ] as const;

  describe.each(systems)('%s', (_system, host, connect) => {
    test.each([
      '127.0.0.1',
      '169.254.169.254',
      '10.0.0.7',
      '::1',
      '::ffff:127.0.0.1',
      'fd00::1',
      '0.0.0.0',
      '100.64.0.1',
    ])('a name that leads to %s is not connected to, until a person acts', async (address) => {
      const { resolve } = resolvingTo(address);
      const attempts = connectionAttempts();

      const failure = await failureOf(connect(host, guarded([], resolve)).test(signal));

      expect(failure).toMatchObject({ code: 'URL_NOT_ALLOWED', advice: { retry: 'never' }, answerLost: false });
      expect(attempts.end()).toEqual([]);
    });

    test('the address that was looked at is the one that is connected to, whatever the name leads to a moment later', async () => {
      const { asked, resolve } = resolvingTo(UNREACHED, '127.0.0.1');
      const stopping = new AbortController();
      const attempts = connectionAttempts(() => stopping.abort(new Error('seen')));

      const failure = await failureOf(connect(host, guarded([], resolve)).test(stopping.signal));

      expect(attempts.end()).toEqual([UNREACHED]);
      expect(asked).toEqual([host]);
      expect(failure).toBeInstanceOf(Error);
    });
  });

  test('a host that an administrator allows may lead to this machine', async () => {
    answer = () => ({
      status: 200,
      body: { access_token: 'token', expires_in: 3_600, scope: 'x', success: true, result: [] },
    });
    const { asked, resolve } = resolvingTo('127.0.0.1');
    const { port } = new URL(vendor.url);

    await marketo(`http://crm.internal:${port}`, guarded([`crm.internal:${port}`], resolve)).objects(signal);

    expect(asked).toContain('crm.internal');
  });
});

/** Notes the addresses that requests of this process try to connect to, from now until `end`. */
function connectionAttempts(onAttempt: () => void = () => undefined) {
  const addresses: string[] = [];
  const onRequest = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    const watch = (socket: Socket) =>
      socket.on('connectionAttempt', (address: string) => {
        addresses.push(address);
        onAttempt();
      });
    if (request.socket) watch(request.socket);
    else request.once('socket', watch);
  };
  subscribe('http.client.request.start', onRequest);
  return {
    end() {
      unsubscribe('http.client.request.start', onRequest);
      return addresses;
    },
  };
}
