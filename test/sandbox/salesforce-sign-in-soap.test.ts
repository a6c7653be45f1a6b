import { request } from 'node:http';
import { Connection } from 'jsforce';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

let sandbox: Sandbox;
let url: string;

beforeEach(async () => {
  sandbox = await startSandbox({});
  url = sandbox.salesforce.url;
});
afterEach(async () => {
  expect(sandbox.defects).toEqual([]);
  await sandbox.stop();
});

const set = (settings: Record<string, unknown>) => sandbox.salesforce.vendor.org.changeSettings(settings);

/** Posts in two chunks without a length, as libraries do. */
function post(path: string, xml: string): Promise<{ status: number; xml: string; type: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'text/xml', SOAPAction: '""' };
    const outgoing = request(url + path, { method: 'POST', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, xml: text, type: answer.headers['content-type'] ?? '' }),
      );
    });
    outgoing.on('error', reject);
    outgoing.write(xml.slice(0, 80));
    outgoing.end(xml.slice(80));
  });
}

const envelope = (body: string, header = '') =>
  `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header>${header}</se:Header><se:Body>${body}</se:Body></se:Envelope>`;
const loginCall = (username = 'sandbox@example.com', password = 'sandbox') =>
  envelope(
    `<login xmlns="urn:partner.soap.sforce.com"><username>${username}</username><password>${password}</password></login>`,
  );
const login = (xml = loginCall(), version = '60.0') => post(`/services/Soap/u/${version}`, xml);
const element = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
const limitsWith = (token: string | undefined) =>
  fetch(`${url}/services/data/v60.0/limits`, { headers: { authorization: `Bearer ${token}` } });

test('a login gives a session that serves as a bearer token, and tells who it is for', async () => {
  const { organizationId, userId } = sandbox.salesforce.vendor.setup;

  const { status, xml, type } = await login();

  expect([status, type]).toEqual([200, 'text/xml; charset=utf-8']);
  expect(element(xml, 'serverUrl')).toBe(`${url}/services/Soap/u/60.0/${organizationId.slice(0, 15)}`);
  expect(element(xml, 'metadataServerUrl')).toContain('/services/Soap/m/60.0/');
  expect(element(xml, 'userId')).toBe(userId);
  expect(element(xml, 'organizationId')).toBe(organizationId);
  expect(element(xml, 'userName')).toBe('sandbox@example.com');
  expect(element(xml, 'passwordExpired')).toBe('false');
  expect((await limitsWith(element(xml, 'sessionId'))).status).toBe(200);
});

test('prefixes, attributes, comments, entities and CDATA do not matter', async () => {
  set({ password: 'a<b>&"ü', securityToken: "'t" });
  const xml = `<?xml version="1.0"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com">
    <S:Body id="b"><!-- <logout/> --><p:login a="1">
      <p:username> sandbox@example.com </p:username><p:password><![CDATA[a<b>]]>&amp;&#34;&#xfc;&apos;t</p:password>
    </p:login></S:Body></S:Envelope>`;

  expect((await login(xml)).status).toBe(200);
});

test('the enterprise address answers in its own namespace', async () => {
  const { xml } = await post('/services/Soap/c/60.0', loginCall());

  expect(xml).toContain('xmlns="urn:enterprise.soap.sforce.com"');
  expect(element(xml, 'serverUrl')).toContain('/services/Soap/c/60.0/');
});

test.each([
  ['a wrong password', () => loginCall('sandbox@example.com', 'wrong')],
  ['an unknown user', () => loginCall('nobody@example.com')],
  [
    'no password',
    () => envelope('<login xmlns="urn:partner.soap.sforce.com"><username>sandbox@example.com</username></login>'),
  ],
])('%s is a fault', async (_name, xml) => {
  const answer = await login(xml());

  const text = 'Invalid username, password, security token; or user locked out.';
  expect(answer.status).toBe(500);
  expect(element(answer.xml, 'faultcode')).toBe('INVALID_LOGIN');
  expect(element(answer.xml, 'faultstring')).toBe(`INVALID_LOGIN: ${text}`);
  expect(element(answer.xml, 'sf:exceptionCode')).toBe('INVALID_LOGIN');
  expect(element(answer.xml, 'sf:exceptionMessage')).toBe(text);
});

test.each([
  ['64.0', 200, undefined],
  ['65.0', 500, 'soapenv:Client'],
  ['67.0', 500, 'soapenv:Client'],
  ['30.0', 500, 'sf:UNSUPPORTED_API_VERSION'],
  ['99.0', 500, 'sf:UNSUPPORTED_API_VERSION'],
])('login with version %s is answered with %i', async (version, status, code) => {
  const answer = await login(loginCall(), version);

  expect(answer.status).toBe(status);
  expect(element(answer.xml, 'faultcode')).toBe(code);
});

test('whatever else is posted there is a fault', async () => {
  for (const xml of ['', 'no xml', envelope(''), envelope('<query xmlns="urn:partner.soap.sforce.com"/>')]) {
    const answer = await login(xml);
    expect([answer.status, element(answer.xml, 'faultcode')]).toEqual([500, 'soapenv:Client']);
  }
});

test('an expired password still signs in, and says so; nothing else is possible then', async () => {
  set({ passwordExpired: true });

  const { xml } = await login();
  const call = await limitsWith(element(xml, 'sessionId'));

  expect(element(xml, 'passwordExpired')).toBe('true');
  expect([call.status, await call.json()]).toEqual([
    403,
    [expect.objectContaining({ errorCode: 'INVALID_OPERATION_WITH_EXPIRED_PASSWORD' })],
  ]);
});

test('an org without the API lets nobody in this way', async () => {
  set({ apiEnabled: false });

  expect(element((await login()).xml, 'faultcode')).toBe('API_DISABLED_FOR_ORG');
});

test('a logout ends the session, and a second one is a fault', async () => {
  const token = element((await login()).xml, 'sessionId');
  const header = `<SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>${token}</sessionId></SessionHeader>`;
  const xml = envelope('<logout xmlns="urn:partner.soap.sforce.com"/>', header);

  const first = await login(xml);
  const second = await login(xml, '60.0/00D000000000001');

  expect(first.status).toBe(200);
  expect((await limitsWith(token)).status).toBe(401);
  expect([second.status, element(second.xml, 'faultcode')]).toEqual([500, 'sf:INVALID_SESSION_ID']);
});

test('a library logs in, works on when its session has ended, and logs out', async () => {
  const connection = new Connection({ loginUrl: url, version: '60.0' });

  const user = await connection.login('sandbox@example.com', 'sandbox');
  const first = connection.accessToken;
  sandbox.salesforce.vendor.expireTokens();
  const described = await connection.sobject('Lead').describe();
  const second = connection.accessToken;
  await connection.logout();

  expect(user).toMatchObject({ id: sandbox.salesforce.vendor.setup.userId });
  expect(described.name).toBe('Lead');
  expect(second).not.toBe(first);
  expect((await limitsWith(second ?? '')).status).toBe(401);
});

test('a library shows the fault of a wrong password', async () => {
  const connection = new Connection({ loginUrl: url, version: '60.0' });

  await expect(connection.login('sandbox@example.com', 'wrong')).rejects.toThrow(/^INVALID_LOGIN: Invalid username/);
});
