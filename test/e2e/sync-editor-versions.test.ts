import { expectAccessible } from '../support/accessibility';
import { visitsEditor } from '../support/editor-visit';
import { settingsOf } from '../support/running-api';
import { DEMO_MARKETO } from '../support/web-ui-stack';

jest.setTimeout(300_000);

const visit = visitsEditor();

const NOBODY = { column: 'email', operator: 'equals', value: 'nobody@example.com' };
const DAILY = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2099-01-01T02:30', timeZone: 'UTC' };

const present = async (syncId: string) => (await visit.stack.api.call('GET', `/syncs/${syncId}`)).body;
const change = async (syncId: string, members: Record<string, unknown>) => {
  const reply = await visit.stack.api.call('PUT', `/syncs/${syncId}`, { ...(await present(syncId)), ...members });
  expect(reply.status).toBe(200);
};
const openVersions = async (syncId: string) => {
  await visit.stack.open(`/syncs/${syncId}`, visit.page);
  await visit.person.click('button', 'Show what changed');
};
const again = (version: number) => `Use this version again… (version ${version})`;
const question = () => visit.page.getByRole('dialog');

test('an earlier version of an active sync is taken up by the keyboard, named by what it changes, and saved as a new version', async () => {
  const syncId = await visit.stack.activatedSync({ name: 'Goes back', filter: NOBODY, schedule: DAILY });
  await change(syncId, { importRule: 'update', description: 'changed since' });
  await openVersions(syncId);
  await visit.page.getByRole('button', { name: again(1) }).waitFor();
  await expectAccessible(visit.page);

  await visit.person.tabTo(again(1));
  await visit.page.keyboard.press('Enter');

  await visit.person.sees('Basic Sync Configuration');
  await visit.text('These changes are not saved yet').waitFor();
  await visit.text('Changed: Import Rule, Description.').waitFor();
  await visit.person.click('button', 'Show what changed');
  await visit.text('Import Rule was update only, is now create and update').waitFor();
  await expectAccessible(visit.page);
  expect(await present(syncId)).toMatchObject({ version: 2, importRule: 'update' });
  await visit.person.click('button', 'Save changes');
  await visit.text('The changes are saved.').waitFor();
  expect(await present(syncId)).toMatchObject({ version: 3, importRule: 'createAndUpdate', description: '' });
  await openVersions(syncId);
  await visit.page.getByRole('button', { name: again(2) }).waitFor();
});

test('before an earlier version takes the place of changes that are not saved, or is saved at once, it is asked', async () => {
  const live = await visit.stack.activatedSync({ name: 'Has changes', filter: NOBODY, schedule: DAILY });
  await change(live, { importRule: 'update' });
  await visit.open(live, 'basics');
  await visit.person.enter('Description', 'not saved');
  await visit.text('Changed: Description.').waitFor();
  await openVersions(live);
  await visit.person.click('button', again(1));
  await question().getByText('not saved are lost').waitFor();
  await expectAccessible(visit.page);
  await visit.person.click('button', 'Keep as it is');
  await question().waitFor({ state: 'detached' });
  await visit.person.click('button', again(1));
  await visit.person.click('button', 'Use version 1');
  await visit.text('Changed: Import Rule.').waitFor();
  await visit.person.reads('Description', '');

  const draft = await visit.stack.savedSync({ name: 'A draft' });
  await change(draft, { importRule: 'update' });
  await openVersions(draft);
  await visit.person.click('button', again(1));
  await question().getByText('it is saved at once, as a new version').waitFor();
  await visit.person.click('button', 'Use version 1');
  await visit.stack.api.until(draft, ({ version, importRule }) => version === 3 && importRule === 'createAndUpdate');
});

test('what an earlier version names and is there no more is told by the checks of the editor', async () => {
  const made = await visit.stack.api.call('POST', '/connections', {
    name: 'Short-lived',
    kind: 'marketo',
    settings: { ...settingsOf(visit.stack.sandbox.marketo), quotaShare: 0.1 },
  });
  const short = { connectionId: String(made.body.id), object: 'Lead' };
  const kept = { connectionId: visit.stack.connectionIds.marketo, object: 'Lead' };
  const mappings = [{ from: { field: 'lastName' }, to: 'LastName' }];
  const gone = [...mappings, { from: { field: 'goneField' }, to: 'FirstName' }];
  const syncId = await visit.stack.savedSync({ name: 'Names what is gone', source: short, mappings: gone });
  await change(syncId, { source: kept, mappings });
  expect((await visit.stack.api.call('DELETE', `/connections/${short.connectionId}`)).status).toBe(204);
  await openVersions(syncId);

  await visit.person.click('button', again(1));
  await visit.person.click('button', 'Use version 1');

  await visit.text('This connection was deleted. Choose another one.').waitFor();
  await visit.page.reload();
  await visit.text('This connection was deleted. Choose another one.').waitFor();
  await visit.person.choose('Source Connection', DEMO_MARKETO);
  await visit.person.choose('Source Object', /^Lead/);
  await visit.page.getByRole('link', { name: /Field Mappings/ }).click();
  await visit.text('Lead has no field goneField.').waitFor();
});
