/**
 * Copies all contacts from one org to another by Bulk API 2.0, with jsforce, as short as it can be: what a page of the query's
 * results says is sent on as it came. It keeps no state, looks at no result, and begins anew when it is started again.
 * Arguments: the folder of its packages, a JSON file that says from where to where.
 */
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const [packages, file] = process.argv.slice(2);
const { Connection } = createRequire(join(packages, 'package.json'))('jsforce');
const { source, target, fields } = JSON.parse(readFileSync(file, 'utf8'));
const connect = ({ url, token }) => new Connection({ instanceUrl: url, accessToken: token, version: '60.0' });
const polling = { pollInterval: 500, pollTimeout: 1_800_000 };
const PAGE_ROWS = 50_000;

/** Pages of a query's results, fetched one by one: jsforce's own reader mixes them up. */
async function* pagesOf(connection, soql) {
  const jobs = `${connection.instanceUrl}/services/data/v60.0/jobs/query`;
  const body = JSON.stringify({ operation: 'query', query: soql });
  const { id } = await connection.request({
    method: 'POST',
    url: jobs,
    body,
    headers: { 'content-type': 'application/json' },
  });
  while ((await connection.request(`${jobs}/${id}`)).state !== 'JobComplete') await sleep(polling.pollInterval);
  let locator = '';
  do {
    const page = `${jobs}/${id}/results?maxRecords=${PAGE_ROWS}${locator && `&locator=${locator}`}`;
    const answer = await fetch(page, { headers: { authorization: `Bearer ${connection.accessToken}` } });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    locator = answer.headers.get('sforce-locator');
    yield await answer.text();
  } while (locator && locator !== 'null');
}

async function insert(connection, csv) {
  const job = connection.bulk2.createJob({ object: 'Contact', operation: 'insert', lineEnding: 'LF' });
  await job.open();
  await job.uploadData(csv);
  await job.close();
  await job.poll(polling.pollInterval, polling.pollTimeout);
}

async function main() {
  const running = [];
  for await (const csv of pagesOf(connect(source), `SELECT ${fields.join(', ')} FROM Contact`))
    running.push(insert(connect(target), csv));
  await Promise.all(running);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
