import type { Locator, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { MarketoSyncs } from '../support/marketo-syncs';
import { fromSetUp, SERVICE_VARIABLES } from '../support/service-variables';

jest.setTimeout(90_000);

const PEOPLE = 1;
const WEEKLY = {
  type: 'interval',
  every: { amount: 1, unit: 'week' },
  start: new Date(Date.now() - 86_400_000).toISOString(),
};

let syncs: MarketoSyncs;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;
let namespaceUrl: string;

beforeAll(async () => {
  namespaceUrl = `${fromSetUp(SERVICE_VARIABLES.temporalUi)}/namespaces/default`;
  syncs = await MarketoSyncs.start({ people: PEOPLE });
  browser = await openBrowser();
  page = await browser.context.newPage();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await syncs.stop();
});
beforeEach(() => {
  syncs.target.faults.clear();
  syncs.reset();
});

const open = (workflowId: string) => page.goto(`${namespaceUrl}/workflows/${encodeURIComponent(workflowId)}`);

/** The dialog that is open: those of the other actions are there too, and hidden. */
const dialog = () => page.locator('dialog:visible, [role="dialog"]:visible').first();

/** Clicks until it has the effect that is waited for: the page answers only once it has come to life. */
async function click(what: Locator, awaited: Locator): Promise<void> {
  while (!(await awaited.isVisible())) {
    // without a look at where it is: the page moves while the history grows
    await what.dispatchEvent('click', {}, { timeout: 2_000 }).catch(() => undefined);
    await awaited.waitFor({ timeout: 2_000 }).catch(() => undefined);
  }
}

test('a sync that is cancelled in the Web UI is cancelled here', async () => {
  const syncId = await syncs.activated({ schedule: WEEKLY });
  await syncs.until(syncId, ({ nextRunAt }) => nextRunAt !== null);

  await open(`sync/${syncId}`);
  await click(page.getByRole('button', { name: 'Request Cancellation' }).first(), dialog());
  await dialog().getByRole('button').last().click();

  expect(await syncs.until(syncId, ({ status }) => status !== 'active')).toMatchObject({ status: 'cancelled' });
});
