import type { Page } from 'playwright-core';
import { WebPerson } from '../support/web-person';
import { DEMO_MARKETO, DEMO_SALESFORCE, WebUiStack } from '../support/web-ui-stack';

jest.setTimeout(300_000);

const PEOPLE = 60;
const MOST_INTERACTIONS = 40;

let stack: WebUiStack;
let page: Page;
let person: WebPerson;

/** Selects a few people by their keys, which takes no export. */
let byKey: Awaited<ReturnType<WebUiStack['fewPeople']>>;

beforeAll(async () => {
  stack = await WebUiStack.start({ people: PEOPLE });
  byKey = await stack.fewPeople();
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

const editorOf = (syncId: string, step: string) => `/syncs/${syncId}/edit/${step}`;
const text = (words: string | RegExp) => page.getByText(words).first();

test('the guide, word for word: people of Marketo become contacts of Salesforce, in less than 40 interactions', async () => {
  // After clicking Add New Sync from the Sync list page, begin by defining the core Sync settings.
  await person.click('link', 'Add New Sync');
  await person.sees('Basic Sync Configuration');
  await person.choose('Source Connection', DEMO_MARKETO);
  await person.choose('Source Object', /^Lead/);
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
  await text(/^Marketo gives the Lead records where Email Address is one of/).waitFor();
  await person.click('button', 'Preview Sync');

  // Top section: the total number of records pulled. Bottom section: the field mappings again.
  await person.sees('Preview Sync');
  await text('Total number of records pulled').waitFor();
  await text('Preview purposes only; nothing has been written.').waitFor();
  await page.getByRole('list', { name: 'Mappings' }).waitFor();
  await person.click('button', 'Next');

  // Once a schedule is selected and activated, execution details appear in a table at the bottom of the page.
  await person.sees('Schedule and Execution');
  await text('To activate: choose Schedule Type').waitFor();
  await person.click('radio', 'Run Once (Now)');
  await text(/^The preview made/).waitFor();
  await person.click('button', 'Activate');
  await person.sees('Executions');
  const place = () => page.getByRole('link', { name: 'Open the Sync detail page' }).boundingBox();
  const before = await place();
  await page.getByRole('row', { name: /Succeeded|Partial/ }).waitFor();
  // nothing moves under the pointer when the run ends
  await page.getByRole('button', { name: 'Activate again' }).waitFor();
  expect((await place())?.y).toBe(before?.y);

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

test('the way back, by the keyboard alone: contacts of Salesforce become people of Marketo, every day, and once at once', async () => {
  const key = (name: string) => page.keyboard.press(name);
  await person.tabTo('Add New Sync');
  await key('Enter');
  await person.sees('Basic Sync Configuration');
  await person.pick('Source Connection', DEMO_SALESFORCE);
  await person.pick('Source Object', 'Contact');
  await person.tabTo('Name');
  await page.keyboard.type('The way back');
  await person.pick('Destination Connection', DEMO_MARKETO);
  await person.pick('Destination Object', 'Lead');
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

  await person.tabTo('Open the Sync detail page');
  await key('Enter');
  await person.sees('The way back');
  await person.tabTo('Run now');
  await key('Enter');
  const question = page.getByRole('dialog', { name: 'Run "The way back" now?' });
  await question
    .getByText(/It starts at once\. It reads Contact records from .* and creates or updates Lead records in/)
    .waitFor();
  await question.getByRole('button', { name: 'Run now' }).press('Enter');
  await page.getByRole('row', { name: /Execution 1 .*(Succeeded|Partial)/ }).waitFor();
  const { body } = await stack.api.call('GET', '/syncs?search=The%20way%20back');
  const [sync] = body.items as unknown as WayBack[];
  expect(sync).toMatchObject({ status: 'active', scheduleText: expect.stringMatching(/Every day/) });
  expect(sync?.lastExecution.counts.created).toBeGreaterThan(0);
});

interface WayBack {
  lastExecution: { counts: Record<string, number> };
}

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
  await text(/records? would be refused · First Name/).waitFor();

  await person.click('button', 'Show these records');
  await page.getByRole('option', { name: /^The value is too long for the field/ }).waitFor({ state: 'attached' });
  expect(await page.getByLabel('Reason', { exact: true }).inputValue()).toBe('tooLong');
  expect(await page.getByLabel('Field', { exact: true }).inputValue()).toBe('FirstName');
  await page
    .getByRole('row', { name: /refuse/ })
    .first()
    .waitFor();

  await person.click('button', 'Remove mapping 3');
  await text('These figures are outdated: the sync has changed since').waitFor();
  await person.click('button', 'Preview again');
  await text(/since the last preview/).waitFor();
  expect(await page.getByText(/would be refused · First Name/).count()).toBe(0);

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
  const syncId = await stack.savedSync({ name: 'As seen', filter: byKey, mappings, schedule: undefined });
  await stack.open(editorOf(syncId, 'preview'), page);
  await text('Total number of records pulled').waitFor();

  await person.click('button', 'Apply preview as seen');
  await person.click('button', 'Apply preview');
  await person.sees('Executions');
  await page.getByRole('row', { name: /Succeeded|Partial/ }).waitFor();
  await text(/^By execution 1: \d/).waitFor();
  await text(/^To activate it again: choose Schedule Type/).waitFor();
  await text('Once, as its preview showed').waitFor();
});

test('a double click on Activate and an answer that is lost activate once', async () => {
  const syncId = await stack.savedSync({
    name: 'Twice',
    filter: { column: 'email', operator: 'equals', value: 'nobody@example.com' },
  });
  await stack.open(editorOf(syncId, 'schedule'), page);

  // nor does a lost answer, and a second try after that
  await stack.losesAnswers(page, `/syncs/${syncId}/activate`, 'POST', 2);
  await page.getByRole('button', { name: 'Activate', exact: true }).dblclick();
  await text('The sync could not be activated').waitFor();
  await person.click('button', 'Activate');
  await person.sees('Executions');
  await stack.untilLastExecution(syncId, 'succeeded');

  const { body } = await stack.api.call('GET', `/syncs/${syncId}/executions`);
  expect(body.items).toHaveLength(1);
  expect(await page.getByText('The sync could not be activated').count()).toBe(0);
});
