import { setImmediate } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { expectAccessible } from '../support/accessibility';
import { WebUiStack } from '../support/web-ui-stack';

jest.setTimeout(180_000);

/** Temporal lists what has asked for work in the last minute and a little; a page looks every ten seconds. */
const UNTIL_MISSED_MS = 100_000;

let stack: WebUiStack;
let page: Page;

beforeAll(async () => {
  stack = await WebUiStack.start({ people: 0 });
  stack.sandbox.marketo.vendor.stores.insertRecords('leads', [
    { email: 'person0@example.com', lastName: 'x'.repeat(81) },
    { email: 'person1@example.com', lastName: 'Sample' },
  ]);
  page = await stack.open();
}, 120_000);
afterAll(() => stack.stop());
afterEach(() => expect(stack.complaints()).toEqual([]));

const heading = (name: string | RegExp) => page.getByRole('heading', { name, exact: true });

test('while no worker runs, the page says so; once one does, it goes on by itself', async () => {
  await stack.sync.stopWorker();
  const syncId = await stack.activatedSync({ name: 'While nobody works' });
  await stack.open(`/syncs/${syncId}`, page);
  await page.getByText('Overdue').waitFor();
  await page.getByText(/No worker (runs|has taken it up yet)\./).waitFor();
  await page.getByText('None yet. The first one shows here as soon as it starts.').waitFor();
  await expectAccessible(page);

  await stack.sync.startWorker();

  await page
    .getByRole('row', { name: /Execution 1/ })
    .getByText('Partial')
    .waitFor();
  await page.getByText('Overdue').waitFor({ state: 'detached' });
});

test('a worker is killed while one watches: the page says that none runs, and shows the end once one does', async () => {
  await stack.sync.stopWorker();
  const worker = await stack.sync.startKillable();
  const { faults } = stack.sandbox.marketo;
  const { id } = stack.sandbox.marketo.addFault({ match: { path: '*/export/*/file.json' }, action: { type: 'hang' } });
  const syncId = await stack.activatedSync({ name: 'Killed while it reads' });
  await stack.open(`/syncs/${syncId}`, page);
  await page.getByRole('list', { name: 'Phases' }).getByText('Reading').waitFor();
  while (faults.list().find((fault) => fault.id === id)?.acted !== 1) await setImmediate();

  await worker.kill();

  await page.getByText('No worker runs').waitFor({ timeout: UNTIL_MISSED_MS });
  await heading('Running now').waitFor();
  faults.remove(id);
  await stack.sync.startWorker();
  await page.getByText('No worker runs').waitFor({ state: 'detached' });
  await page
    .getByRole('row', { name: /Execution 1/ })
    .getByText('Partial')
    .waitFor();
});
