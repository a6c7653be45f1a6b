/** Measures the sandbox as Marketo: how fast it is filled, streams files, pages and writes. Not a part of `npm test`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDemoData } from '../src/sandbox/demo/demo-data';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox';
import { measure, printDepth } from './measure';

const DAY_MS = 86_400_000;
const FIELDS = [
  'id',
  'email',
  'firstName',
  'lastName',
  'title',
  'company',
  'city',
  'country',
  'phone',
  'crmKey',
  'leadScore',
  'updatedAt',
];

type Caller = (path: string, init?: RequestInit) => Promise<Response>;

async function main(): Promise<void> {
  const people = Number(process.argv[2] ?? 100_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'sync-bench-'));
  const sandbox = await startSandbox({ dataDir });
  try {
    sandbox.marketo.vendor.stores.settings.change({
      callsPerWindow: 0,
      callsAtOnce: 0,
      callsPerDay: 0,
      exportBytesPerDay: 0,
      jobMs: 0,
    });
    const call = await signIn(sandbox);
    const now = sandbox.clock.now();
    await measure('load', people, () => loadDemoData({ marketo: sandbox.marketo.state, people, seed: 1, now }));
    await extract(sandbox, call);
    await pageMembers(sandbox, call, people);
    await writeLeads(call, Math.min(people, 60_000));
    console.log(`memory: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`);
  } finally {
    await sandbox.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function signIn({ marketo }: Sandbox): Promise<Caller> {
  const { clientId, clientSecret } = marketo.credentials;
  const query = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const answer = (await (await fetch(`${marketo.url}/identity/oauth/token?${query}`)).json()) as {
    access_token: string;
  };
  return (path, init = {}) =>
    fetch(marketo.url + path, {
      ...init,
      headers: { Authorization: `Bearer ${answer.access_token}`, ...init.headers },
    });
}

const post = (call: Caller, path: string, body: unknown): Promise<Response> =>
  call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/** One job for each month of the last year; making the files and sending them are measured apart. */
async function extract({ clock }: Sandbox, call: Caller): Promise<void> {
  const exportIds: string[] = [];
  let records = 0;
  const start = performance.now();
  for (let daysAgo = 366; daysAgo > 0; daysAgo -= 30) {
    const from = clock.now() - daysAgo * DAY_MS;
    const filter = { createdAt: { startAt: instant(from), endAt: instant(from + 30 * DAY_MS - 1000) } };
    const made = await post(call, '/bulk/v1/leads/export/create.json', { fields: FIELDS, filter });
    const { result } = (await made.json()) as { result: [{ exportId: string }] };
    exportIds.push(result[0].exportId);
    await call(`/bulk/v1/leads/export/${result[0].exportId}/enqueue.json`, { method: 'POST' });
    records += await completed(call, result[0].exportId);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(`extract, files made: ${records} records in ${seconds.toFixed(1)} s, ${Math.round(records / seconds)}/s`);
  await measure('extract, files sent', records, async () => {
    for (const exportId of exportIds) await (await call(`/bulk/v1/leads/export/${exportId}/file.json`)).arrayBuffer();
  });
}

async function completed(call: Caller, exportId: string): Promise<number> {
  for (;;) {
    const answer = await call(`/bulk/v1/leads/export/${exportId}/status.json`);
    const { result } = (await answer.json()) as { result: [{ status: string; numberOfRecords: number }] };
    if (result[0].status === 'Completed') return result[0].numberOfRecords;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const instant = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}Z`;

/** All members of a list, page by page: the last page takes no longer than the first. */
async function pageMembers({ marketo }: Sandbox, call: Caller, people: number): Promise<void> {
  const list = marketo.vendor.stores.lists.byName('Newsletter readers');
  if (!list) return;
  const times: number[] = [];
  let token = '';
  await measure('members of a list', Math.ceil(people / 5), async () => {
    do {
      const start = performance.now();
      const query = token === '' ? '' : `?nextPageToken=${encodeURIComponent(token)}`;
      const page = (await (await call(`/rest/v1/lists/${list.id}/leads.json${query}`)).json()) as {
        nextPageToken?: string;
      };
      times.push(performance.now() - start);
      token = page.nextPageToken ?? '';
    } while (token !== '');
  });
  printDepth(times);
}

async function writeLeads(call: Caller, count: number): Promise<void> {
  const batch = (first: number, city: string): unknown => ({
    input: Array.from({ length: 300 }, (_, index) => ({
      email: `bench${first + index}@example.net`,
      firstName: 'Bench',
      lastName: `Person ${first + index}`,
      city,
      country: 'Austria',
      phone: '+43 1 555',
      title: 'Tester',
      crmKey: `B-${first + index}`,
      leadScore: 3,
    })),
  });
  for (const [what, city] of [
    ['Sync Leads, new', 'Graz'],
    ['Sync Leads, unchanged', 'Graz'],
    ['Sync Leads, changed', 'Linz'],
  ] as const)
    await measure(what, count, async () => {
      for (let first = 0; first < count; first += 300)
        await (await post(call, '/rest/v1/leads.json', batch(first, city))).arrayBuffer();
    });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
