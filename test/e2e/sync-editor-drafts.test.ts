import { visitsEditor } from '../support/editor-visit';
import { settingsOf } from '../support/running-api';
import { WebPerson } from '../support/web-person';
import { DEMO_MARKETO } from '../support/web-ui-stack';

jest.setTimeout(300_000);

const visit = visitsEditor();

test('what is begun survives a reload, also what cannot be saved yet; and a second visitor finds the draft', async () => {
  await visit.page.goto(`${visit.stack.api.url}/syncs/new`);
  await visit.person.choose('Source Connection', DEMO_MARKETO);
  await visit.page.reload();
  await visit.person.sees('Basic Sync Configuration');
  await visit.person.reads('Source Connection', DEMO_MARKETO);
  await visit.person.enter('Name', 'Half done');
  await visit.person.field('Description').focus();
  await visit.page.waitForURL(/\/edit\/basics$/);
  const address = visit.page.url();

  await visit.text('Draft saved').waitFor();
  await visit.page.reload();
  await visit.text('Half done · Page 1 of 5').waitFor();
  expect(visit.page.url()).toBe(address);
  await visit.person.reads('Source Connection', DEMO_MARKETO);
  await visit.person.reads('Name', 'Half done');
  await visit.text('To continue: fill in Source Object, Destination Connection, Destination Object').waitFor();
});

test('two windows: changes to different members are joined, to the same one the person decides, and nothing is lost', async () => {
  const syncId = await visit.stack.savedSync({ name: 'Two windows' });
  await visit.open(syncId, 'basics');
  await visit.text('Draft saved').waitFor();
  const change = async (member: Record<string, unknown>) => {
    const { body } = await visit.stack.api.call('GET', `/syncs/${syncId}`);
    expect(await visit.stack.api.call('PUT', `/syncs/${syncId}`, { ...body, ...member })).toMatchObject({
      status: 200,
    });
  };

  // others save before each of the first two tries
  const descriptions = ['from elsewhere', 'from elsewhere again'];
  await visit.page.route(`**/api/v1/syncs/${syncId}`, async (route) => {
    const description = route.request().method() === 'PUT' ? descriptions.shift() : undefined;
    if (description !== undefined) await change({ description });
    await route.continue();
  });
  await visit.person.enter('Name', 'Two windows, mine');
  await visit.person.field('Description').focus();
  await visit.person.reads('Description', 'from elsewhere again');
  const { description } = await visit.stack.api.until(syncId, ({ name }) => String(name) === 'Two windows, mine');
  expect(description).toBe('from elsewhere again');
  await visit.text('Draft saved').waitFor();

  await change({ name: 'Two windows, theirs' });
  await visit.person.enter('Name', 'Two windows, mine again');
  await visit.person.field('Description').focus();
  await visit.text('Someone else has changed this sync in the meantime').waitFor();
  await visit.person.reads('Name', 'Two windows, mine again');
  await visit.person.click('button', 'Keep mine');
  await visit.text('Draft saved').waitFor();

  const kept = await visit.stack.api.until(syncId, ({ name }) => String(name) !== 'Two windows, theirs');
  expect(kept).toMatchObject({ name: 'Two windows, mine again', description: 'from elsewhere again' });
});

test('two tabs of one browser: what each changes is joined, and neither takes back what the other has saved', async () => {
  const syncId = await visit.stack.savedSync({ name: 'Two tabs' });
  await visit.open(syncId, 'basics');
  const other = await visit.stack.open(`/syncs/${syncId}/edit/schedule`);
  const otherPerson = new WebPerson(other);
  await otherPerson.sees('Schedule and Execution');

  await visit.person.enter('Description', 'of the first tab');
  await visit.person.field('Name').focus();
  await visit.stack.api.until(syncId, ({ description }) => description === 'of the first tab');
  await otherPerson.click('radio', 'Run Once (Scheduled)');
  await otherPerson.enter('Date and time', '2099-01-01T02:30');
  const joined = await visit.stack.api.until(syncId, ({ schedule }) =>
    JSON.stringify(schedule ?? null).includes('2099'),
  );
  expect(joined.description).toBe('of the first tab');
  await visit.person.enter('Description', 'of the first tab again');
  await visit.person.field('Name').focus();

  const both = await visit.stack.api.until(syncId, ({ description }) => description === 'of the first tab again');
  expect(both.schedule).toMatchObject({ type: 'once' });
  await visit.text('Someone else has changed this sync in the meantime').waitFor({ state: 'detached' });
  await other.close();
});

test('a lost network keeps what is typed, and it is saved when the network is back', async () => {
  const syncId = await visit.stack.savedSync({ name: 'Offline' });
  await visit.open(syncId, 'basics');
  await visit.text('Draft saved').waitFor();

  await visit.stack.context.setOffline(true);
  await visit.person.enter('Description', 'typed without a network');
  await visit.text('The sync is not saved').waitFor();
  await visit.person.reads('Description', 'typed without a network');
  await visit.stack.context.setOffline(false);
  await visit.text('Draft saved').waitFor();

  expect((await visit.stack.api.call('GET', `/syncs/${syncId}`)).body.description).toBe('typed without a network');
});

test('when the answers to the first save are lost, what was typed is saved later, and there is one sync', async () => {
  await visit.page.goto(`${visit.stack.api.url}/syncs/new`);
  const letAnswersCome = await visit.stack.losesAnswers(visit.page, '/syncs', 'POST');
  await visit.person.enter('Name', 'Made once');
  await visit.person.field('Description').focus();
  await visit.text('The sync is not saved').waitFor();
  await visit.person.enter('Description', 'typed meanwhile');
  letAnswersCome();
  await visit.page.waitForURL(/\/edit\/basics$/);
  await visit.text('Draft saved').waitFor();

  const { body } = await visit.stack.api.call('GET', '/syncs?search=Made%20once');
  expect(body.items).toEqual([expect.objectContaining({ description: 'typed meanwhile' })]);
});

test('what was activated once is no draft any more, whether it runs or has ended', async () => {
  const filter = { column: 'email', operator: 'equals', value: 'nobody@example.com' };
  const ended = await visit.stack.activatedSync({ name: 'Ended', filter });
  await visit.stack.api.until(ended, ({ status }) => status === 'completed');
  const mark = visit.page.getByRole('status').getByText(/saved|saving/i);
  await visit.open(ended, 'basics');
  await mark.getByText('Saved', { exact: true }).waitFor();
  await visit.person.enter('Description', 'looked at again');
  await visit.stack.api.until(ended, ({ description }) => description === 'looked at again');
  await mark.getByText('Saved', { exact: true }).waitFor();
  await visit.stack.open(`/syncs/${ended}`, visit.page);
  await visit.person.click('button', 'Activate again…');
  await visit.person.click('button', 'Go to the schedule');
  await visit.person.sees('Schedule and Execution');

  const schedule = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2099-01-01T02:30', timeZone: 'UTC' };
  await visit.open(await visit.stack.activatedSync({ name: 'Goes on', filter, schedule }), 'basics');
  await mark.getByText('Saved; takes effect with the next execution').waitFor();
  await visit.person.enter('Description', 'changed');
  await mark.getByText('Changes not saved yet').waitFor();
});

test('what is changed on a live sync survives a reload, is saved when one says so and nothing is wrong, and can be discarded', async () => {
  const filter = { column: 'email', operator: 'equals', value: 'nobody@example.com' };
  const schedule = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2099-01-01T02:30', timeZone: 'UTC' };
  const syncId = await visit.stack.activatedSync({ name: 'Live', description: 'before', filter, schedule });
  const isUnsaved = () => visit.text('These changes are not saved yet').waitFor();
  const isSaved = () => visit.text('These changes are not saved yet').waitFor({ state: 'detached' });
  await visit.open(syncId, 'basics');
  await visit.person.enter('Description', 'changed');
  await isUnsaved();
  await visit.page.reload();
  await visit.person.reads('Description', 'changed');
  await isUnsaved();

  await visit.open(syncId, 'mappings');
  await visit.person.click('button', 'Add mapping');
  await visit.text('To save them, fix 1 problem on this page').waitFor();
  await visit.page.getByRole('button', { name: 'Save changes' }).press('Enter');
  await visit.text('Some things need to be fixed first').waitFor();
  expect((await visit.stack.api.call('GET', `/syncs/${syncId}`)).body.description).toBe('before');
  await visit.person.click('button', 'Remove mapping 3');
  await visit.person.click('button', 'Save changes');
  await visit.text('The changes are saved.').waitFor();
  await isSaved();
  expect((await visit.stack.api.call('GET', `/syncs/${syncId}`)).body.description).toBe('changed');

  await visit.open(syncId, 'basics');
  await visit.person.enter('Description', 'never mind');
  await visit.person.click('button', 'Discard changes');
  await visit.person.click('button', 'Discard');
  await visit.person.reads('Description', 'changed');
  await isSaved();
});

test('without its name nothing of a sync is saved, which is told on every page, and nothing typed is lost', async () => {
  const syncId = await visit.stack.savedSync({ name: 'Named' });
  const mark = visit.page.getByRole('status').getByText('Not saved: the sync has no name');
  await visit.open(syncId, 'basics');
  await visit.text('Draft saved').waitFor();
  await visit.person.enter('Name', '');
  await visit.person.enter('Description', 'typed without a name');
  await visit.text('Give the sync a name.').waitFor();
  await mark.waitFor();
  await visit.page.reload();
  await visit.person.reads('Description', 'typed without a name');
  await mark.waitFor();

  await visit.page.getByRole('link', { name: /Field Mappings/ }).click();
  await visit.text('The sync has no name').waitFor();
  await visit.person.click('button', 'Next');
  await visit.person.sees('Add Filter / Query');
  await visit.person.click('button', 'Give the sync a name');
  await visit.person.sees('Basic Sync Configuration');
  await visit.person.enter('Name', 'Named again');
  await visit.text('Draft saved').waitFor();
  expect((await visit.stack.api.call('GET', `/syncs/${syncId}`)).body).toMatchObject({
    name: 'Named again',
    description: 'typed without a name',
  });
});

test('a suggestion to be checked stays marked over reloads, until it is confirmed or changed', async () => {
  const syncId = await visit.stack.savedSync({ name: 'To check', mappings: undefined });
  const marks = visit.page.getByText('Suggestion to check', { exact: true });
  const marked = async (count: number) => {
    await visit.text(new RegExp(`^${count} of \\d+ mappings? (is a suggestion|are suggestions) to check`)).waitFor();
    expect(await marks.count()).toBe(count);
  };
  await visit.open(syncId, 'mappings');
  await marks.first().waitFor();
  const suggested = await marks.count();
  await visit.text('Draft saved').waitFor();
  await visit.page.reload();
  await marked(suggested);

  await visit.page
    .getByRole('button', { name: /^Confirm mapping/ })
    .first()
    .click();
  await marked(suggested - 1);
  await visit.text('Draft saved').waitFor();
  await visit.page.reload();
  await marked(suggested - 1);
  await visit.person.click('button', 'Confirm all suggestions');
  await visit.page.reload();
  await visit.person.field('Destination of mapping 1').waitFor();
  expect(await marks.count()).toBe(0);
});

test('another destination object has suggestions of its own; what somebody has chosen for the former one is named', async () => {
  const syncId = await visit.stack.savedSync({ name: 'Elsewhere', mappings: undefined });
  await visit.open(syncId, 'mappings');
  await visit.person.click('button', /^Confirm mapping/);
  await visit.text('Draft saved').waitFor();

  await visit.open(syncId, 'basics');
  await visit.person.pick('Destination Object', 'Account');
  await visit.open(syncId, 'mappings');

  await visit.page.waitForFunction(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement>('input[aria-label^="Destination of mapping"]')];
    return fields.length > 1 && fields.filter(({ value }) => value.includes('not there')).length === 1;
  });
});

/** What somebody does with the field of the name, before a name is proposed and after that. */
const NAMINGS: [when: string, before: () => Promise<void>, after: () => Promise<void>][] = [
  ['while the field has the focus', () => visit.person.field('Name').focus(), () => visit.page.keyboard.type('Mine')],
  ['just before a click into the field', () => visit.person.field('Description').focus(), () => clickAndType('Mine')],
  ['just before Tab leads to the field', () => visit.person.field('Source Object').focus(), () => tabAndType('Mine')],
  ['in the midst of typing', () => clickAndType('Mi'), () => visit.page.keyboard.type('ne')],
];
const clickAndType = async (words: string) => {
  await visit.person.field('Name').click();
  await visit.page.keyboard.type(words);
};
const tabAndType = async (words: string) => {
  await visit.person.tabTo('Name');
  await visit.page.keyboard.type(words);
};

test.each(NAMINGS)(
  'a name that is proposed %s does not come between what somebody types',
  async (_when, before, after) => {
    await visit.page.goto(`${visit.stack.api.url}/syncs/new`);
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const described = '**/objects/Lead';
    await visit.page.route(described, async (route) => {
      await gate;
      await route.continue();
    });
    await visit.person.choose('Source Connection', DEMO_MARKETO);
    await visit.person.choose('Source Object', /^Lead/);
    await before();
    const answer = visit.page.waitForResponse(/objects\/Lead$/);
    letGo();
    await (await answer).finished();
    // it is shown by the frame after next
    await visit.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

    await after();

    await visit.person.reads('Name', 'Mine');
    await visit.page.unroute(described);
  },
);

test('a name that begins as the proposed one is typed to its end', async () => {
  const proposed = `Lead from ${DEMO_MARKETO}`;
  await visit.page.goto(`${visit.stack.api.url}/syncs/new`);
  await visit.person.choose('Source Connection', DEMO_MARKETO);
  await visit.person.choose('Source Object', /^Lead/);
  await visit.person.reads('Name', proposed);

  await clickAndType(`${proposed} (EU)`);

  await visit.person.reads('Name', `${proposed} (EU)`);
});

test('a connection is added beside the first page, and taken', async () => {
  await visit.page.goto(`${visit.stack.api.url}/syncs/new`);
  await visit.person.enter('Description', 'Stays as it is.');
  await visit.person.click('button', 'Add a source connection');
  const { baseUrl, clientId, clientSecret } = settingsOf(visit.stack.sandbox.marketo);
  const drawer = visit.page.getByRole('dialog');
  await drawer.getByLabel('Name').fill('Another Marketo');
  await drawer.getByLabel('Address of the REST API').fill(baseUrl);
  await drawer.getByLabel('Client Id').fill(clientId);
  await drawer.getByLabel('Client secret').fill(clientSecret);
  await drawer.getByRole('button', { name: 'Add connection' }).click();
  await drawer.waitFor({ state: 'detached' });
  await visit.person.reads('Source Connection', 'Another Marketo');
  await visit.person.reads('Description', 'Stays as it is.');
});
