import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { accessibilityProblems, LOOKS } from '../support/accessibility';
import { settingsOf } from '../support/running-api';
import { WebPerson } from '../support/web-person';
import { DEMO_MARKETO, WebUiStack } from '../support/web-ui-stack';

jest.setTimeout(300_000);

const PEOPLE = 60;

let stack: WebUiStack;
let page: Page;
let person: WebPerson;

/** Selects a few people by their keys, which takes no export. */
let byKey: Awaited<ReturnType<WebUiStack['fewPeople']>>;

beforeAll(async () => {
  stack = await WebUiStack.start({ people: PEOPLE });
  byKey = await stack.fewPeople();
  stack.sandbox.salesforce.vendor.org.declareField('Contact', {
    name: 'Key__c',
    label: 'Customer key',
    type: 'string',
    length: 40,
    externalId: true,
    unique: true,
  });
}, 120_000);
afterAll(() => stack.stop());
beforeEach(async () => {
  page = await stack.open();
  // what another test has begun
  await page.evaluate(() => localStorage.clear());
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

  // others save before each of the first two tries
  const descriptions = ['from elsewhere', 'from elsewhere again'];
  await page.route(`**/api/v1/syncs/${syncId}`, async (route) => {
    const description = route.request().method() === 'PUT' ? descriptions.shift() : undefined;
    if (description !== undefined) await change({ description });
    await route.continue();
  });
  await person.enter('Name', 'Two windows, mine');
  await person.field('Description').focus();
  await person.reads('Description', 'from elsewhere again');
  const { description } = await stack.api.until(syncId, ({ name }) => String(name) === 'Two windows, mine');
  expect(description).toBe('from elsewhere again');
  await text('Draft saved').waitFor();

  await change({ name: 'Two windows, theirs' });
  await person.enter('Name', 'Two windows, mine again');
  await person.field('Description').focus();
  await text('Someone else has changed this sync meanwhile').waitFor();
  await person.reads('Name', 'Two windows, mine again');
  await person.click('button', 'Keep mine');
  await text('Draft saved').waitFor();

  const kept = await stack.api.until(syncId, ({ name }) => String(name) !== 'Two windows, theirs');
  expect(kept).toMatchObject({ name: 'Two windows, mine again', description: 'from elsewhere again' });
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

test('when the answers to the first save are lost, what was typed is saved later, and there is one sync', async () => {
  await page.goto(`${stack.api.url}/syncs/new`);
  const letAnswersCome = await stack.losesAnswers(page, '/syncs', 'POST');
  await person.enter('Name', 'Made once');
  await person.field('Description').focus();
  await text('The sync is not saved').waitFor();
  await person.enter('Description', 'typed meanwhile');
  letAnswersCome();
  await page.waitForURL(/\/edit\/basics$/);
  await text('Draft saved').waitFor();

  const { body } = await stack.api.call('GET', '/syncs?search=Made%20once');
  expect(body.items).toEqual([expect.objectContaining({ description: 'typed meanwhile' })]);
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

test('conditions of a filter are moved by dragging, and by their arrows', async () => {
  const columns = ['email', 'city'];
  const filter = { all: columns.map((column) => ({ column, operator: 'isNotEmpty' })) };
  const syncId = await stack.savedSync({ name: 'In order', filter });
  await stack.open(editorOf(syncId, 'filter'), page);
  await person.reads('Column', 'Email Address (email)');

  const handles = page.getByTitle('Drag to another place');
  await handles.first().dragTo(handles.last());
  await person.reads('Column', 'City (city)');
  await page.getByRole('button', { name: 'Move the condition up' }).last().click();
  await person.reads('Column', 'Email Address (email)');
});

test('a value that is still being typed is part of the filter, and the click that ends the typing is done', async () => {
  const filter = { column: 'country', operator: 'in', value: ['Austria'] };
  await stack.open(
    editorOf(await stack.savedSync({ ...EVERYTHING, filter, name: 'Typed to the end' }), 'filter'),
    page,
  );
  await page.getByLabel('Value', { exact: true }).pressSequentially('Germany');

  await page.mouse.move(0, 0);
  await page.getByRole('button', { name: 'View Query' }).hover();
  await page.mouse.down();
  await page.mouse.up();

  await text(/Country is one of "Austria", "Germany"/)
    .first()
    .waitFor();
  await text('Reading costs')
    .or(text(/Sync keeps those/))
    .first()
    .waitFor();
});

test('mappings are searched, moved by the keyboard, taken back, and carried by a file or from another sync', async () => {
  await stack.savedSync({ name: 'With one', mappings: [{ from: { field: 'city' }, to: 'MailingCity' }] });
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
  await person.click('button', 'Copy from another sync');
  await page.getByRole('menuitem', { name: /^With one/ }).click();
  await text('1 mapping in place of 2; Undo brings the former back.').waitFor();
  await person.click('button', 'Refresh fields');
  await text('Person: the fields are as before. Contact: the fields are as before.').waitFor();
});

test('an expression is made of functions and fields, and shows what it makes of examples', async () => {
  const mappings = [{ from: { expression: 'firstName' }, to: 'FirstName' }];
  const syncId = await stack.savedSync({ name: 'Expressed', mappings });
  await stack.open(editorOf(syncId, 'mappings'), page);
  await person.click('button', 'Options of mapping 1');
  await person.enter('Expression', '');
  await person.choose('Add a function to the expression', /^upper/);
  await text('The source has no field name at character 7').waitFor();
  await person.choose('Add a field to the expression', /^City/);

  await person.reads('Expression', 'upper(fields.city)');
  const results = page.getByRole('table', { name: 'What it makes of examples' });
  await results
    .getByRole('row', { name: /Record \d+ [^a-z]+$/ })
    .first()
    .waitFor();
});

/** What somebody does with the field of the name, before a name is proposed and after that. */
const NAMINGS: [when: string, before: () => Promise<void>, after: () => Promise<void>][] = [
  ['while the field has the focus', () => person.field('Name').focus(), () => page.keyboard.type('Mine')],
  ['just before a click into the field', () => person.field('Description').focus(), () => clickAndType('Mine')],
  ['just before Tab leads to the field', () => person.field('Source Object').focus(), () => tabAndType('Mine')],
  ['in the midst of typing', () => clickAndType('Mi'), () => page.keyboard.type('ne')],
];
const clickAndType = async (words: string) => {
  await person.field('Name').click();
  await page.keyboard.type(words);
};
const tabAndType = async (words: string) => {
  await person.tabTo('Name');
  await page.keyboard.type(words);
};

test.each(NAMINGS)(
  'a name that is proposed %s does not come between what somebody types',
  async (_when, before, after) => {
    await page.goto(`${stack.api.url}/syncs/new`);
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const described = '**/objects/Lead';
    await page.route(described, async (route) => {
      await gate;
      await route.continue();
    });
    await person.choose('Source Connection', DEMO_MARKETO);
    await person.choose('Source Object', /^Person/);
    await before();
    const answer = page.waitForResponse(/objects\/Lead$/);
    letGo();
    await (await answer).finished();
    // it is shown by the frame after next
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

    await after();

    await person.reads('Name', 'Mine');
    await page.unroute(described);
  },
);

test('a name that begins as the proposed one is typed to its end', async () => {
  const proposed = `Person from ${DEMO_MARKETO}`;
  await page.goto(`${stack.api.url}/syncs/new`);
  await person.choose('Source Connection', DEMO_MARKETO);
  await person.choose('Source Object', /^Person/);
  await person.reads('Name', proposed);

  await clickAndType(`${proposed} (EU)`);

  await person.reads('Name', `${proposed} (EU)`);
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

test('records of a preview are narrowed by the field that changes, lead to their pages, and are downloaded', async () => {
  const settings = { webUrl: 'https://app-ab01.example.com' };
  await stack.api.call('PATCH', `/connections/${stack.connectionIds.marketo}`, { settings });
  const emails = ['with-title@example.com', 'without@example.com'];
  const people = emails.map((email) => ({ email, lastName: 'Sample', createdAt: Date.now(), updatedAt: Date.now() }));
  stack.sandbox.marketo.vendor.stores.insertRecords('leads', people);
  const mappings = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
    { from: { field: 'email' }, to: 'Title', values: { 'with-title@example.com': 'Chosen' }, otherwise: 'blank' },
  ];
  const filter = { column: 'email', operator: 'in', value: emails };
  const syncId = await stack.savedSync({ name: 'One title', filter, mappings });
  await stack.open(editorOf(syncId, 'preview'), page);
  await page.getByText('2 records', { exact: true }).waitFor();

  await page.getByLabel('Field that changes').selectOption('Title');
  await page.getByText('1 record', { exact: true }).waitFor();
  const record = page.getByRole('row', { name: /Title: Chosen/ });
  const address = await record.getByRole('link', { name: /^\d+ in the source/ }).getAttribute('href');
  const download = page.waitForEvent('download');
  await person.click('link', 'Download JSON');
  const file = await (await download).path();

  const records = JSON.parse(await readFile(file, 'utf8'));
  expect(records).toEqual([
    expect.objectContaining({
      matchKey: 'with-title@example.com',
      after: expect.objectContaining({ Title: 'Chosen' }),
      links: { source: address, destination: null },
    }),
  ]);
  expect(address).toBe(`${settings.webUrl}/leadDatabase/loadLeadDetail?leadId=${records[0].sourceId}`);
  await page.getByLabel('Field that changes').selectOption('any');
  await page.getByText('2 records', { exact: true }).waitFor();
});

test('fields to match by and to map to tell which of them are unique, and which an external Id', async () => {
  const syncId = await stack.savedSync({ name: 'By key' });
  const option = page.getByRole('option', { name: /^Customer key.*unique.*external Id$/ });

  await stack.open(editorOf(syncId, 'basics'), page);
  await person.field('Field of Contact').click();
  await page.getByRole('option', { name: /^Contact ID.*unique$/ }).waitFor();
  await option.click();
  await person.reads('Field of Contact', 'Customer key (Key__c)');
  await text('Draft saved').waitFor();

  await stack.open(editorOf(syncId, 'mappings'), page);
  await person.field('Destination of mapping 1').click();
  await option.waitFor();
});

test('the sentence is cut where it is long for the window, and only there it can be shown whole', async () => {
  const syncId = await stack.savedSync({ ...EVERYTHING, name: 'In a sentence' });
  await stack.open(editorOf(syncId, 'mappings'), page);
  const more = page.getByRole('button', { name: 'Show all', exact: true });
  await text(/create or update Contact in Demo Salesforce by /).waitFor();
  expect(await more.count()).toBe(0);

  await page.setViewportSize({ width: 390, height: 900 });
  await more.click();
  await page.getByRole('button', { name: 'Show less', exact: true }).waitFor();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('button', { name: 'Show less', exact: true }).waitFor({ state: 'detached' });
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
