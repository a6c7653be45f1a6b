import { accessibilityProblems, LOOKS } from '../support/accessibility';
import { visitsEditor } from '../support/editor-visit';

jest.setTimeout(300_000);

const visit = visitsEditor(({ sandbox }) => {
  const key = { label: 'Customer key', type: 'string', length: 40, externalId: true, unique: true } as const;
  sandbox.salesforce.vendor.org.declareField('Contact', { name: 'Key__c', ...key });
});

/** As the labels of a saved sync's mappings are shown. */
const ORDER = ['Email', 'Last Name (LastName)'] as const;

test('mappings are searched, moved by the keyboard, taken back, and carried by a file or from another sync', async () => {
  await visit.stack.savedSync({ name: 'With one', mappings: [{ from: { field: 'city' }, to: 'MailingCity' }] });
  const syncId = await visit.stack.savedSync({ name: 'Mapped' });
  await visit.open(syncId, 'mappings');
  const destination = (number: number) =>
    visit.person.reads(`Destination of mapping ${number}`, ORDER[number - 1] ?? '');
  await destination(1);
  await destination(2);
  const download = visit.page.waitForEvent('download');
  await visit.person.click('button', 'Export as CSV');
  const file = await (await download).path();

  await visit.person.field('Destination of mapping 1').press('Alt+ArrowDown');
  await visit.person.reads('Destination of mapping 2', ORDER[0]);
  await visit.person.click('button', 'Undo');
  await destination(1);
  await visit.person.field('Destination of mapping 1').press('Alt+KeyD');
  await visit.person.reads('Destination of mapping 2', '');
  await visit.person.reads('Destination of mapping 3', ORDER[1] ?? '');
  await visit.page.getByRole('checkbox', { name: 'Choose mapping 2' }).check();
  await visit.person.click('button', 'Remove 1 mapping');
  await destination(2);

  await visit.person.enter('Search the mappings', 'last');
  await visit.page
    .getByRole('combobox', { name: 'Destination of mapping 1', exact: true })
    .waitFor({ state: 'detached' });
  await destination(2);
  await visit.person.enter('Search the mappings', '');
  await visit.person.click('button', 'Remove mapping 1');
  await visit.page.locator('input[type=file]').setInputFiles(file);
  await visit.text('1 mapping replaced by 2; Undo brings the previous ones back.').waitFor();
  await destination(2);
  await visit.person.click('button', 'Copy from another sync');
  await visit.person.enter('Search the syncs', 'there is none such');
  await visit.text('No other sync of that name has mappings from Lead to Contact.').waitFor();
  await visit.person.enter('Search the syncs', 'with ONE');
  expect(await accessibilityProblems(visit.page, LOOKS[0])).toEqual([]);
  await visit.page.getByRole('option', { name: /^With one/ }).click();
  await visit.text('2 mappings replaced by 1; Undo brings the previous ones back.').waitFor();
  await visit.person.click('button', 'Refresh fields');
  await visit.text('Lead: no field has changed. Contact: no field has changed.').waitFor();
});

test('an expression is made of functions and fields, and shows what it makes of examples', async () => {
  const mappings = [{ from: { expression: 'firstName' }, to: 'FirstName' }];
  const syncId = await visit.stack.savedSync({ name: 'Expressed', mappings });
  await visit.open(syncId, 'mappings');
  await visit.person.click('button', 'Options of mapping 1');
  await visit.person.enter('Expression', '');
  await visit.person.choose('Add a function to the expression', /^upper/);
  await visit.text('The source has no field name at character 7').waitFor();
  await visit.person.choose('Add a field to the expression', /^City/);

  await visit.person.reads('Expression', 'upper(fields.city)');
  const results = visit.page.getByRole('table', { name: 'Results for some examples' });
  await results
    .getByRole('row', { name: /Record \d+ [^a-z]+$/ })
    .first()
    .waitFor();
});

test('fields to match by and to map to tell which of them are unique, and which an external Id', async () => {
  const syncId = await visit.stack.savedSync({ name: 'By key' });
  const option = visit.page.getByRole('option', { name: /^Customer key.*unique.*external Id$/ });

  await visit.open(syncId, 'basics');
  await visit.person.field('Contact field').click();
  await visit.page.getByRole('option', { name: /^Contact ID.*unique$/ }).waitFor();
  await option.click();
  await visit.person.reads('Contact field', 'Customer key (Key__c)');
  await visit.text('Draft saved').waitFor();

  await visit.open(syncId, 'mappings');
  await visit.person.field('Destination of mapping 1').click();
  await option.waitFor();
});

test('a required field that nothing is mapped to is named on the page of the mappings, with ways to map it', async () => {
  const destination = { connectionId: visit.stack.connectionIds.salesforce, object: 'Lead' };
  const syncId = await visit.stack.savedSync({ name: 'To leads', destination });
  await visit.open(syncId, 'mappings');
  const missing = visit.page.getByRole('region', { name: 'Required for a new Lead, but not mapped (1)' });
  await missing.getByText('Company', { exact: true }).waitFor();
  await visit.text('To continue: map Company').waitFor();

  await missing.getByRole('button', { name: 'Set a constant for Company' }).click();
  await visit.page.keyboard.type('Not known');
  await visit.person.reads('Source of mapping 3: constant', 'Not known');
  await visit.text('To continue:').waitFor({ state: 'detached' });
  expect(await missing.count()).toBe(0);
});

test('a constant is typed at once where it is chosen, and is told to be wrong once', async () => {
  const mappings = [{ from: { field: 'dateOfBirth' }, to: 'Birthdate' }];
  await visit.open(await visit.stack.savedSync({ name: 'Constants', mappings }), 'mappings');
  await visit.person.choose('Source of mapping 1', 'A constant value…');
  await visit.page.keyboard.type('soon');
  await visit.person.reads('Source of mapping 1: constant', 'soon');
  await visit.text('Example 1 of 20').waitFor();
  await visit.text('Birthdate takes a day that exists').waitFor();
  expect(await visit.page.getByText('Birthdate takes a day that exists').count()).toBe(1);

  await visit.page.getByRole('button', { name: 'Take a field for mapping 1 instead' }).click();
  await visit.person.choose('Source of mapping 1', 'An expression…');
  await visit.page.keyboard.type('now');
  await visit.person.reads('Source of mapping 1: expression', 'now');
});

test('what is searched for among fields is first what is called so', async () => {
  await visit.open(await visit.stack.savedSync({ name: 'Searched' }), 'mappings');
  await visit.person.enter('Source of mapping 1', 'country');
  const options = visit.page.getByRole('option');
  await options
    .first()
    .getByText(/^country ·/)
    .waitFor();

  expect((await options.allTextContents()).map((words) => /^(Country|Billing Country)/.exec(words)?.[1])).toEqual([
    'Country',
    'Billing Country',
  ]);
});
