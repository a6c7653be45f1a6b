import { parse } from 'csv-parse/sync';
import type { JobAnswer } from './salesforce-bulk-jobs';
import { useSandboxProcess } from './sandbox-process';

const ROWS = 20_000;
const KILLS = 3;

describe('a sandbox that is killed while jobs are in work', () => {
  const program = useSandboxProcess();

  test('when it is started again, they go on: every row is written once', async () => {
    let client = await signIn(await program.start('Salesforce'));
    const { id } = await client.json('POST', '/jobs/ingest', { object: 'Contact', operation: 'insert' });
    const rows = Array.from({ length: ROWS }, (_, index) => `Killed,${index}\n`);
    await client.put(`/jobs/ingest/${id}/batches`, `LastName,FirstName\n${rows.join('')}`);
    await client.json('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
    const progress = [0];
    for (let kills = 0; kills < KILLS; kills += 1) {
      const before = progress.at(-1) ?? 0;
      const job = await client.until(id, (look) => look.numberRecordsProcessed > before || before === ROWS);
      progress.push(job.numberRecordsProcessed);
      await program.kill();
      client = await signIn(await program.start('Salesforce'));
    }

    const job = await client.until(id, ({ state }) => state === 'JobComplete');

    // on a busy machine it may be through before all the kills, not before the first
    expect(progress[1]).toBeLessThan(ROWS);
    expect(job).toMatchObject({ numberRecordsProcessed: ROWS, numberRecordsFailed: 0 });
    const told = parse(await client.text(`/jobs/ingest/${id}/successfulResults`), { columns: true }) as JobAnswer[];
    expect(new Set(told.map(({ sf__Id }) => sf__Id)).size).toBe(ROWS);
    expect(new Set(told.map(({ FirstName }) => FirstName)).size).toBe(ROWS);
    const count = await client.json('GET', `/query?q=${encodeURIComponent('SELECT COUNT() FROM Contact')}`);
    expect(count.totalSize).toBe(ROWS);
  }, 60_000);

  test('a query job that was interrupted answers every record once', async () => {
    await program.kill();
    let client = await signIn(await program.start('Salesforce'));
    const query = 'SELECT Id FROM Contact';
    const { id } = await client.json('POST', '/jobs/query', { operation: 'query', query });
    await client.until(id, ({ numberRecordsProcessed }) => numberRecordsProcessed > 0, 'query');
    await program.kill();
    client = await signIn(await program.start('Salesforce'));

    const job = await client.until(id, ({ state }) => state === 'JobComplete', 'query');

    const told = parse(await client.text(`/jobs/query/${id}/results`), { columns: true }) as JobAnswer[];
    expect(job.numberRecordsProcessed).toBe(ROWS);
    expect(told).toHaveLength(ROWS);
    expect(new Set(told.map(({ Id }) => Id)).size).toBe(ROWS);
  }, 60_000);
});

async function signIn(url: string) {
  const form = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
  const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  const headers = { Authorization: `Bearer ${((await answer.json()) as { access_token: string }).access_token}` };
  const base = `${url}/services/data/v60.0`;
  const json = async (method: string, path: string, body?: unknown): Promise<JobAnswer> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    return (await (await fetch(base + path, { method, headers, ...init })).json()) as JobAnswer;
  };
  return {
    json,
    text: async (path: string): Promise<string> => (await fetch(base + path, { headers })).text(),
    put: (path: string, body: string) =>
      fetch(base + path, { method: 'PUT', headers: { ...headers, 'Content-Type': 'text/csv' }, body }),
    async until(id: string, isSo: (job: JobAnswer) => boolean, kind = 'ingest'): Promise<JobAnswer> {
      for (;;) {
        const job = await json('GET', `/jobs/${kind}/${id}`);
        if (isSo(job)) return job;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}
