/**
 * `npm run bench -- changed-only [PEOPLE]`: a sync that reads what changed moves so many Marketo people (default 100,000) to Salesforce;
 * then one in a hundred is changed, and it runs again; then it runs once more, with nothing changed. Prints what each run took, the
 * calls that it made and the length of its history.
 */
import { PART_NAMES } from '../src/local/supervised-part';
import { loadText } from './cpu';
import { Everything } from './everything';

const people = Number(process.argv[2] ?? 100_000);
/** Records of a call of Marketo's. */
const CALL_RECORDS = 300;

/** Changes the title of one person in a hundred, as any program would. */
async function changeSome(everything: Everything): Promise<number> {
  const { url, credentials } = await everything.instance('marketo');
  const { clientId, clientSecret } = credentials;
  const grant = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const signIn = (await (await fetch(`${url}/identity/oauth/token?${grant}`)).json()) as { access_token: string };
  const headers = { authorization: `Bearer ${signIn.access_token}`, 'content-type': 'application/json' };
  const changes = Array.from({ length: Math.floor(people / 100) }, (_none, n) => ({
    id: (n + 1) * 100,
    title: `New title ${n}`,
  }));
  let changed = 0;
  for (let from = 0; from < changes.length; from += CALL_RECORDS) {
    const input = changes.slice(from, from + CALL_RECORDS);
    const body = JSON.stringify({ action: 'updateOnly', lookupField: 'id', input });
    const answer = await fetch(`${url}/rest/v1/leads.json`, { method: 'POST', headers, body });
    const { result = [] } = (await answer.json()) as { result?: { status: string }[] };
    changed += result.filter(({ status }) => status === 'updated').length;
  }
  return changed;
}

async function measureRun(everything: Everything, syncId: string, number: number): Promise<void> {
  await everything.untilMarketoForgets();
  const requestsBefore = await everything.requestsMade();
  const before = await everything.cpu();
  const start = performance.now();
  const { counts } = await everything.run(syncId, number);
  const seconds = (performance.now() - start) / 1000;
  const after = await everything.cpu();
  const requests = (await everything.requestsMade()) - requestsBefore;
  const { spans, events } = await everything.history(`sync/${syncId}/execution/${number}`);
  const cpu = PART_NAMES.map((part) => `${part} ${(after[part] - before[part]).toFixed(1)} s`);
  console.log(
    `run ${number}: ${seconds.toFixed(1)} s, ${requests} requests, ${events} events; ${JSON.stringify(counts)}`,
  );
  console.log(`  ${spans.map(({ name, seconds: spent }) => `${name} ${spent.toFixed(1)} s`).join(', ')}`);
  console.log(`  CPU: ${cpu.join(', ')}; ${loadText()}`);
}

async function measureRuns(everything: Everything): Promise<void> {
  const syncId = await everything.savedSync({ records: 'changed' });
  await measureRun(everything, syncId, 1);
  console.log(`${await changeSome(everything)} people are changed`);
  await measureRun(everything, syncId, 2);
  await measureRun(everything, syncId, 3);
}

Everything.with(people, measureRuns).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
