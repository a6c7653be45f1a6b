import { readFile } from 'node:fs/promises';
import { accessibilityProblems, LOOKS } from '../support/accessibility';
import { visitsEditor } from '../support/editor-visit';

jest.setTimeout(300_000);

const visit = visitsEditor(({ sandbox }) => {
  sandbox.salesforce.vendor.org.declareField('Contact', {
    name: 'Short__c',
    label: 'Short',
    type: 'string',
    length: 5,
  });
});

/** The widest look and the narrowest, one in each theme. */
const SEEN = [LOOKS[0], LOOKS[3]];

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

test('bad input is told beside its field on each page, and blocks the way on with the reason', async () => {
  await visit.page.goto(`${visit.stack.api.url}/syncs/new`);
  await visit.person.sees('Basic Sync Configuration');
  await visit.page.getByRole('button', { name: 'Next', exact: true }).press('Enter');
  await visit.text('Some things need to be fixed first').waitFor();
  await visit.text('Give the sync a name.').waitFor();

  const syncId = await visit.stack.savedSync({
    name: 'Mistakes',
    mappings: [
      { from: { field: 'gone' }, to: 'Email' },
      { from: { expression: 'upper(' }, to: 'LastName' },
      { from: { field: 'city' }, to: 'LastName' },
    ],
    filter: { all: [{ column: 'leadScore', operator: 'equals' }] },
    schedule: { type: 'once', at: '2020-01-01T09:00', timeZone: 'Europe/Vienna' },
  });
  await visit.open(syncId, 'mappings');
  await visit.text('Lead has no field gone.').waitFor();
  await visit.text(/LastName is mapped already/).waitFor();
  await visit.text('To continue: fix 3 problems').waitFor();

  await visit.open(syncId, 'filter');
  await visit.text('Give one value.').waitFor();
  await visit.person.field('Value').fill('many');
  await visit.text('To continue: complete 1 filter condition').waitFor();
  await visit.person.enter('Value', '7');
  await visit.text('where Lead Score is 7').waitFor();
  await visit.person.click('button', 'Add Filter');
  await visit.text('To continue: complete 1 filter condition').waitFor();
  const added = visit.page.getByRole('combobox', { name: 'Column', exact: true }).last();
  await added.press('Tab');
  expect(await visit.page.getByText('Choose a column, or remove this condition.').count()).toBe(1);
  await added.press('Backspace');
  await visit.text('To continue: complete 1 filter condition').waitFor({ state: 'detached' });
  await visit.person.field('Value').press('Enter');
  await visit.text('To continue: complete 1 filter condition').waitFor();

  await visit.open(syncId, 'schedule');
  await visit.text(/That time has passed: it is .* in Europe\/Vienna/).waitFor();
  await visit.page.getByRole('button', { name: 'Activate', exact: true }).press('Enter');
  await visit.page
    .getByRole('alert')
    .getByText(/Choose a later one/)
    .first()
    .waitFor();
  expect(await visit.page.evaluate(() => document.activeElement?.getAttribute('data-path'))).toBe('schedule.at');
  expect((await visit.stack.api.call('GET', `/syncs/${syncId}`)).body.status).toBe('draft');
  // what is wrong on the pages before stands here too, and leads there
  await visit.person.click('button', /^Field Mappings: Lead has no field gone/);
  await visit.person.sees('Field Mappings');
});

test('records of a preview are narrowed by the field that changes, lead to their pages, and are downloaded', async () => {
  const settings = { webUrl: 'https://app-ab01.example.com' };
  await visit.stack.api.call('PATCH', `/connections/${visit.stack.connectionIds.marketo}`, { settings });
  const emails = ['with-title@example.com', 'without@example.com'];
  const people = emails.map((email) => ({ email, lastName: 'Sample', createdAt: Date.now(), updatedAt: Date.now() }));
  visit.stack.sandbox.marketo.vendor.stores.insertRecords('leads', people);
  const mappings = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
    { from: { field: 'email' }, to: 'Title', values: { 'with-title@example.com': 'Chosen' }, otherwise: 'blank' },
  ];
  const filter = { column: 'email', operator: 'in', value: emails };
  const syncId = await visit.stack.savedSync({ name: 'One title', filter, mappings });
  await visit.open(syncId, 'preview');
  await visit.page.getByText('2 records', { exact: true }).waitFor();

  await visit.page.getByLabel('Field', { exact: true }).selectOption('Title');
  await visit.page.getByText('1 record', { exact: true }).waitFor();
  const record = visit.page.getByRole('row', { name: /Title: Chosen/ });
  const address = await record.getByRole('link', { name: /^\d+ in the source/ }).getAttribute('href');
  const download = visit.page.waitForEvent('download');
  await visit.person.click('link', 'Download JSON');
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
  await visit.page.getByLabel('Field', { exact: true }).selectOption('any');
  await visit.page.getByText('2 records', { exact: true }).waitFor();
});

test('a figure of the preview leads to its records, and what is refused is shown with its value', async () => {
  const mappings = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
    { from: { field: 'email' }, to: 'Short__c' },
  ];
  const syncId = await visit.stack.savedSync({ name: 'Looked at', filter: visit.byKey, mappings });
  await visit.open(syncId, 'preview');
  await visit.text('Total number of records pulled').waitFor();

  await visit.page
    .getByRole('group', { name: 'What a run would do' })
    .getByRole('button', { name: /refuse$/ })
    .click();

  const heading = visit.page.getByRole('heading', { name: 'Records', exact: true });
  await heading.and(visit.page.locator(':focus')).waitFor();
  await visit.page
    .getByRole('status')
    .getByText(/^Listed: refuse \d+\.$/)
    .waitFor({ state: 'attached' });
  const refused = visit.page.getByRole('row', { name: /refuse/ }).first();
  await refused.getByText(/^Short: .+@.+/).waitFor();
  await refused.getByText(/Short holds 5 characters/).waitFor();
  await visit.page.waitForFunction(
    (element) => (element?.getBoundingClientRect().top ?? 1_000) < window.innerHeight / 2,
    await heading.elementHandle(),
  );
});

test('the list of time zones opens at the one that is chosen', async () => {
  const schedule = { type: 'once', at: '2099-01-01T02:30', timeZone: 'Europe/Vienna' };
  await visit.open(await visit.stack.savedSync({ name: 'In Vienna', schedule }), 'schedule');

  await visit.person.field('Time zone').click();

  const option = visit.page.getByRole('option', { name: /^Europe\/Vienna/ });
  await option.waitFor();
  const isSeen = await option.evaluate((element) => {
    const list = element.closest('[role=listbox]')?.getBoundingClientRect();
    const { top, bottom } = element.getBoundingClientRect();
    return list !== undefined && top >= list.top && bottom <= list.bottom && bottom <= window.innerHeight;
  });
  expect(isSeen).toBe(true);
});

test('what comes after a choice on the first page finds its room kept: nothing below it moves', async () => {
  await visit.stack.savedSync({ name: 'Another' });
  const syncId = await visit.stack.savedSync({ name: 'Twice' });
  for (const width of [1280, 390]) {
    await visit.page.setViewportSize({ width, height: 900 });
    await visit.open(syncId, 'basics');
    await visit.person.field('Contact field').waitFor();
    await visit.text(/signed in/).waitFor();
    const last = visit.page.getByRole('button', { name: 'Advanced' });
    const placeOf = () => last.evaluate((element) => element.getBoundingClientRect().top + window.scrollY);
    const place = await placeOf();

    await visit.person.click('radio', 'Choose youngest record by last update date');
    await visit.text(/The date compared is/).waitFor();
    await visit.person.enter('Name', 'Another');
    await visit.person.field('Name').press('Tab');
    await visit.text(/^Another sync already has this name/).waitFor();

    expect({ width, place: await placeOf() }).toEqual({ width, place });
    await visit.person.enter('Name', 'Twice');
    await visit.person.click('radio', 'Import everything');
    await visit.text('Draft saved').waitFor();
  }
});

test('the names of the pages take the same room, whichever of them is open', async () => {
  const syncId = await visit.stack.savedSync({ name: 'Names of pages' });
  const steps = visit.page.getByRole('navigation', { name: 'Pages of the sync' });
  const heights: (number | undefined)[] = [];
  for (const step of ['basics', 'mappings', 'schedule']) {
    await visit.open(syncId, step);
    await steps.waitFor();
    heights.push((await steps.boundingBox())?.height);
  }
  expect(new Set(heights).size).toBe(1);
});

test('after a quick fix the preview says that it is mended, and a new preview shows that', async () => {
  const mappings = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
    { from: { field: 'email' }, to: 'Short__c' },
  ];
  const syncId = await visit.stack.savedSync({ name: 'Too long', filter: visit.byKey, mappings });
  await visit.open(syncId, 'preview');
  await visit.text(/would be refused · Short/).waitFor();
  await visit.person.click('button', 'Shorten to 5 characters');
  await visit.text('“Shorten to 5 characters” fixes Short: preview again to see what is left.').waitFor();
  await visit.text('shortened to 5').waitFor();
  expect(await visit.page.getByText(/would be refused · Short/).count()).toBe(0);

  await visit.page.keyboard.press('Enter');
  await visit.text(/would have been refused · Short/).waitFor({ state: 'detached' });
  await visit.text('Total number of records pulled').waitFor();
  expect(await visit.page.getByText(/refused · Short/).count()).toBe(0);
});

test('a frequency and a limit are typed as any number is: what is empty for a moment is told, and nothing is put into it', async () => {
  const schedule = {
    type: 'interval',
    every: { amount: 9, unit: 'minute' },
    start: '2099-01-01T02:30',
    timeZone: 'UTC',
  };
  const syncId = await visit.stack.savedSync({
    name: 'How often',
    schedule,
    stopAfterFailures: { percent: 5, of: 1_000 },
  });
  await visit.open(syncId, 'schedule');
  const frequency = visit.person.field('Execution frequency');
  await frequency.focus();
  await frequency.press('End');

  await frequency.press('Backspace');
  await visit.text('Give a number from 1 on.').waitFor();
  await frequency.pressSequentially('0');
  await visit.text('Give a number from 1 on.').waitFor();
  await frequency.press('Backspace');
  await frequency.pressSequentially('7');

  await visit.stack.api.until(syncId, (sync) => JSON.stringify(sync.schedule).includes('"amount":7'));
  // who leaves it empty finds what it was before
  await frequency.press('Backspace');
  await frequency.press('Tab');
  expect(await frequency.inputValue()).toBe('every 7');

  await visit.person.enter('Percent of failed records', '');
  await visit.text('Give a number from 0 on.').waitFor();
  await visit.person.field('Percent of failed records').press('Tab');
  await visit.person.reads('Percent of failed records', '5');
  await visit.person.enter('Percent of failed records', '0.5');
  const { stopAfterFailures } = await visit.stack.api.until(syncId, (sync) => JSON.stringify(sync).includes('0.5'));
  expect(stopAfterFailures).toEqual({ percent: 0.5, of: 1_000 });
});

test('both ends of a range have room beside the button that removes the condition', async () => {
  const filter = { column: 'createdAt', operator: 'between', value: ['2026-01-01', '2026-12-31'] };
  await visit.open(await visit.stack.savedSync({ name: 'A year', filter }), 'filter');
  const boxOf = async (label: string) => {
    const box = await visit.person.field(label).boundingBox();
    if (!box) throw new Error(`${label} is not to be seen`);
    return box;
  };
  const row = await visit.page.locator('.rule').first().boundingBox();
  const remove = await visit.page.locator('.rule > button').last().boundingBox();

  for (const label of ['Value: from', 'Value: to']) {
    const { x, width } = await boxOf(label);
    expect(x + width).toBeLessThanOrEqual(remove?.x ?? 0);
    expect(x + width).toBeLessThanOrEqual((row?.x ?? 0) + (row?.width ?? 0));
  }
});

test('the next runs are others once the first of them has passed', async () => {
  const start = new Date(Date.now() + 20_000).toISOString().slice(0, 19);
  const schedule = { type: 'interval', every: { amount: 1, unit: 'minute' }, start, timeZone: 'UTC' };
  await visit.open(await visit.stack.savedSync({ name: 'Soon', schedule }), 'schedule');
  await visit.text('Next runs (UTC):').waitFor();
  const first = visit.page
    .getByRole('listitem')
    .filter({ hasText: /\d\d:\d\d/ })
    .first();
  const before = await first.textContent();

  await first.filter({ hasNotText: before ?? '' }).waitFor({ timeout: 120_000 });
});

test('the sentence is cut where it is long for the window, and only there it can be shown whole', async () => {
  const syncId = await visit.stack.savedSync({ ...EVERYTHING, name: 'In a sentence' });
  await visit.open(syncId, 'mappings');
  const more = visit.page.getByRole('button', { name: 'Show all', exact: true });
  await visit.text(/create or update Contact records in Demo Salesforce by /).waitFor();
  expect(await more.count()).toBe(0);

  await visit.page.setViewportSize({ width: 390, height: 900 });
  await more.click();
  await visit.page.getByRole('button', { name: 'Show less', exact: true }).waitFor();
  await visit.page.setViewportSize({ width: 1280, height: 900 });
  await visit.page.getByRole('button', { name: 'Show less', exact: true }).waitFor({ state: 'detached' });
});

/** A page with all that it can show, and when that is there. */
const PAGES: [step: string, more: () => object, isReady: () => Promise<void>][] = [
  ['basics', () => ({}), () => visit.person.field('Contact field').waitFor()],
  [
    'mappings',
    () => ({ mappings: [...EVERYTHING.mappings, { from: { field: 'gone' }, to: 'Title' }] }),
    () => visit.text('Example 1 of 20').waitFor(),
  ],
  [
    'filter',
    () => ({
      filter: {
        all: [visit.byKey, { any: [{ column: 'leadScore', operator: 'between', value: [1, 9] }, visit.byKey] }],
      },
    }),
    async () => {
      await visit.person.click('button', 'View Query');
      await visit
        .text('Reading uses')
        .or(visit.text(/Sync keeps those/))
        .first()
        .waitFor();
    },
  ],
  ['preview', () => ({ filter: visit.byKey }), () => visit.text('Total number of records pulled').waitFor()],
  ['schedule', () => ({}), () => visit.text('Next runs (Europe/Vienna):').waitFor()],
];
test.each(PAGES)('everybody can use the page %s: axe finds nothing, in every look', async (step, more, isReady) => {
  const syncId = await visit.stack.savedSync({ ...EVERYTHING, ...more(), name: `For everybody: ${step}` });
  await visit.open(syncId, step);
  await isReady();

  for (const look of SEEN) {
    expect({ look, problems: await accessibilityProblems(visit.page, look) }).toEqual({ look, problems: [] });
  }
});
