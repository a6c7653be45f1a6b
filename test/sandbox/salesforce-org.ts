import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

export interface OrgAnswer {
  status: number;
  headers: Headers;
  /** Parsed JSON; null where there is none. */
  // what a call answers differs from call to call: the tests say what they expect
  // biome-ignore lint/suspicious/noExplicitAny: see above
  body: any;
}

/** A sandbox with an empty org, and a client that is signed in to it. */
export interface TestOrg {
  sandbox: Sandbox;
  /** Address of the org. */
  url: string;
  accessToken: string;
  /** @param path below `/services/data/v60.0`, or a whole one */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<OrgAnswer>;
  /** Makes a record, and gives its Id. */
  create(object: string, fields: Record<string, unknown>): Promise<string>;
  query(soql: string): Promise<Record<string, unknown>[]>;
  /** The control API of the org. @param path below `/instances/salesforce/default/vendor` */
  control(method: string, path: string, body?: unknown): Promise<OrgAnswer>;
}

const VERSION_PATH = '/services/data/v60.0';

export async function startTestOrg(options: Parameters<typeof startSandbox>[0] = {}): Promise<TestOrg> {
  const sandbox = await startSandbox(options);
  const { url } = sandbox.salesforce;
  const accessToken = await tokenOf(url);
  const call: TestOrg['call'] = (method, path, body, headers = {}) =>
    send(path.startsWith('/services/') ? url + path : url + VERSION_PATH + path, method, body, {
      Authorization: `Bearer ${accessToken}`,
      ...headers,
    });
  return {
    sandbox,
    url,
    accessToken,
    call,
    async create(object, fields) {
      const { body } = await call('POST', `/sobjects/${object}`, fields);
      return (body as { id: string }).id;
    },
    async query(soql) {
      const { body } = await call('GET', `/query?q=${encodeURIComponent(soql)}`);
      return (body as { records: Record<string, unknown>[] }).records;
    },
    control: (method, path, body) =>
      send(`${sandbox.controlUrl}/instances/salesforce/default/vendor${path}`, method, body, {}),
  };
}

async function tokenOf(url: string): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
  const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function send(
  address: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<OrgAnswer> {
  const answer = await fetch(address, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
}
