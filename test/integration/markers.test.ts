import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { openDatabase } from '../../db/client';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks';
import type { FaultInput } from '../../src/sandbox/faults';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { Installation } from '../support/chaos/installation';
import { databaseText } from '../support/database-text';
import { placesOf } from '../support/marker-forms';
import { LOOK_EVERY_MS } from '../support/running-api';

/** A whole installation is started, as processes. */
const START_TIMEOUT_MS = 300_000;
jest.setTimeout(START_TIMEOUT_MS);
const RUN_TIMEOUT_MS = 60_000;

const unique = (name: string) => `${name}-marker-${randomBytes(12).toString('hex')}`;
const SECRETS = {
  'client secret of Marketo': unique('marketo'),
  'client secret of Salesforce': unique('salesforce'),
};
/** Of the one record that is moved: its match key, and a value beside it. */
const PERSON = { email: `${unique('person')}@example.com`, lastName: unique('name') };
/** Where values of records are kept until their time is over (docs/kept-data.md), and the preview, which shows examples to whoever may see them. */
const KEEPS_VALUES =
  /^database: (((staged|mapped|planned)_records|batch_plans|later_rounds)_\d+|corrections|outcomes)$|^answer \d+: GET \/api\/v1\/previews\//;

let folder: string;
let sandbox: Sandbox;
let installation: Installation;
const answers = new Map<string, string>();
const secrets = new Map<string, string>(Object.entries(SECRETS));

beforeAll(async () => {
  execFileSync(process.execPath, [join('scripts', 'build.mjs')]);
  folder = await mkdtemp(join(tmpdir(), 'sync-markers-'));
  sandbox = await startSandbox({ people: 3 });
  installation = await Installation.start(folder, sandbox, { LOG_LEVEL: 'trace' });
  secrets.set('API key of the settings', installation.secrets.apiKey);
  secrets.set('secret key', installation.secrets.secretKey);
  secrets.set('password of the database', new URL(installation.databaseUrl()).password);
});
afterAll(async () => {
  await installation?.stop();
  await sandbox?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Calls the API and keeps what it answers, headers included. */
async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${installation.apiUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${installation.secrets.apiKey}`,
      'idempotency-key': randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const heads = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  answers.set(`answer ${answers.size}: ${method} ${path}`, `${answer.status}\n${heads}\n${text}`);
  if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return { status: answer.status, text, headers: answer.headers };
}
/** @throws where the call is refused */
async function api<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const { status, text } = await call(method, `/api/v1${path}`, body);
  if (status >= 400) throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
  return JSON.parse(text) as Answer;
}

/** What is shown this once, and is nobody else's afterwards. */
async function shownOnce(name: string, secret: string): Promise<void> {
  expect(secret).toMatch(/^[\w+/=-]{20,}$/);
  secrets.set(name, secret);
  answers.delete([...answers.keys()].at(-1) ?? '');
}

interface Shown {
  status: string;
  lastExecution: { id: string; state: string; counts: { created: number; failed: number } } | null;
}

/** Looks until a sync has one of these statuses. */
async function until(syncId: string, ...statuses: string[]): Promise<Shown> {
  const deadline = performance.now() + RUN_TIMEOUT_MS;
  for (;;) {
    const shown = await api<Shown>('GET', `/syncs/${syncId}`);
    if (statuses.includes(shown.status)) return shown;
    if (performance.now() > deadline) throw new Error(`It came to nothing: ${JSON.stringify(shown)}`);
    await sleep(LOOK_EVERY_MS);
  }
}

async function connections(): Promise<{ marketo: string; salesforce: string }> {
  const { marketo, salesforce } = sandbox;
  const client = { clientId: 'marked', clientSecret: SECRETS['client secret of Marketo'] };
  const control = `${sandbox.controlUrl}/instances/marketo/${marketo.name}/vendor/api-users`;
  await fetch(control, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(client),
  });
  salesforce.vendor.org.changeSettings({ clientSecret: SECRETS['client secret of Salesforce'] });
  const auth = {
    type: 'clientCredentials',
    clientId: salesforce.credentials.clientId,
    clientSecret: SECRETS['client secret of Salesforce'],
  };
  const create = async (kind: string, settings: object) =>
    (await api<{ id: string }>('POST', '/connections', { name: kind, kind, settings: { quotaShare: 1, ...settings } }))
      .id;
  return {
    marketo: await create('marketo', { baseUrl: marketo.url, ...client }),
    salesforce: await create('salesforce', { loginUrl: salesforce.url, auth }),
  };
}

/** It first runs by itself in some days. */
const LATER = {
  ...{ type: 'interval', every: { amount: 1, unit: 'week' } },
  start: new Date(Date.now() - 86_400_000).toISOString(),
};

async function newSync(
  name: string,
  of: { marketo: string; salesforce: string },
  schedule: object = { type: 'now' },
): Promise<string> {
  const { id } = await api<{ id: string }>('POST', '/syncs', {
    name,
    source: { connectionId: of.marketo, object: 'Lead' },
    destination: { connectionId: of.salesforce, object: 'Contact' },
    match: { source: 'email', destination: 'Email' },
    deduplicate: 'youngestByLastUpdate',
    importRule: 'createAndUpdate',
    filter: { column: 'company', operator: 'equals', value: 'Marked' },
    mappings: [
      { from: { field: 'email' }, to: 'Email' },
      { from: { field: 'lastName' }, to: 'LastName' },
    ],
    schedule,
  });
  return id;
}

/** Everything that a log, a history, an answer, a file or the database shows. */
async function places(): Promise<Map<string, string>> {
  const found = new Map(answers);
  for (const file of await readdir(join(folder, 'logs'))) {
    found.set(`log: ${file}`, await readFile(join(folder, 'logs', file), 'utf8'));
  }
  // also as it lies on the disk of Temporal
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || !/\.(db|db-wal|sqlite.*)$/.test(file.name)) continue;
    found.set(`file of Temporal: ${file.name}`, (await readFile(join(file.parentPath, file.name))).toString('latin1'));
  }
  const connection = await Connection.connect({ address: installation.temporalAddress });
  const { workflow } = new Client({ connection });
  for await (const { workflowId, runId } of workflow.list()) {
    const handle = workflow.getHandle(workflowId, runId);
    const { raw } = await handle.describe(); // memo, search attributes, failures of what is pending
    found.set(`history: ${workflowId} ${runId}`, inText([raw, await handle.fetchHistory()]));
  }
  await connection.close();
  const database = openDatabase(installation.databaseUrl());
  for (const [table, text] of await databaseText(database.sql)) found.set(`database: ${table}`, text);
  await database.close();
  return found;
}

/** A message of the protocol as text, its bytes as they are. */
const inText = (message: unknown): string =>
  JSON.stringify(message, (_name, value: unknown) => {
    const bytes = value as { type?: string; data?: number[] } | null;
    if (bytes?.type === 'Buffer' && Array.isArray(bytes.data)) return Buffer.from(bytes.data).toString('utf8');
    return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  });

/** A preview, and a run that moves the person. */
async function runWell(of: { marketo: string; salesforce: string }): Promise<string> {
  const { email, lastName } = PERSON;
  sandbox.marketo.vendor.stores.insertRecords('leads', [{ email, lastName, company: 'Marked' }]);
  const syncId = await newSync('Good', of);
  const { previewId } = await api<{ previewId: string }>('POST', `/syncs/${syncId}/preview`, {});
  let state = 'running';
  while (state === 'running') {
    await sleep(LOOK_EVERY_MS);
    ({ state } = await api<{ state: string }>('GET', `/previews/${previewId}`));
  }
  expect(state).toBe('completed');
  await api('POST', `/syncs/${syncId}/activate`);
  const { lastExecution } = await until(syncId, 'completed', 'needsAttention');
  expect(lastExecution?.counts).toMatchObject({ created: 1, failed: 0 });
  return syncId;
}

/** A run whose records Salesforce refuses in words that quote them. */
async function runRefused(of: { marketo: string; salesforce: string }): Promise<string> {
  const { email, lastName } = PERSON;
  const message = `No such value: ${lastName} of ${email}`;
  for (const path of ['/services/*/jobs/*', '/services/*/composite/*']) {
    const action: FaultInput['action'] = { type: 'vendorError', code: 'INVALID_FIELD', status: 400, message };
    sandbox.salesforce.addFault({ match: { path }, count: 20, action });
  }
  sandbox.marketo.vendor.stores.insertRecords('leads', [{ email: `second-${email}`, lastName, company: 'Marked' }]);
  const syncId = await newSync('Refused', of);
  await api('POST', `/syncs/${syncId}/activate`);
  await until(syncId, 'completed', 'needsAttention');
  sandbox.salesforce.clearFaults();
  return syncId;
}

/** A run that both vendors let sign in no more, in words that quote the secrets. */
async function runLockedOut(of: { marketo: string; salesforce: string }): Promise<string> {
  const syncId = await newSync('Locked out', of, LATER);
  await api('POST', `/syncs/${syncId}/activate`);
  const body = JSON.stringify({
    error: 'invalid_client',
    error_description: `Bad: ${Object.values(SECRETS).join(' ')}`,
  });
  const refusal: FaultInput['action'] = {
    type: 'respond',
    status: 401,
    headers: { 'content-type': 'application/json' },
    body,
  };
  sandbox.marketo.addFault({ match: { path: '/identity/oauth/token' }, action: refusal });
  sandbox.salesforce.addFault({ match: { path: '/services/oauth2/token' }, action: refusal });
  sandbox.marketo.addFault({ match: { path: '/rest/*' }, count: 1, action: { type: 'expireTokens' } });
  await api('POST', `/syncs/${syncId}/run-now`);
  const tested = await api(`POST`, `/connections/${of.marketo}/test`);
  expect(tested).toMatchObject({ ok: false });
  await until(syncId, 'needsAttention');
  return syncId;
}

/** Asks for everything that tells of connections and syncs, but for lists of records. */
async function askAround(of: { marketo: string; salesforce: string }, syncIds: readonly string[]): Promise<void> {
  const paths = [
    'connections',
    ...Object.values(of).map((id) => `connections/${id}`),
    'syncs',
    'audit?limit=1000',
    'api-keys',
  ];
  for (const syncId of syncIds) {
    const { items } = await api<{ items: { id: string }[] }>('GET', `/syncs/${syncId}/executions`);
    paths.push(`syncs/${syncId}`, `syncs/${syncId}/versions`);
    for (const { id } of items) paths.push(...['', '/causes', '/timeline'].map((rest) => `executions/${id}${rest}`));
  }
  for (const path of [...paths, 'definitions', 'definitions?format=yaml']) await call('GET', `/api/v1/${path}`);
  for (const path of ['/metrics', '/openapi.json', '/healthz', '/readyz']) await call('GET', path);
  const settings = {
    baseUrl: sandbox.marketo.url,
    clientId: 'marked',
    clientSecret: SECRETS['client secret of Marketo'],
  };
  const wrong = { name: 'Wrong', kind: 'marketo', settings: { ...settings, unknown: true } };
  expect((await call('POST', '/api/v1/connections', wrong)).status).toBe(422);
}

test('at the log level trace no secret is anywhere in any form, and values of records only where they are kept for a time (ASVS 13.3.1, 14.2.4, 16.2.5, 16.5.1)', async () => {
  const made = await api<{ key: string }>('POST', '/api-keys', { name: 'Marked', role: 'operator' });
  await shownOnce('API key that was made', made.key);
  const opened = await call('POST', '/api/v1/session');
  await shownOnce('session', /=([\w-]+);/.exec(opened.headers.get('set-cookie') ?? '')?.[1] ?? '');
  const link = await api<{ url: string }>('POST', '/session/links');
  await shownOnce('link that signs in', new URL(link.url).searchParams.get('token') ?? '');
  const webhook = await api<{ id: string; secret: string }>('POST', '/webhooks', {
    ...{ name: 'Marked', url: 'https://hooks.example.invalid/', events: WEBHOOK_EVENTS },
  });
  await shownOnce('signing secret', webhook.secret);
  const of = await connections();
  for (const id of Object.values(of)) expect(await api('POST', `/connections/${id}/test`)).toMatchObject({ ok: true });
  const good = await runWell(of);
  await askAround(of, [good, await runRefused(of), await runLockedOut(of)]);
  const { items } = await api<{ items: unknown[] }>('GET', `/webhooks/${webhook.id}/deliveries`);
  expect(items.length).toBeGreaterThan(0);

  const all = await places();

  const found = (marker: string) => placesOf(marker, all);
  // what is looked through is there, and markers are found in it
  const kinds = ['history: ', 'log: ', 'database: ', 'answer ', 'file of Temporal: '];
  for (const kind of kinds) expect(found(good)).toContainEqual(expect.stringMatching(new RegExp(`^${kind}`)));
  expect(all.get('log: worker-1.log')).toMatch(/"level":[12]0/);
  expect(found(PERSON.lastName)).toContainEqual(expect.stringMatching(KEEPS_VALUES));
  const seen = [...secrets].map(([name, secret]) => [name, found(secret)]);
  expect(seen).toEqual([...secrets.keys()].map((name) => [name, []]));
  for (const value of Object.values(PERSON))
    expect(found(value).filter((name) => !KEEPS_VALUES.test(name))).toEqual([]);
});
