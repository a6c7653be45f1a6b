import type { Page } from 'playwright-core';
import { accessibilityProblems, LOOKS } from '../support/accessibility';
import { settingsOf } from '../support/running-api';
import { WebPerson } from '../support/web-person';
import { DEMO_MARKETO, DEMO_SALESFORCE, WebUiStack } from '../support/web-ui-stack';

jest.setTimeout(300_000);

const PEOPLE = 60;
const MOST_INTERACTIONS = 40;

let stack: WebUiStack;
let page: Page;
let person: WebPerson;

/** Selects a few people by their keys, which takes no export. */
let byKey: { column: string; operator: string; value: string[] };

beforeAll(async () => {
  stack = await WebUiStack.start({ people: PEOPLE });
  const { body } = await stack.api.call('POST', '/examples', {
    connectionId: stack.connectionIds.marketo,
    object: 'Lead',
  });
  const examples = body.items as unknown as { values: { email: string | null } }[];
  byKey = { column: 'email', operator: 'in', value: examples.flatMap(({ values: { email } }) => email ?? []) };
}, 120_000);
afterAll(() => stack.stop());
beforeEach(async () => {
  page = await stack.open();
  person = new WebPerson(page);
});
afterEach(async () => {
  expect(stack.complaints()).toEqual([]);
  await page.close();
});

/** The widest look and the narrowest, one in each theme. */
const SEEN = [LOOKS[0], LOOKS[3]];

/** As the labels of a saved sync's mappings are shown. */
const ORDER = ['Email', 'Last Name (LastName)'] as const;

const editorOf = (syncId: string, step: string) => `/syncs/${syncId}/edit/${step}`;
const text = (words: string | RegExp) => page.getByText(words).first();

test('the guide, word for word: people of Marketo become contacts of Salesforce, in less than 40 interactions', async () => {
  // After clicking Add New Sync from the Sync list page, begin by defining the core Sync settings.
  await person.click('link', 'Add New Sync');
  await person.sees('Basic Sync Configuration');
  await person.choose('Source Connection', DEMO_MARKETO);
  await person.choose('Source Object', /^Person/);
  await person.enter('Name', 'The guide');
  await person.enter('Description', 'As the guide says.');
  await person.click('radio', 'Choose youngest record by last update date');
  await person.click('radio', 'Create and update');
  await person.choose('Destination Connection', DEMO_SALESFORCE);
  await person.choose('Destination Object', /^Contact/);
  await person.click('button', 'Next');

  // Map source fields to destination fields. After completing the mappings, click Next to proceed.
  await person.sees('Field Mappings');
  await page.getByRole('combobox', { name: 'Destination of mapping 1', exact: true }).waitFor();
  await person.click('button', 'Confirm all suggestions');
  await person.click('button', 'Next');

  // Click Add Filter. Select a Column, Operator, and Value.
  await person.sees('Add Filter / Query');
  await person.click('button', 'Add Filter');
  await person.choose('Column', /^Email Address/);
  await person.choose('Operator', 'is one of');
  await person.paste('Value', byKey.value.join('\n'));
  await text(`${byKey.value.length} values were added.`).waitFor();
  // You can click View Query to review the generated filter logic. Once confirmed, click Preview Sync.
  await person.click('button', 'View Query');
  await text(/^Marketo gives the records of Person where Email Address is one of/).waitFor();
  await person.click('button', 'Preview Sync');

  // Top section: the total number of records pulled. Bottom section: the field mappings again.
  await person.sees('Preview Sync');
  await text('Total number of records pulled').waitFor();
  await text('Preview purposes only; nothing has been written.').waitFor();
  await page.getByRole('list', { name: 'Mappings' }).waitFor();
  await person.click('button', 'Next');

  // Once a schedule is selected and activated, execution details appear in a table at the bottom of the page.
  await person.sees('Schedule and Execution');
  await person.click('radio', 'Run Once (Now)');
  await person.click('button', 'Activate');
  await person.sees('Executions');
  await page.getByRole('row', { name: /Succeeded|Partial/ }).waitFor();

  // Execution results can be monitored from the Sync detail page.
  await person.click('link', 'Open the Sync detail page');
  await person.sees('The guide');
  expect(person.interactions).toBeLessThan(MOST_INTERACTIONS);
  const { body } = await stack.api.call('GET', '/syncs?search=The%20guide');
  const [sync] = body.items as unknown as { lastExecution: { counts: Record<string, number> } }[];
  const { read = 0, created = 0, updated = 0 } = sync?.lastExecution.counts ?? {};
  expect(read).toBeGreaterThanOrEqual(byKey.value.length);
  expect(created + updated).toBeGreaterThan(0);
});

test('the way back, by the keyboard alone: contacts of Salesforce become people of Marketo, every day', async () => {
  const key = (name: string) => page.keyboard.press(name);
  await person.tabTo('Add New Sync');
  await key('Enter');
  await person.sees('Basic Sync Configuration');
  await person.pick('Source Connection', DEMO_SALESFORCE);
  await person.pick('Source Object', 'Contact');
  await person.tabTo('Name');
  await page.keyboard.type('The way back');
  await person.pick('Destination Connection', DEMO_MARKETO);
  await person.pick('Destination Object', 'Person');
  await key('Control+Enter');

  await person.sees('Field Mappings');
  await page.getByRole('combobox', { name: 'Destination of mapping 1', exact: true }).waitFor();
  await key('Control+Enter');

  await person.sees('Add Filter / Query');
  await person.tabTo('Has an e-mail');
  await key('Enter');
  await text(/where Email is not empty/).waitFor();
  await key('Control+Enter');

  await person.sees('Preview Sync');
  await text('Total number of records pulled').waitFor();
  await key('Control+Enter');

  await person.sees('Schedule and Execution');
  await person.tabTo('Run Once (Now)');
  await key('Space');
  await key('ArrowDown');
  await key('ArrowDown');
  await person.tabTo('Start date and time');
  await page.keyboard.type('01012099');
  await key('ArrowRight');
  await page.keyboard.type('0230AM');
  await text(/Every day from 1 January 2099 at 02:30/).waitFor();
  await person.tabTo('Activate');
  await key('Enter');
  await person.sees('Executions');
  await text(/None yet/).waitFor();

  const { body } = await stack.api.call('GET', '/syncs?search=The%20way%20back');
  expect(body.items).toEqual([
    expect.objectContaining({ status: 'active', scheduleText: expect.stringMatching(/Every day/) }),
  ]);
});

test('what is begun survives a reload, also what cannot be saved yet; and a second visitor finds the draft', async () => {
  await page.goto(`${stack.api.url}/syncs/new`);
  await person.choose('Source Connection', DEMO_MARKETO);
  await page.reload();
  await person.sees('Basic Sync Configuration');
  await person.reads('Source Connection', DEMO_MARKETO);
  await person.enter('Name', 'Half done');
  await person.field('Description').focus();
  await page.waitForURL(/\/edit\/basics$/);
  const address = page.url();

  await text('Draft saved').waitFor();
  await page.reload();
  await text('Half done · Page 1 of 5').waitFor();
  expect(page.url()).toBe(address);
  await person.reads('Source Connection', DEMO_MARKETO);
  await person.reads('Name', 'Half done');
  await text('Still needed: Source Object, Destination Connection, Destination Object').waitFor();
});

test('two windows: changes to different members are joined, to the same one the person decides, and nothing is lost', async () => {
  const syncId = await stack.savedSync({ name: 'Two windows' });
  await stack.open(editorOf(syncId, 'basics'), page);
  await text('Draft saved').waitFor();
  const change = async (member: Record<string, unknown>) => {
    const { body } = await stack.api.call('GET', `/syncs/${syncId}`);
    expect(await stack.api.call('PUT', `/syncs/${syncId}`, { ...body, ...member })).toMatchObject({ status: 200 });
  };

  await change({ description: 'from elsewhere' });
  await person.enter('Name', 'Two windows, mine');
  await person.field('Description').focus();
  await person.reads('Description', 'from elsewhere');
  const { description } = await stack.api.until(syncId, ({ name }) => String(name) === 'Two windows, mine');
  expect(description).toBe('from elsewhere');
  await text('Draft saved').waitFor();

  await change({ name: 'Two windows, theirs' });
  await person.enter('Name', 'Two windows, mine again');
  await person.field('Description').focus();
  await text('Someone else has changed this sync meanwhile').waitFor();
  await person.reads('Name', 'Two windows, mine again');
  await person.click('button', 'Keep mine');
  await text('Draft saved').waitFor();

  const kept = await stack.api.until(syncId, ({ name }) => String(name) !== 'Two windows, theirs');
  expect(kept).toMatchObject({ name: 'Two windows, mine again', description: 'from elsewhere' });
});

test('a lost network keeps what is typed, and it is saved when the network is back', async () => {
  const syncId = await stack.savedSync({ name: 'Offline' });
  await stack.open(editorOf(syncId, 'basics'), page);
  await text('Draft saved').waitFor();

  await stack.context.setOffline(true);
  await person.enter('Description', 'typed without a network');
  await text('The sync is not saved').waitFor();
  await person.reads('Description', 'typed without a network');
  await stack.context.setOffline(false);
  await text('Draft saved').waitFor();

  expect((await stack.api.call('GET', `/syncs/${syncId}`)).body.description).toBe('typed without a network');
});

test('bad input is told beside its field on each page, and blocks the way on with the reason', async () => {
  await page.goto(`${stack.api.url}/syncs/new`);
  await person.sees('Basic Sync Configuration');
  await page.getByRole('button', { name: 'Next', exact: true }).press('Enter');
  await text('Some things have to be mended first').waitFor();
  await text('Give the sync a name.').waitFor();

  const syncId = await stack.savedSync({
    name: 'Mistakes',
    mappings: [
      { from: { field: 'gone' }, to: 'Email' },
      { from: { expression: 'upper(' }, to: 'LastName' },
      { from: { field: 'city' }, to: 'LastName' },
    ],
    filter: { all: [{ column: 'leadScore', operator: 'equals' }] },
    schedule: { type: 'once', at: '2020-01-01T09:00', timeZone: 'Europe/Vienna' },
  });
  await stack.open(editorOf(syncId, 'mappings'), page);
  await text('Lead has no field gone.').waitFor();
  await text(/LastName is mapped already/).waitFor();
  await text('Still needed: 3 to mend').waitFor();

  await stack.open(editorOf(syncId, 'filter'), page);
  await text('Give one value.').waitFor();
  await person.field('Value').fill('many');
  await text('Still needed: 1 to complete in the filter').waitFor();
  await person.enter('Value', '7');
  await text('where Lead Score is 7').waitFor();
  await person.click('button', 'Add Filter');
  await text('Still needed: 1 to complete in the filter').waitFor();
  expect(await page.getByText('Choose a column, or remove this condition.').count()).toBe(1);
  await page.getByRole('combobox', { name: 'Column', exact: true }).last().press('Backspace');
  await text('Still needed: 1 to complete in the filter').waitFor({ state: 'detached' });
  await person.field('Value').press('Enter');
  await text('Still needed: 1 to complete in the filter').waitFor();

  await stack.open(editorOf(syncId, 'schedule'), page);
  await text(/That time has passed: it is .* in Europe\/Vienna/).waitFor();
  await page.getByRole('button', { name: 'Activate', exact: true }).press('Enter');
  await page
    .getByRole('alert')
    .getByText(/Choose a later one/)
    .first()
    .waitFor();
  expect((await stack.api.call('GET', `/syncs/${syncId}`)).body.status).toBe('draft');
});

test('a correction on the preview page marks its figures as outdated; a quick fix does away with refused values', async () => {
  const syncId = await stack.savedSync({
    name: 'Too long',
    mappings: [
      { from: { field: 'email' }, to: 'Email' },
      { from: { field: 'lastName' }, to: 'LastName' },
      {
        from: { expression: "text('0123456789') + '0123456789' + '0123456789' + '0123456789' + 'too long'" },
        to: 'FirstName',
      },
    ],
    filter: byKey,
  });
  await stack.open(editorOf(syncId, 'preview'), page);
  await text(/records? would be refused · FirstName/).waitFor();

  await person.click('button', 'Show the records');
  await page.getByRole('button', { name: /^The value is too long for the field/ }).waitFor();
  await page
    .getByRole('row', { name: /refuse/ })
    .first()
    .waitFor();

  await person.click('button', 'Remove mapping 3');
  await text('These figures are outdated: the sync has changed since').waitFor();
  await person.click('button', 'Preview again');
  await text(/since before/).waitFor();
  expect(await page.getByText(/would be refused · FirstName/).count()).toBe(0);

  await person.click('button', 'Try the first 50');
  await person.sees('Schedule and Execution');
  await person.reads('Records of the first run', '50');
});

test('a preview is applied as seen, at once, and its execution is shown below page 5', async () => {
  const mappings = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
    { from: { constant: 'As seen' }, to: 'Department' },
  ];
  const syncId = await stack.savedSync({ name: 'As seen', filter: byKey, mappings });
  await stack.open(editorOf(syncId, 'preview'), page);
  await text('Total number of records pulled').waitFor();

  await person.click('button', 'Apply preview as seen');
  await person.click('button', 'Apply preview');
  await person.sees('Executions');
  await page.getByRole('row', { name: /Succeeded|Partial/ }).waitFor();
});

test('mappings are searched, moved by the keyboard, taken back, and carried by a file', async () => {
  const syncId = await stack.savedSync({ name: 'Mapped' });
  await stack.open(editorOf(syncId, 'mappings'), page);
  const destination = (number: number) => person.reads(`Destination of mapping ${number}`, ORDER[number - 1] ?? '');
  await destination(1);
  await destination(2);
  const download = page.waitForEvent('download');
  await person.click('button', 'Export as CSV');
  const file = await (await download).path();

  await person.field('Destination of mapping 1').press('Alt+ArrowDown');
  await person.reads('Destination of mapping 2', ORDER[0]);
  await person.click('button', 'Undo');
  await destination(1);
  await person.field('Destination of mapping 1').press('Alt+KeyD');
  await person.reads('Destination of mapping 2', '');
  await person.reads('Destination of mapping 3', ORDER[1] ?? '');
  await page.getByRole('checkbox', { name: 'Choose mapping 2' }).check();
  await person.click('button', 'Remove 1 mapping');
  await destination(2);

  await person.enter('Search the mappings', 'last');
  await page.getByRole('combobox', { name: 'Destination of mapping 1', exact: true }).waitFor({ state: 'detached' });
  await destination(2);
  await person.enter('Search the mappings', '');
  await person.click('button', 'Remove mapping 1');
  await page.locator('input[type=file]').setInputFiles(file);
  await text('2 mappings in place of 1; Undo brings the former back.').waitFor();
  await destination(2);
});

test('a connection is added beside the first page, and taken', async () => {
  await page.goto(`${stack.api.url}/syncs/new`);
  await person.enter('Description', 'Stays as it is.');
  await person.click('button', 'Add a source connection');
  const { baseUrl, clientId, clientSecret } = settingsOf(stack.sandbox.marketo);
  const drawer = page.getByRole('dialog');
  await drawer.getByLabel('Name').fill('Another Marketo');
  await drawer.getByLabel('Address of the REST API').fill(baseUrl);
  await drawer.getByLabel('Client Id').fill(clientId);
  await drawer.getByLabel('Client secret').fill(clientSecret);
  await drawer.getByRole('button', { name: 'Add connection' }).click();
  await drawer.waitFor({ state: 'detached' });
  await person.reads('Source Connection', 'Another Marketo');
  await person.reads('Description', 'Stays as it is.');
});

test('a double click on Activate activates once', async () => {
  const syncId = await stack.savedSync({
    name: 'Twice',
    filter: { column: 'email', operator: 'equals', value: 'nobody@example.com' },
  });
  await stack.open(editorOf(syncId, 'schedule'), page);

  await page.getByRole('button', { name: 'Activate', exact: true }).dblclick();
  await person.sees('Executions');
  await stack.untilLastExecution(syncId, 'succeeded');

  const { body } = await stack.api.call('GET', `/syncs/${syncId}/executions`);
  expect(body.items).toHaveLength(1);
  expect(await page.getByText('The sync could not be activated').count()).toBe(0);
});

const EVERYTHING = {
  deduplicate: 'oldestByCreation',
  mappings: [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
    { from: { constant: 'Web' }, to: 'LeadSource' },
    { from: { expression: 'upper(city)' }, to: 'MailingCity' },
    { from: { field: 'country' }, to: 'MailingCountry', values: { DE: 'Germany' } },
  ],
  schedule: {
    type: 'interval',
    every: { amount: 1, unit: 'day' },
    start: '2099-01-01T02:30',
    timeZone: 'Europe/Vienna',
  },
};
/** A page with all that it can show, and when that is there. */
const PAGES: [step: string, more: () => object, isReady: () => Promise<void>][] = [
  ['basics', () => ({}), () => text('Match by').waitFor()],
  [
    'mappings',
    () => ({ mappings: [...EVERYTHING.mappings, { from: { field: 'gone' }, to: 'Title' }] }),
    () => text('Example 1 of 20').waitFor(),
  ],
  [
    'filter',
    () => ({ filter: { all: [byKey, { any: [{ column: 'leadScore', operator: 'between', value: [1, 9] }, byKey] }] } }),
    async () => {
      await person.click('button', 'View Query');
      await text('Reading costs')
        .or(text(/Sync keeps those/))
        .first()
        .waitFor();
    },
  ],
  ['preview', () => ({ filter: byKey }), () => text('Total number of records pulled').waitFor()],
  ['schedule', () => ({}), () => text('Next runs (Europe/Vienna):').waitFor()],
];
test.each(PAGES)('everybody can use the page %s: axe finds nothing, in every look', async (step, more, isReady) => {
  const syncId = await stack.savedSync({ ...EVERYTHING, ...more(), name: `For everybody: ${step}` });
  await stack.open(editorOf(syncId, step), page);
  await isReady();

  for (const look of SEEN) {
    expect({ look, problems: await accessibilityProblems(page, look) }).toEqual({ look, problems: [] });
  }
});
