import { visitsEditor } from '../support/editor-visit';

jest.setTimeout(300_000);

const visit = visitsEditor();

test('conditions of a filter are moved by dragging, and by their arrows', async () => {
  const columns = ['email', 'city'];
  const filter = { all: columns.map((column) => ({ column, operator: 'isNotEmpty' })) };
  const syncId = await visit.stack.savedSync({ name: 'In order', filter });
  await visit.open(syncId, 'filter');
  await visit.person.reads('Column', 'Email Address (email)');

  const handles = visit.page.getByTitle('Drag to another place');
  await handles.first().dragTo(handles.last());
  await visit.person.reads('Column', 'City (city)');
  await visit.page.getByRole('button', { name: 'Move the condition up' }).last().click();
  await visit.person.reads('Column', 'Email Address (email)');
});

test('groups of a filter are moved by the keyboard, as conditions are', async () => {
  const [email, city, country] = ['email', 'city', 'country'].map((column) => ({ column, operator: 'isNotEmpty' }));
  const syncId = await visit.stack.savedSync({
    name: 'With a group',
    filter: { all: [email, { any: [city, country] }] },
  });
  await visit.open(syncId, 'filter');
  await visit.person.reads('Column', 'Email Address (email)');
  const joined = visit.page.getByRole('combobox', { name: 'How the conditions are joined' });

  await joined.last().press('Alt+ArrowUp');
  await visit.person.reads('Column', 'City (city)');
  await visit.page.keyboard.press('Alt+ArrowDown');
  await visit.person.reads('Column', 'Email Address (email)');
});

test('a value that is still being typed is part of the filter, and the click that ends the typing is done', async () => {
  const filter = { column: 'country', operator: 'in', value: ['Austria'] };
  await visit.open(await visit.stack.savedSync({ filter, name: 'Typed to the end' }), 'filter');
  await visit.page.getByLabel('Value', { exact: true }).pressSequentially('Germany');

  await visit.page.mouse.move(0, 0);
  await visit.page.getByRole('button', { name: 'View Query' }).hover();
  await visit.page.mouse.down();
  await visit.page.mouse.up();

  await visit
    .text(/Country is one of "Austria", "Germany"/)
    .first()
    .waitFor();
  await visit
    .text('Reading uses')
    .or(visit.text(/Sync keeps those/))
    .first()
    .waitFor();
});

test.each([[['Austria']], [['Austria', 'Liechtenstein']], [['Austria', 'Liechtenstein', 'Switzerland']]])(
  'what is clicked does not move away, also where the value that is ended begins another line: after %j',
  async (value) => {
    const filter = { all: [{ column: 'country', operator: 'in', value }] };
    await visit.page.setViewportSize({ width: 390, height: 900 });
    await visit.open(await visit.stack.savedSync({ filter, name: `${value.length} and one more` }), 'filter');
    await visit.person.enter('Value', 'The United Kingdom');
    const button = visit.page.getByRole('button', { name: 'View Query' });
    const above = visit.page.getByRole('group', { name: 'Filter' });
    await button.hover();
    const place = await above.boundingBox();

    await visit.page.mouse.down();
    expect(await above.boundingBox()).toEqual(place);
    await visit.page.mouse.up();

    await visit.page.getByRole('tab', { name: 'Words' }).waitFor();
    await visit.text(/Country is one of .*"The United Kingdom"/).waitFor();
  },
);

test('a condition that is added says what it lacks once that was left, or when one tries to go on', async () => {
  await visit.open(await visit.stack.savedSync({ name: 'Begun' }), 'filter');
  const wrong = visit.page.locator('[aria-invalid=true]');
  const told = visit.page.getByText('Choose a column, or remove this condition.');
  await visit.person.click('button', 'Add Filter');
  await visit.text('To continue: complete 1 filter condition').waitFor();
  expect([await wrong.count(), await told.count()]).toEqual([0, 0]);
  await visit.person.field('Column').focus();
  await visit.page.keyboard.press('Tab');
  await told.waitFor();

  await visit.person.choose('Column', /^City/);
  await told.waitFor({ state: 'detached' });
  expect(await wrong.count()).toBe(0);
  await visit.person.field('Value').focus();
  await visit.page.keyboard.press('Tab');
  await visit.text('Give one value.').waitFor();
  await visit.person.enter('Value', 'Vienna');
  await visit.text('To continue:').waitFor({ state: 'detached' });

  await visit.person.click('button', 'Add Filter');
  expect([await wrong.count(), await told.count()]).toEqual([0, 0]);
  await visit.page.getByRole('button', { name: 'Preview Sync' }).press('Enter');
  await wrong.first().waitFor();
  expect(await visit.page.locator('fieldset').getByText('Choose a column, or remove this condition.').count()).toBe(1);
});

test('what is filtered by often stays at hand: it takes the place of a condition that is not begun, and comes once', async () => {
  await visit.open(await visit.stack.savedSync({ name: 'Often used' }), 'filter');
  const often = visit.page.getByRole('group', { name: 'Often used:' });
  await visit.person.click('button', 'Add Filter');

  await often.getByRole('button', { name: 'Has an e-mail' }).press('Enter');
  await visit.text(/where Email Address is not empty/).waitFor();
  await often.getByRole('button', { name: 'Has an e-mail' }).and(visit.page.locator(':focus')).press('Enter');
  await often.getByRole('button', { name: 'Changed in the last 30 days' }).click();

  await visit.page.getByRole('combobox', { name: 'Column', exact: true }).nth(1).waitFor();
  expect(await visit.page.getByRole('combobox', { name: 'Column', exact: true }).count()).toBe(2);
});

test('blanks around a value are left out, which is said, unless they are wanted', async () => {
  const filter = { column: 'city', operator: 'contains', value: 'Wien' };
  const syncId = await visit.stack.savedSync({ filter, name: 'Blanks' });
  const saved = async (value: string) => {
    const { filter } = await visit.stack.api.until(syncId, (sync) =>
      JSON.stringify(sync.filter).includes(`"${value}"`),
    );
    return filter;
  };
  await visit.open(syncId, 'filter');
  await visit.person.enter('Value', '  New York ');
  await saved('New York');
  await visit.person.reads('Value', '  New York ');
  await visit.page.keyboard.press('Tab');
  await visit.text('Spaces around the value were left out.').waitFor();
  await visit.person.reads('Value', 'New York');

  await visit.person.click('button', 'Keep them');
  await visit.text('There are spaces around the value.').waitFor();
  await visit.person.reads('Value', '  New York ');
  await saved('  New York ');
  await visit.text('Draft saved').waitFor();
  await visit.page.reload();
  await visit.text('There are spaces around the value.').waitFor();
  await visit.person.click('button', 'Leave them out');
  await saved('New York');
});

test('the query of Salesforce stands in lines, whole also in a narrow window', async () => {
  const { marketo, salesforce } = visit.stack.connectionIds;
  const filter = {
    all: [
      { column: 'Email', operator: 'in', value: Array.from({ length: 9 }, (_each, at) => `person-${at}@example.com`) },
      { column: 'LastName', operator: 'equals', value: 'Sample' },
    ],
  };
  const syncId = await visit.stack.savedSync({
    name: 'From Salesforce',
    source: { connectionId: salesforce, object: 'Contact' },
    destination: { connectionId: marketo, object: 'Lead' },
    mappings: [{ from: { field: 'Email' }, to: 'email' }],
    filter,
  });
  await visit.page.setViewportSize({ width: 390, height: 900 });
  await visit.open(syncId, 'filter');
  await visit.person.click('button', 'View Query');
  await visit.person.click('tab', 'Query');

  const query = visit.page.getByRole('region', { name: 'What Salesforce evaluates' });
  expect((await query.textContent())?.split('\n').map((line) => line.trim().split(' ')[0])).toEqual([
    'SELECT',
    'FROM',
    'WHERE',
    'AND',
  ]);
  expect(await query.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
});

test('the value of a text is suggested from the examples, and a condition that is begun has the focus', async () => {
  await visit.open(await visit.stack.savedSync({ name: 'Suggested values' }), 'filter');
  await visit.person.click('button', 'Add Filter');
  await visit.page.locator('input[aria-label="Column"]:focus').waitFor();
  await visit.page.keyboard.type('Country');
  await visit.page.keyboard.press('Enter');

  await visit.text(/^Suggestions from \d+ example records/).waitFor();
  await visit.page
    .getByRole('combobox', { name: 'Value', exact: true })
    .or(visit.page.getByLabel('Value', { exact: true }))
    .first()
    .click();
  expect(await visit.page.getByRole('option').count()).toBeGreaterThan(0);
});

test('a preview of nothing says which condition lets nothing through, and what the column holds', async () => {
  const filter = { all: [visit.byKey, { column: 'country', operator: 'equals', value: 'Nowhere' }] };
  await visit.open(await visit.stack.savedSync({ filter, name: 'Nothing' }), 'preview');

  await visit.text('No record matches the filter').waitFor();
  await visit.text(/holds for 0 of [\d,]+ records/).waitFor();
  await visit.text(/^What Country holds most often: \w+/).waitFor();
  await visit.text(/read from the source − .* left out by the filter = 0 pulled/).waitFor();
  await visit.person.click('button', 'Change the filter');
  await visit.person.sees('Add Filter / Query');
});
