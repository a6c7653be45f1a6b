import type { Locator, Page } from 'playwright-core';
import { expectAccessible } from '../support/accessibility';
import { WebUiStack } from '../support/web-ui-stack';

jest.setTimeout(180_000);

const WEB_URL = 'https://app-ab01.example.com';
const TOO_LONG = 'x'.repeat(81);

let stack: WebUiStack;
let page: Page;
/** The sync that most tests look at. */
let fiftyFirst = '';
/** One that has run, whose failed record a retry has loaded. */
let shortened = '';

beforeAll(async () => {
  stack = await WebUiStack.start({ people: 0 });
  stack.sandbox.marketo.vendor.stores.insertRecords(
    'leads',
    Array.from({ length: 300 }, (_none, index) => ({
      email: `person${index}@example.com`,
      lastName: index < 2 ? TOO_LONG : 'Sample',
    })),
  );
  const settings = { webUrl: WEB_URL };
  const reply = await stack.api.call('PATCH', `/connections/${stack.connectionIds.marketo}`, { settings });
  expect(reply.status).toBe(200);
  page = await stack.open();
}, 120_000);
afterAll(() => stack.stop());
afterEach(() => expect(stack.complaints()).toEqual([]));

const heading = (name: string | RegExp) => page.getByRole('heading', { name, exact: true });
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

async function signIn(where: Page | Locator, apiKey: string): Promise<void> {
  await where.getByLabel('API key', { exact: true }).fill(apiKey);
  await where.getByRole('button', { name: 'Sign in' }).click();
}

test('the page of a running sync says what it waits for, goes on when it is resumed, and shows the end without being loaded again', async () => {
  fiftyFirst = await stack.activatedSync({ name: 'Fifty first', firstRun: { records: 50 } });
  await stack.api.until(fiftyFirst, ({ status }) => String(status) !== 'active');
  await stack.open(`/syncs/${fiftyFirst}`, page);

  await heading('Fifty first').waitFor();
  await heading('Running now').waitFor();
  await page.getByRole('list', { name: 'Phases' }).getByText('Loading').waitFor();
  await page
    .getByRole('status')
    .getByText(/Waiting:/)
    .waitFor();
  await expectAccessible(page);
  await button('Resume').click();

  const row = page.getByRole('row', { name: /Execution 1/ });
  await row.getByText('Partial').waitFor();
  await row.getByText('298 created, 2 failed').waitFor();
  await page.getByText('Completed').waitFor();
  await expectAccessible(page);
});

test('the timeline of an execution tells in order when each phase went, what it waited for, and who let it go on', async () => {
  await page.getByRole('link', { name: 'Execution 1', exact: true }).click();
  await heading('Execution 1').and(page.locator(':focus')).waitFor();
  await page.getByRole('tab', { name: 'Timeline' }).click();

  const entries = page.getByRole('list', { name: 'What happened' }).getByRole('listitem');
  await entries.filter({ hasText: 'The execution ended: partial' }).waitFor();
  const titles = (await entries.allInnerTexts()).map((text) => text.split('\n').find((line) => /[a-z]{4}/.test(line)));
  expect(titles).toEqual([
    'The built-in administrator activated the sync',
    'The execution started',
    ...['Reading', 'Filtering', 'Looking for duplicates', 'Mapping'].flatMap((name) => [
      `${name}: started`,
      `${name}: done`,
    ]),
    'Loading: started',
    'Waited',
    expect.stringMatching(/resumed the sync$/),
    'Loading: done',
    'The execution ended: partial',
  ]);
  await entries.filter({ hasText: 'The first 50 records have been loaded.' }).waitFor();
  await expectAccessible(page);
});

test('an execution tells until when values are kept, which definition it ran, and where it is found in Temporal', async () => {
  await page.getByText('The values of its records are deleted').waitFor();
  await page.getByRole('tab', { name: 'Definition' }).click();
  await page.getByText(/^Version 1, saved by the built-in administrator on/).waitFor();
  await page.getByRole('row', { name: 'Last Name Last Name As it is' }).waitFor();
  await page.getByRole('tab', { name: 'Technical details' }).click();

  await page.getByText(`sync/${fiftyFirst}/execution/1`).waitFor();
});

test('an execution tells its failures by cause, its records are found, and failed ones are tried again', async () => {
  await page.getByRole('tab', { name: 'Problems (2)' }).click();

  await page.getByRole('listitem').getByText('Last Name holds 80 characters; the value has 81.').waitFor();
  await page.getByText('Examples: person0@example.com (Id 1), person1@example.com (Id 2)').waitFor();
  await expectAccessible(page);
  await page.getByRole('tab', { name: 'Records' }).click();
  // what failed is what one looks for; each figure leads to its records
  await page.getByText('2 records', { exact: true }).waitFor();
  await button('Failed 2').and(page.locator('[aria-pressed="true"]')).waitFor();
  await button('Read 300').click();
  await page.getByText('200 records loaded; scroll for more').waitFor();
  await expectAccessible(page);
  await page.getByRole('tab', { name: 'Problems (2)' }).click();
  await button(/^Show these records/).click();
  await page.getByText('2 records', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('2 records', { exact: true }).waitFor();
  await page.getByLabel('Outcome', { exact: true }).selectOption({ label: 'All (300)' });
  await page.getByLabel('Search').fill('person299@');
  await page.getByText('1 record', { exact: true }).waitFor();
  await button('Record 300').click();
  const record = page.getByRole('dialog', { name: 'Record 300' });
  for (const name of ['Read from the source', 'Mapped for the destination', 'Sent to be created'])
    await record
      .getByRole('table', { name })
      .getByRole('row', { name: /^Last Name (last|Last)Name Sample$/ })
      .waitFor();
  const link = record.getByRole('link', { name: /^Open it in the source/ });
  expect(await link.getAttribute('href')).toBe(`${WEB_URL}/leadDatabase/loadLeadDetail?leadId=300`);
  await expectAccessible(page);
  await record.getByRole('button', { name: 'Close' }).click();
  const { body } = await stack.api.call('GET', `/syncs/${fiftyFirst}`);
  await stack.api.call('PUT', `/syncs/${fiftyFirst}`, { ...body, description: 'Tried again' });
  await page.getByRole('tab', { name: 'Problems (2)' }).click();
  // they are tried again once, although the answers are lost and a person asks once more
  await stack.losesAnswers(page, '/executions/*/retry-failed', 'POST', 2);
  await button('Retry failed records').click();
  await page.getByText('The records could not be tried again').waitFor();
  await button('Retry failed records').click();

  await heading('Execution 2').waitFor();
  await page.getByText('Retry of 2 failed records of execution 1').waitFor();
  await page.getByRole('tab', { name: 'Problems (2)' }).click();
  await page.getByRole('heading', { name: '2 failed records are still to be loaded' }).waitFor();
});

test('a viewer sees the way of a record without its values, and is offered nothing that a viewer may not do', async () => {
  const { body } = await stack.api.call('POST', '/api-keys', { name: 'Who looks', role: 'viewer' });
  await stack.context.clearCookies();
  await page.reload();
  await signIn(page, String(body.key));

  await page.getByText('2 failed records').or(page.getByText('Failed: 2 records')).first().waitFor();
  expect(await button('Retry failed records').count()).toBe(0);
  await page.getByRole('tab', { name: 'Records' }).click();
  await button('Record 1').click();
  const record = page.getByRole('dialog', { name: 'Record 1' });
  await record.getByText('As a viewer you see which fields have values, but not the values.').waitFor();
  expect(await record.getByText(TOO_LONG).count()).toBe(0);
  expect(await record.getByRole('button', { name: /Try again|Give up/ }).count()).toBe(0);
  await expectAccessible(page);

  await stack.context.clearCookies();
  await page.reload();
  await signIn(page, stack.api.key);
});

test('a failed record is corrected where it is shown and loaded, also when the session ends meanwhile, and the rest of its cause is given up', async () => {
  await button('Record 1').click();
  const record = page.getByRole('dialog', { name: 'Record 1' });
  await record.getByText('Last Name holds 80 characters; the value has 81.').waitFor();
  await expectAccessible(page);
  await record.getByLabel('Last Name').fill('Short');
  // giving up is asked before, and to think better of it leaves what was typed
  await record.getByRole('button', { name: 'Give up this record…' }).click();
  const question = page.getByRole('dialog', { name: 'Give up record 1?' });
  await question.getByRole('button', { name: 'Keep as it is' }).and(page.locator(':focus')).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  await record.getByRole('button', { name: 'Give up this record…' }).and(page.locator(':focus')).waitFor();
  expect(await record.getByLabel('Last Name').inputValue()).toBe('Short');
  // a click beside it does not take what was typed away
  await page.mouse.click(5, 5);
  expect(await record.getByLabel('Last Name').inputValue()).toBe('Short');
  // the session ends under it: what was typed is still sent, once somebody has signed in again
  await stack.api.database.sql`delete from sessions`;
  // something that the page asks for by itself may have found it out already: then the click comes beside the dialog
  await record.getByRole('button', { name: 'Try again with these values' }).dispatchEvent('click');
  await signIn(page.getByRole('dialog', { name: 'Sign in again' }), stack.api.key);
  await heading('Execution 3').waitFor();
  await page.getByText('Succeeded').waitFor();
  await page.getByText('Retry of 1 corrected record of execution 2').waitFor();
  // the way of the record tells what a person has put in place of what the source has
  await page.getByRole('tab', { name: 'Records' }).click();
  await button('Record 1').click();
  const correction = record.getByRole('note', { name: 'Corrected by hand' });
  await correction.getByText(/^By the built-in administrator, /).waitFor();
  await correction.getByText(`Last Name: it was “${TOO_LONG}” in the source; corrected by hand to “Short”.`).waitFor();
  await record
    .getByRole('table', { name: 'Read from the source and corrected by hand' })
    .getByRole('row', { name: `Last Name lastName ${TOO_LONG} Short` })
    .waitFor();
  expect(await record.getByRole('table').first().getAttribute('aria-label')).toBe('Sent to be created');
  await expectAccessible(page);
  await record.getByRole('button', { name: 'Close' }).click();

  await page.goBack();
  await heading('Execution 2').waitFor();
  await page.getByRole('tab', { name: 'Problems (1 of 2)' }).click();
  await page.getByText('2 failed at first. Since then: 1 loaded later.').waitFor();
  await page.getByRole('tab', { name: 'Records' }).click();
  await page.getByRole('row', { name: /^Record 1 .*Failed, loaded later in execution 3/ }).waitFor();
  await button('Record 1').click();
  await record.getByText('Created by execution 3').waitFor();
  expect(await record.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  await record.getByRole('button', { name: 'Close' }).click();
  await stack.open('/', page);
  // the same number of the same execution wherever it is told: what a retry did not load belongs to what it tried again
  const due = page.getByText('1 failed record of execution 1 is still to be loaded');
  const row = page.getByRole('row', { name: /Fifty first/ }).and(page.getByRole('row').filter({ has: due }));
  // the run is what is told, with what the retry has made of it
  await row.getByText('298 created, 2 failed').waitFor();
  await row.getByText('1 loaded later by a retry').waitFor();
  await row.getByText('Partial').waitFor();
  await page.getByRole('link', { name: 'Fifty first', exact: true }).click();
  await due.waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Execution 3', exact: true }).click();
  await heading('Execution 3').waitFor();
  await due.waitFor();
  await page.goBack();
  await page.getByRole('link', { name: 'Execution 2', exact: true }).click();
  await page.getByRole('tab', { name: /^Problems/ }).click();
  await page.getByText('Failed: 2 records, 1 still to be loaded').waitFor();
  await button(/^Give up…/).click();
  await page.getByRole('dialog', { name: 'Give up 1 record?' }).getByRole('button', { name: 'Give up' }).click();

  await page.getByText('2 failed: 1 loaded later, 1 given up').waitFor();
  await page.getByText('Nothing is left to do.').waitFor();
  await button('Retry failed records').waitFor({ state: 'detached' });
});

test('an execution is undone after a look at what that would do', async () => {
  await page.getByRole('link', { name: 'Fifty first' }).click();
  await page.getByRole('link', { name: 'Execution 1', exact: true }).click();
  await button('Undo…').click();

  const dialog = page.getByRole('dialog', { name: 'Undo execution 1' });
  await dialog.getByText('298 records that it created will be deleted').waitFor();
  await expectAccessible(page);
  // one wish, however often it is clicked
  await dialog.getByRole('button', { name: 'Undo now' }).dblclick();

  await heading('Execution 4: undo of execution 1').waitFor();
  await page.getByText('Succeeded').waitFor();
  await page.getByText('298 deleted by the undo').waitFor();

  // the execution that it was says so, and offers it no more
  await page.goBack();
  await heading('Execution 1').waitFor();
  await page.getByText('Execution 4 has undone what this one wrote.').waitFor();
  await page.getByText('1 record that execution 3 loaded remains.').waitFor();
  await page.getByText('2 records had failed and were not written. The next run reads them again').waitFor();
  await button('Created 298').click();
  await page
    .getByRole('row', { name: /Created, then undone in execution 4 .*\(deleted\)/ })
    .first()
    .waitFor();
  await expectAccessible(page);
  expect(await button('Undo…').count()).toBe(0);
  await page.goForward();
  await heading('Execution 4: undo of execution 1').waitFor();
});

test('an execution is compared with another one by its counts and its definition, and the choice stands in the address', async () => {
  await page.getByRole('tab', { name: 'Compare' }).click();

  const compared = page.getByRole('table', { name: 'Executions 3 and 4' });
  await compared.getByRole('row', { name: 'Deleted by the undo 0 298 +298', exact: true }).waitFor();
  await page.getByText('From version 2 to version 1:').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Description removed: Tried again' }).waitFor();
  await expectAccessible(page);
  await page.getByLabel('Compare with').selectOption('Execution 1 (partial, then undone)');
  await page.reload();
  await page
    .getByRole('table', { name: 'Executions 1 and 4' })
    .getByRole('row', { name: 'Created 298 0 −298', exact: true })
    .waitFor();
  await page.getByText('Both ran the same definition (version 1).').waitFor();
  await page.getByRole('tab', { name: 'Records' }).click();
  await page.getByText('200 records loaded; scroll for more').waitFor();
});

test('where more records do not come, those that are there stay, and more are asked for when one says so', async () => {
  const { body } = await stack.api.call('GET', `/syncs/${fiftyFirst}/executions`);
  const first = (body.items as unknown as { id: string; number: number }[]).find(({ number }) => number === 1);
  const more = /\/records\?.*cursor=/;
  let asked = 0;
  await page.route(more, async (route) => {
    asked += 1;
    await route.fulfill({ status: 400 });
  });
  await stack.open(`/executions/${first?.id}?outcome=all`, page);
  const records = page.getByRole('region', { name: 'Records of the execution' });
  await records.evaluate((element) => element.scrollTo(0, element.scrollHeight));

  await page.getByText('More records could not be loaded').waitFor();
  await page.getByText('200 records loaded; scroll for more').waitFor();
  await records.evaluate((element) => element.scrollTo(0, 0));
  await records.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(asked).toBe(1);

  await page.unroute(more);
  await button('Try again').click();
  await page.getByText('300 records', { exact: true }).waitFor();
});

test('a cause is mended where it is told, by the usual change of the mapping or on the page of mappings, and its records are loaded', async () => {
  const filter = { column: 'email', operator: 'equals', value: 'person0@example.com' };
  shortened = await stack.activatedSync({ name: 'To be shortened', filter });
  await stack.untilEnded(shortened);
  const { body } = await stack.api.call('GET', `/syncs/${shortened}`);
  const { id } = body.lastExecution as unknown as { id: string };
  await stack.open(`/executions/${id}?tab=problems`, page);

  await page.getByRole('link', { name: 'Change the mapping of Last Name' }).click();
  await heading('Field Mappings').waitFor();
  await page.getByRole('combobox', { name: 'Source of mapping 2' }).and(page.locator(':focus')).waitFor();
  await page.goBack();
  await button(/^Shorten to 80 characters/).click();
  const question = page.getByRole('dialog', { name: 'Shorten to 80 characters?' });
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Change the mapping' }).click();
  await page
    .getByRole('status')
    .getByText('“Shorten to 80 characters” was applied to Last Name. Now try the records again.')
    .waitFor();
  await expectAccessible(page);
  await button(/^Try 1 record again/).click();

  await heading('Execution 2').waitFor();
  await page.getByText('Succeeded').waitFor();
  await page.goBack();
  await page.getByRole('tab', { name: 'Records' }).click();
  await page.getByRole('row', { name: /^Record 1 .*Failed, loaded later in execution 2/ }).waitFor();
  await expectAccessible(page);
  await page.getByRole('tab', { name: /^Problems/ }).click();
  await page.getByText('1 failed: 1 loaded later').waitFor();
  expect(await page.getByText('Now try the records again.').count()).toBe(0);
});

test('the list of syncs shows in a small picture, which is told in words, how the last runs ended', async () => {
  expect((await stack.api.call('POST', `/syncs/${shortened}/activate`)).status).toBe(202);
  await stack.api.until(shortened, ({ lastExecution }) => {
    const { number, state } = (lastExecution ?? {}) as { number?: number; state?: string };
    return number === 3 && state !== 'running';
  });
  await stack.open('/', page);

  const undone = page.getByRole('row', { name: /Fifty first/ });
  await undone.getByText('Completed, then undone').waitFor();
  await undone.getByText('Partial, then undone').waitFor();
  expect(await undone.getByText('still to be loaded').count()).toBe(0);
  // a retry is no run
  const words = 'The last 2 runs, the newest first: 1 succeeded, 1 partial';
  const row = page.getByRole('row', { name: /To be shortened/ });
  await row.getByText('Last 2 runs: 1 succeeded, 1 partial').waitFor();
  await row.getByRole('img', { name: words }).waitFor();
  await expectAccessible(page);
  // what is drawn besides has no words of its own, and has to be seen
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    const colours = await row
      .locator('[aria-hidden] > span, [role="img"] > span')
      .evaluateAll((parts) => parts.map((part) => getComputedStyle(part).backgroundColor));
    expect(new Set(colours).size).toBeGreaterThan(1);
    expect(colours).not.toContain('rgba(0, 0, 0, 0)');
  }
  await page.getByRole('link', { name: 'Fifty first', exact: true }).click();
  await page
    .getByRole('row', { name: /Execution 1/ })
    .getByText('Partial, then undone')
    .waitFor();
  await expectAccessible(page);
});

test('what was undone is activated again after a look at what that does, and never told by what the undo did', async () => {
  const question = page.getByRole('dialog', { name: 'Activate "Fifty first" again?' });
  const lastRun = question.getByText('The last run, which was undone, read 300 records and wrote 298.');
  await button('Activate again…').click();
  await lastRun.waitFor();
  await question.getByRole('button', { name: 'Preview first' }).waitFor();
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Go to the schedule' }).click();

  await heading('Schedule and Execution').waitFor();
  const written = page.getByRole('region', { name: 'What will be written' });
  await written.getByText('Execution 1 was undone. There is no preview from this window.').waitFor();
  await button('Activate again').click();
  await lastRun.waitFor();
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Preview first' }).click();
  await page.waitForURL(/\/edit\/preview$/);
  const { body } = await stack.api.call('GET', `/syncs/${fiftyFirst}`);
  expect(body.status).toBe('completed');
});
