import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expectAccessible } from '../support/accessibility';
import { fromSetUp, SERVICE_VARIABLES } from '../support/service-variables';
import { WebUiStack } from '../support/web-ui-stack';

jest.setTimeout(120_000);

const WEEKLY = {
  type: 'interval',
  every: { amount: 1, unit: 'week' },
  start: '2026-11-02T02:30',
  timeZone: 'Europe/Vienna',
};

let stack: WebUiStack;
let page: Page;

beforeAll(async () => {
  stack = await WebUiStack.start({ people: 5 });
  page = await stack.open();
}, 120_000);
afterAll(() => stack.stop());
afterEach(() => expect(stack.complaints()).toEqual([]));

const heading = (name: string) => page.getByRole('heading', { name, exact: true });
const button = (name: string) => page.getByRole('button', { name, exact: true });

test('a one-time link signs in without a trace in the address; a first visitor finds the way to a sync and to the demo', async () => {
  await heading('Syncs').waitFor();
  await heading('No syncs yet').waitFor();

  expect(page.url()).toBe(`${stack.api.url}/`);
  await page.getByRole('link', { name: 'Add New Sync' }).waitFor();
  await button('Load the demo').waitFor();
  await expectAccessible(page);
});

test('who is not signed in signs in with an API key, on the page that was asked for; a link that was used says so', async () => {
  const link = await stack.signInLink();
  await page.goto(link);
  await heading('Syncs').waitFor();
  await stack.context.clearCookies();
  await page.goto(link);
  await page.getByText('This sign-in link has ended').waitFor();
  await expectAccessible(page);
  await page.goto(`${stack.api.url}/connections`);

  await button('Sign in').click();
  await page.getByText('Enter an API key.').waitFor();
  await page.getByLabel('API key', { exact: true }).fill('sync_wrong');
  await button('Sign in').click();
  await page.getByText('This API key is wrong, was revoked, or has expired.').waitFor();
  await page.getByLabel('API key', { exact: true }).fill(` ${stack.api.key} `);
  await page.getByLabel('API key', { exact: true }).press('Enter');

  await heading('Connections').waitFor();
});

test('the list tells of each sync in words, and is searched, filtered and ordered by what stands in the address', async () => {
  const once = await stack.activatedSync({ name: 'People to contacts' });
  await stack.savedSync({ name: 'A draft of mine', schedule: WEEKLY });
  await stack.untilEnded(once);
  await stack.open('/', page);

  const row = page.getByRole('row', { name: /People to contacts/ });
  await row.getByText('Completed').waitFor();
  await row.getByText('Lead in Demo Marketo').waitFor();
  await page.getByRole('row', { name: /A draft of mine.*Draft.*Every week.*Has not run yet/ }).waitFor();
  await expectAccessible(page);
  await page.getByLabel('Status', { exact: true }).selectOption({ label: 'Draft (1)' });
  await page.getByText('1 of 2 syncs').waitFor();
  await page.reload();
  await page.getByText('1 of 2 syncs').waitFor();
  await page.getByLabel('Connection').selectOption('Demo Marketo');
  await page.getByText('1 of 2 syncs').waitFor();
  await page.getByLabel('Direction').selectOption('Salesforce → Marketo');
  await page.getByText('No sync matches the search and the filters.').waitFor();
  await page.reload();
  await page.getByText('No sync matches the search and the filters.').waitFor();
  await button('Show all').click();
  await button('Status').click();
  await page.waitForURL((url) => url.search === '?sort=status');
  await page.getByText('2 syncs').waitFor();
  await page.getByRole('row').nth(1).filter({ hasText: 'A draft of mine' }).waitFor();
});

test('a sync is deleted from its menu by the keyboard, after a question that says what stays', async () => {
  await stack.open('/?status=draft', page);
  await page.getByRole('button', { name: 'Actions for A draft of mine' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Delete' }).focus();
  await page.keyboard.press('Enter');

  const dialog = page.getByRole('dialog', { name: 'Delete "A draft of mine"?' });
  await dialog.getByText('What it has loaded stays in the destination.').waitFor();
  await dialog.getByRole('button', { name: 'Delete' }).focus();
  await page.keyboard.press('Enter');

  await page.getByText('0 of 1 sync', { exact: true }).waitFor();
  expect(await page.getByText('A draft of mine', { exact: true }).count()).toBe(0);
  expect(new URL(page.url()).search).toBe('?status=draft');
});

test('connections tell whether they work, what is left of their quota, and where they are used', async () => {
  await stack.open('/connections', page);

  const card = page.getByRole('listitem').filter({ hasText: 'Demo Marketo' });
  await card.getByText('Works').waitFor();
  await card.getByText(/[\d,]+ of 50,000 used, [\d,]+ left/).waitFor();
  const another = await stack.savedSync({ name: 'Another' });
  await page.reload();
  await card.getByRole('link', { name: 'Another' }).waitFor();
  await card.getByText('as source', { exact: true }).first().waitFor();
  await card.getByRole('link', { name: 'People to contacts' }).waitFor();
  await expectAccessible(page);
  await stack.api.call('DELETE', `/syncs/${another}`);
  expect(await page.getByRole('button', { name: /Delete\s+Demo Marketo/ }).isDisabled()).toBe(true);
  await card.getByText('It can be deleted once no sync uses it').waitFor();
});

test('what is wrong with a new connection stands beside its field, and a session that ends under it loses nothing typed', async () => {
  const { clientId, clientSecret } = stack.sandbox.marketo.credentials;
  const form = page.getByRole('dialog', { name: 'Add connection' });
  const submit = form.getByRole('button', { name: 'Add connection' });
  await stack.open('/connections', page);
  await button('Add connection').click();

  await submit.click();
  await form.getByText('Enter an address that begins with https://').waitFor();
  await form.getByLabel('Name').and(page.locator(':focus')).waitFor();
  await expectAccessible(page);
  await form.getByLabel('Name').fill('Demo Marketo');
  await form.getByLabel('Address of the REST API').fill(stack.sandbox.marketo.url);
  await form.getByLabel('Client Id').fill(clientId);
  await form.getByLabel('Client secret').fill(clientSecret);
  await submit.click();
  await form.getByText('The name is taken.', { exact: true }).waitFor();
  await form.getByLabel('Name').fill('Second Marketo');
  await stack.api.database.sql`delete from sessions`;
  await submit.click();
  const again = page.getByRole('dialog', { name: 'Sign in again' });
  await again.getByLabel('API key', { exact: true }).fill(stack.api.key);
  await again.getByRole('button', { name: 'Sign in' }).click();

  await heading('Second Marketo').waitFor();
  expect(await page.content()).not.toContain('Sign in again');
});

test('somebody signs in at Salesforce, lets Sync in, and comes back to a connection that works; or does not, and nothing is connected', async () => {
  const { clientId, clientSecret } = stack.sandbox.salesforce.credentials;
  const form = page.getByRole('dialog', { name: 'Add connection' });
  const goAway = async () => {
    await stack.open('/connections', page);
    await button('Add connection').click();
    await form.getByText('Salesforce', { exact: true }).click();
    await form.getByLabel('Name').fill('Salesforce by consent');
    await form.getByLabel('Sign-in address').fill(stack.sandbox.salesforce.url);
    await form.getByRole('combobox', { name: 'Sign-in method' }).click();
    await page.getByRole('option', { name: "In the browser, on Salesforce's own page" }).click();
    await form.getByLabel('Consumer key (client Id)').fill(clientId);
    await form.getByLabel('Consumer secret').fill(clientSecret);
    await expectAccessible(page);
    await form.getByRole('button', { name: 'Sign in at Salesforce' }).click();
    await heading('Allow access?').waitFor();
  };

  await goAway();
  await button('Deny').click();
  await page.getByText("You did not allow access on Salesforce's page, so nothing was connected.").waitFor();
  await expectAccessible(page);
  await goAway();
  await button('Allow').click();

  const card = page.getByRole('listitem').filter({ hasText: 'Salesforce by consent' });
  await card.getByText('Works').waitFor();
  expect(page.url()).not.toContain('code=');
});

test('several syncs are paused together, and each has a switch; a key leads to the search, another one to the list of keys, and neither while one types', async () => {
  const filter = { column: 'email', operator: 'isNotEmpty' };
  for (const name of ['Weekly one', 'Weekly two']) await stack.activatedSync({ name, filter, schedule: WEEKLY });
  await stack.open('/', page);
  await page.getByLabel('Select Weekly one').check();
  await page.getByLabel('Select Weekly two').check();
  await button('Pause').click();
  await page.getByRole('dialog', { name: 'Pause 2 syncs?' }).getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('row', { name: /Weekly one.*Paused/ }).waitFor();
  await page.getByRole('row', { name: /Weekly two.*Paused/ }).waitFor();
  await page.getByRole('switch', { name: 'Weekly one is active' }).press('Space');
  await page.getByRole('row', { name: /Weekly one.*Active/ }).waitFor();

  await heading('Syncs').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('two?');
  await page.getByText('No sync matches the search and the filters.').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  await heading('Syncs').focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Go to the search of the page').waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await button('Show all').click();
  await button('Actions for Weekly two').click();
  const run = page.getByRole('menuitem', { name: 'Run now Resume the sync to run it' });
  await run.and(page.locator(':disabled')).waitFor();
  await expectAccessible(page);
  await button('Actions for Weekly two').click();
  await button('Actions for Weekly one').click();
  await page.getByRole('menuitem', { name: 'Pause' }).waitFor();
  await expectAccessible(page);
  // the narrow look has shown another list
  await button('Actions for Weekly one').click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await heading('Basic Sync Configuration').waitFor();
  // what the API stores in another form than the editor is no change
  await page.getByText('Saved; takes effect with the next execution').waitFor();
  expect(await page.getByText('These changes are not saved yet').count()).toBe(0);
});

test('definitions are imported from a file: what is wrong stands by its line, what would change is seen before it is applied', async () => {
  const file = (column: string) => `syncs:
  - name: From a file
    source: { connection: Demo Marketo, object: Lead }
    destination: { connection: Demo Salesforce, object: Contact }
    mappings:
      - { from: { field: email }, to: Email }
      - { from: { field: ${column} }, to: LastName }
    importRule: createAndUpdate
    schedule: { type: now }
`;
  await stack.open('/', page);
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  const wrong = {
    name: 'wrong.yaml',
    mimeType: 'application/yaml',
    buffer: Buffer.from(file('lastNam').replace('createAnd', '')),
  };
  await page.locator('input[type=file]').setInputFiles(wrong);
  await page.getByRole('region', { name: 'Problems to fix' }).getByText('syncs[0].importRule').waitFor();
  await expectAccessible(page);
  await button('Line 8').click();
  const text = page.getByLabel('Definitions');
  const marked = () =>
    text.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd));
  expect(await marked()).toBe('    importRule: Update');

  await text.fill(file('lastNam'));
  await button('Check').click();
  const missing = page.getByRole('region', { name: 'Still missing' });
  await missing.getByText('Lead has no field lastNam.').waitFor();
  await page.getByRole('region', { name: 'Sync From a file' }).getByText('Will be created').waitFor();
  await text.fill(file('lastName'));
  await missing.waitFor({ state: 'detached' });
  await button('Check').click();
  await page.getByText('1 to be created, 0 to be changed, 0 as they are.').waitFor();
  await expectAccessible(page);
  await button('Apply').click();

  await heading('What has changed').waitFor();
  await page.getByRole('link', { name: 'From a file' }).click();
  await heading('From a file').waitFor();
});

test('the page of a sync tells what each version has changed', async () => {
  const syncId = await stack.savedSync({ name: 'Twice saved' });
  const { body } = await stack.api.call('GET', `/syncs/${syncId}`);
  await stack.api.call('PUT', `/syncs/${syncId}`, { ...body, importRule: 'update' });
  await stack.open(`/syncs/${syncId}`, page);

  await button('Show what changed').click();

  const changes = page.getByRole('region', { name: 'Versions' }).getByRole('listitem');
  await changes.filter({ hasText: /^Import Rule was create and update, is now update only$/ }).waitFor();
  await expectAccessible(page);
  await button('Actions for Twice saved').click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Export as YAML' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('Twice saved.yaml');
  expect(await readFile(await file.path(), 'utf8')).toMatch(/name: Twice saved[\s\S]*importRule: update/);
});

test('what is still to be loaded is asked for once for all syncs that a list shows', async () => {
  const few = await stack.fewPeople();
  const mappings = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName', values: { Nobody: 'Nobody' }, otherwise: 'fail' },
  ];
  const syncIds = await Promise.all(
    ['one', 'two', 'three'].map((name) => stack.activatedSync({ name: `Fails ${name}`, filter: few, mappings })),
  );
  for (const syncId of syncIds) await stack.untilEnded(syncId);
  const asked: URL[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname === '/api/v1/still-due') asked.push(url);
  });

  await stack.open('/?search=Fails', page);

  const told = page.getByRole('row').getByText(/failed records? of .* still to be loaded/);
  await told.nth(2).waitFor();
  expect(asked.map(({ pathname }) => pathname)).toEqual(['/api/v1/still-due']);
  expect(asked[0]?.searchParams.get('syncIds')?.split(',').toSorted()).toEqual(syncIds.toSorted());
}, 180_000);

test('no style of the pages goes by a variable that nobody sets', async () => {
  const folder = join(fromSetUp(SERVICE_VARIABLES.webUi), 'assets');
  const files = await readdir(folder);
  const texts = async (ending: string) =>
    Promise.all(files.filter((name) => name.endsWith(ending)).map((name) => readFile(join(folder, name), 'utf8')));
  const [styles, programs] = [(await texts('.css')).join('\n'), (await texts('.js')).join('\n')];
  const used = new Set([...styles.matchAll(/var\((--[\w-]+)[,)]/g)].map(([, name]) => name ?? ''));
  // styles of components that no page has come with the others of their library
  const library = await readFile(require.resolve('@mantine/core/styles.css'), 'utf8');
  const isSet = (name: string) => styles.includes(`${name}:`) || programs.includes(name) || library.includes(name);

  expect(used.size).toBeGreaterThan(100);
  expect([...used].filter((name) => !isSet(name))).toEqual([]);
});

test('colours are those that a person has chosen, whatever the system has', async () => {
  const choose = async (scheme: string) => {
    await page.getByRole('banner').getByRole('button').click();
    await page.getByRole('menuitemradio', { name: scheme }).click();
    await page.getByRole('menu').waitFor({ state: 'detached' });
  };
  const usedScheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.emulateMedia({ colorScheme: 'light' });
  await stack.open('/', page);

  await choose('Dark');
  expect(await usedScheme()).toBe('dark');
  await choose('Same as the system');
  expect(await usedScheme()).toBe('light');
});

test('of some hundred syncs the first page shows at once, more on demand; the server searches and orders them all, and what is shown stays live', async () => {
  const { sql } = stack.api.database;
  await sql`
    with made as (insert into syncs (name) select 'Crowd ' || n from generate_series(1, 300) as n returning sync_id, name)
    insert into sync_versions (sync_id, version, definition, saved_by)
    select sync_id, 1, jsonb_build_object('name', name), 'test' from made`;
  const rows = page.getByRole('row', { name: /Crowd \d+/ });
  await stack.open('/?search=crowd', page);

  await page.getByText(/^300( of \d+)? syncs, the first 50 are shown$/).waitFor();
  await page.getByLabel('Status', { exact: true }).selectOption({ label: 'All' });
  expect(await rows.count()).toBe(50);
  await rows.nth(9).filter({ hasText: 'Crowd 10' }).waitFor();
  await expectAccessible(page);
  await button('Show more syncs').click();
  await page.getByText(/, the first 100 are shown$/).waitFor();
  await rows.nth(99).filter({ hasText: 'Crowd 100' }).waitFor();
  await page.getByRole('columnheader', { name: 'Sync' }).getByRole('button').click();
  await rows.first().filter({ hasText: 'Crowd 300' }).waitFor();
  await page.getByRole('textbox', { name: 'Search' }).fill('crowd 29');
  await page.getByText(/^13 of \d+ syncs$/).waitFor();
  await sql`update syncs set status = 'paused' where name = 'Crowd 299'`;
  await page.getByRole('row', { name: /Crowd 299.*Paused/ }).waitFor();
}, 480_000);
