import { startSandbox } from '../../src/sandbox/sandbox';

/** Signs in and asks for the rows of a query. */
async function ask(url: string, soql: string): Promise<{ totalSize: number; records: Record<string, unknown>[] }> {
  const credentials = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
  const signIn = await fetch(`${url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(credentials),
  });
  const { access_token: token } = (await signIn.json()) as { access_token: string };
  const answer = await fetch(`${url}/services/data/v60.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await answer.json()) as Awaited<ReturnType<typeof ask>>;
}

test('when the sandbox starts with demo data, Salesforce has accounts, contacts and leads, and no write log of them', async () => {
  const sandbox = await startSandbox({ people: 1000 });
  const { url } = sandbox.salesforce;

  const accounts = await ask(url, 'SELECT COUNT() FROM Account');
  const contacts = await ask(url, 'SELECT COUNT() FROM Contact');
  const leads = await ask(url, 'SELECT COUNT() FROM Lead');
  const { records } = await ask(
    url,
    "SELECT Name, Account.Name, CreatedDate, SystemModstamp FROM Contact WHERE Account.Name LIKE '%&%' ORDER BY Id LIMIT 1",
  );

  await sandbox.stop();
  expect([accounts.totalSize, leads.totalSize]).toEqual([252, 100]);
  expect(contacts.totalSize).toBeGreaterThanOrEqual(500);
  expect(records).toMatchObject([{ Name: expect.any(String), Account: { Name: expect.stringContaining('&') } }]);
  expect(sandbox.defects).toEqual([]);
});

test('when a further org is made with people, it has them, and Ids of its own', async () => {
  const sandbox = await startSandbox();

  const further = await sandbox.createInstance('salesforce', { name: 'further', people: 100 });

  const own = await ask(further.url, 'SELECT Id FROM Account LIMIT 1');
  const organization = await ask(further.url, 'SELECT Id FROM Organization');
  const other = await ask(sandbox.salesforce.url, 'SELECT Id FROM Organization');
  const log = further.writeLog();
  await sandbox.stop();
  expect(own.totalSize).toBe(1);
  expect(organization.records[0]?.Id).not.toBe(other.records[0]?.Id);
  expect(log).toEqual([]);
});
