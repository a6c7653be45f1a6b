import type { MarketoHost, SalesforceHost } from '../../src/sandbox/sandbox';

/** Signs in to an org, as any program would. @returns what its calls carry */
async function signedIn(host: SalesforceHost): Promise<{ authorization: string }> {
  const { clientId, clientSecret } = host.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const answer = await fetch(`${host.url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}

/** Changes, creates or deletes a record directly. @param path below `/sobjects`: `Contact/003…` @returns the Id of a created one */
export async function salesforceWrite(
  host: SalesforceHost,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  values?: Record<string, unknown>,
): Promise<string | null> {
  const headers = { ...(await signedIn(host)), 'content-type': 'application/json' };
  const url = `${host.url}/services/data/v60.0/sobjects/${path}`;
  const answer = await fetch(url, { method, headers, ...(values ? { body: JSON.stringify(values) } : {}) });
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`);
  return method === 'POST' ? ((await answer.json()) as { id: string }).id : null;
}

/** Records of one collection request. */
const AT_ONCE = 200;

/** Makes records of an org directly. @returns their Ids, in order */
export async function givenSalesforceRecords(
  host: SalesforceHost,
  object: string,
  records: readonly Record<string, unknown>[],
): Promise<string[]> {
  const headers = { ...(await signedIn(host)), 'content-type': 'application/json' };
  const ids: string[] = [];
  for (let first = 0; first < records.length; first += AT_ONCE) {
    const some = records.slice(first, first + AT_ONCE).map((record) => ({ attributes: { type: object }, ...record }));
    const body = JSON.stringify({ allOrNone: true, records: some });
    const answer = await fetch(`${host.url}/services/data/v60.0/composite/sobjects`, { method: 'POST', headers, body });
    const results = (await answer.json()) as { id: string; success: boolean }[];
    if (!answer.ok || results.some(({ success }) => !success)) throw new Error(`${object} records were refused.`);
    ids.push(...results.map(({ id }) => id));
  }
  return ids;
}

/**
 * Asks an org directly, as any program would: signs in and reads all pages of a query.
 * @returns the records, without what describes them
 */
export async function salesforceRows(host: SalesforceHost, soql: string): Promise<Record<string, unknown>[]> {
  const headers = await signedIn(host);
  const rows: Record<string, unknown>[] = [];
  let path: string | undefined = `/services/data/v60.0/query?q=${encodeURIComponent(soql)}`;
  while (path) {
    const answer: Response = await fetch(`${host.url}${path}`, { headers });
    if (!answer.ok) throw new Error(`${soql} was answered with ${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as { records: Record<string, unknown>[]; nextRecordsUrl?: string };
    rows.push(...page.records.map(({ attributes: _description, ...values }) => values));
    path = page.nextRecordsUrl;
  }
  return rows;
}

/** All people of an instance as its API would show them, in the order of their ids. */
export function marketoPeople({ vendor }: MarketoHost): Record<string, unknown>[] {
  const { leads } = vendor.stores;
  return leads.ids('select id from mk_leads order by id').flatMap((id) => {
    const row = leads.get(id);
    return row ? [leads.snapshot(row)] : [];
  });
}

/** All companies of an instance, in the order of their ids. */
export function marketoCompanies({ vendor }: MarketoHost): Record<string, unknown>[] {
  const { companies } = vendor.stores;
  return companies.rows(0, companies.count()).map((row) => companies.snapshot(row));
}

/** What two addresses have in common that are the same to both vendors. */
export const addressKey = (value: unknown): string => (typeof value === 'string' ? value.trim().toLowerCase() : '');

/** Creates a bulk job without data, as any program would. @returns its Id */
export async function givenBulkJob(
  host: SalesforceHost,
  { object, operation }: { object: string; operation: string },
): Promise<string> {
  const headers = { ...(await signedIn(host)), 'content-type': 'application/json' };
  const url = `${host.url}/services/data/v60.0/jobs/ingest`;
  const body = JSON.stringify({ object, operation, contentType: 'CSV' });
  const answer = await fetch(url, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`The job was answered with ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Bulk jobs of an org that have not ended, as any program would list them. @returns their Ids and states */
export async function openBulkJobs(host: SalesforceHost): Promise<{ id: string; state: string }[]> {
  const headers = await signedIn(host);
  const jobs: { id: string; state: string }[] = [];
  for (const kind of ['ingest', 'query']) {
    let path: string | null = `/services/data/v60.0/jobs/${kind}`;
    while (path) {
      const answer: Response = await fetch(new URL(path, host.url), { headers });
      if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
      const page = (await answer.json()) as { records: { id: string; state: string }[]; nextRecordsUrl: string | null };
      jobs.push(...page.records);
      path = page.nextRecordsUrl;
    }
  }
  return jobs.filter(({ state }) => !['JobComplete', 'Failed', 'Aborted'].includes(state));
}
