/**
 * `npm run bench -- sandbox-salesforce [PEOPLE]`: the sandbox as Salesforce: how fast it is filled (five people make three contacts or
 * leads), streams a Bulk query, pages by REST, and takes Bulk inserts and updates. Not a part of `npm test`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadDemoData } from '../src/sandbox/demo/demo-data';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox';
import { measure, printDepth } from './measure';

const people = Number(process.argv[2] ?? 100_000);
const VERSION = '/services/data/v60.0';
const SOQL = 'SELECT Id, Email, FirstName, LastName, Title, Phone, MailingCity, SystemModstamp FROM Contact';
const INGEST_ROWS = 50_000;
const POLL_MS = 20;
const MB = 2 ** 20;

type Caller = (path: string, init?: RequestInit) => Promise<Response>;

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sync-bench-'));
  const sandbox = await startSandbox({ dataDir });
  try {
    const { vendor } = sandbox.salesforce;
    const call = await signIn(sandbox);
    const now = sandbox.clock.now();
    await measure('load', people, () => loadDemoData({ salesforce: vendor, people, seed: 1, now }));
    await bulkQuery(call);
    await pages(call);
    await ingest(call, 'insert', (row) => [`Person ${row}`, `bench${row}@example.net`, 'Graz']);
    console.log(`memory: ${Math.round(process.memoryUsage.rss() / MB)} MB`);
  } finally {
    await sandbox.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function signIn({ salesforce }: Sandbox): Promise<Caller> {
  const { clientId, clientSecret } = salesforce.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const url = `${salesforce.url}/services/oauth2/token`;
  const answer = await (await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).json();
  const authorization = `Bearer ${(answer as { access_token: string }).access_token}`;
  return (path, init = {}) =>
    fetch(salesforce.url + path, {
      ...init,
      headers: { authorization, 'accept-encoding': 'identity', ...init.headers },
    });
}

const json = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

interface JobInfo {
  id: string;
  state: string;
  numberRecordsProcessed: number;
}

async function ended(call: Caller, path: string): Promise<JobInfo> {
  for (;;) {
    const job = (await (await call(path)).json()) as JobInfo;
    if (job.state === 'JobComplete') return job;
    if (job.state === 'Failed') throw new Error(JSON.stringify(job));
    await sleep(POLL_MS);
  }
}

/** The whole result as one file, as large as it is. */
async function bulkQuery(call: Caller): Promise<void> {
  const made = await call(`${VERSION}/jobs/query`, json('POST', { operation: 'query', query: SOQL }));
  const { id } = (await made.json()) as JobInfo;
  const { numberRecordsProcessed: records } = await ended(call, `${VERSION}/jobs/query/${id}`);
  await measure('Bulk query, file sent', records, async () => {
    const answer = await call(`${VERSION}/jobs/query/${id}/results?maxRecords=${records}`);
    let bytes = 0;
    for await (const chunk of answer.body ?? []) bytes += (chunk as Uint8Array).length;
    console.log(`  ${Math.round(bytes / MB)} MB`);
  });
}

async function pages(call: Caller): Promise<void> {
  const times: number[] = [];
  let records = 0;
  const start = performance.now();
  for (let path: string | undefined = `${VERSION}/query?q=${encodeURIComponent(SOQL)}`; path; ) {
    const asked = performance.now();
    const page = (await (await call(path)).json()) as { records: unknown[]; nextRecordsUrl?: string };
    // the first one makes the list of all that follow
    if (records > 0) times.push(performance.now() - asked);
    records += page.records.length;
    path = page.nextRecordsUrl;
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(`REST query, pages: ${records} records in ${seconds.toFixed(1)} s, ${Math.round(records / seconds)}/s`);
  printDepth(times);
}

async function ingest(call: Caller, operation: string, cellsOf: (row: number) => string[]): Promise<void> {
  const lines = Array.from({ length: INGEST_ROWS }, (_none, row) => cellsOf(row).join(','));
  const file = ['LastName,Email,MailingCity', ...lines, ''].join('\n');
  await measure(`Bulk ${operation}`, INGEST_ROWS, async () => {
    const made = await call(`${VERSION}/jobs/ingest`, json('POST', { object: 'Contact', operation }));
    const { id } = (await made.json()) as JobInfo;
    const path = `${VERSION}/jobs/ingest/${id}`;
    await call(`${path}/batches`, { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: file });
    await call(path, json('PATCH', { state: 'UploadComplete' }));
    await ended(call, path);
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
