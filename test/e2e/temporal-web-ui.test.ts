import type { Frame, Locator, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';
import { fromSetUp, SERVICE_VARIABLES } from '../support/service-variables';
import { marketoPeople } from '../support/vendor-rows';

jest.setTimeout(180_000);

const PEOPLE = 20;
const LEADS = '/rest/v1/leads.json';
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

const inLoad = ({ lastExecution }: ShownSync) => lastExecution?.phase === 'load';
const executionOf = (syncId: string) => `sync/${syncId}/execution/1`;
/** Until the fault is removed, the load comes no further, and tries again. */
const held = () =>
  syncs.target.addFault({ match: { path: LEADS }, action: { type: 'respond', status: 503, body: '' } });
const open = (workflowId: string) => page.goto(`${namespaceUrl}/workflows/${encodeURIComponent(workflowId)}`);

/** Looks for executions as an operator does: that of a sync is the only one found. */
async function find(syncId: string, what: string): Promise<void> {
  const query = `${what} AND SyncId = "${syncId}"`;
  // what has just been said is in Temporal's list a moment later
  while ((await syncs.sync.client.workflow.count(query)).count === 0) await page.waitForTimeout(200);
  await page.goto(`${namespaceUrl}/workflows?query=${encodeURIComponent(query)}`);
  await page.getByRole('link', { name: executionOf(syncId), exact: true }).waitFor();
}

/** Opens the page of a workflow that says what it does. */
async function openDetails(workflowId: string): Promise<void> {
  const { runId } = await syncs.sync.client.workflow.getHandle(workflowId).describe();
  await page.goto(`${namespaceUrl}/workflows/${encodeURIComponent(workflowId)}/${runId}/user-metadata`);
}

/** Waits until the details of an open page, which the page shows in frames, say all of this. */
async function reads(...texts: RegExp[]): Promise<void> {
  const textOf = (frame: Frame) => frame.locator('body').textContent({ timeout: 1_000 });
  for (;;) {
    const shown = await Promise.all(page.frames().map((frame) => textOf(frame).catch(() => '')));
    const text = shown.join(' ');
    if (texts.every((each) => each.test(text))) return;
    // the page's own key: it asks for fresh details
    await page.keyboard.press('r');
    await page.waitForTimeout(500);
  }
}

/** What is done in the Web UI is shown by Sync within this time of Temporal's having done it: that is promised, however busy a machine is. */
const SHOWN_WITHIN_MS = 5_000;

/** @returns the sync as it is shown as soon as this holds @throws where the promise is broken after a run of its workflow has closed */
async function shownInTime(syncId: string, runId: string, holds: (sync: ShownSync) => boolean): Promise<ShownSync> {
  const run = syncs.sync.client.workflow.getHandle(`sync/${syncId}`, runId);
  const shown = await syncs.until(syncId, holds);
  const shownAt = Date.now();
  const { closeTime } = await run.describe();
  expect(shownAt - (closeTime?.getTime() ?? shownAt)).toBeLessThan(SHOWN_WITHIN_MS);
  return shown;
}

/** The run of its workflow that is open. */
const presentRun = async (syncId: string) =>
  (await syncs.sync.client.workflow.getHandle(`sync/${syncId}`).describe()).runId;

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

async function choose(action: string): Promise<void> {
  const item = page.getByRole('menuitem', { name: action, exact: true });
  await click(page.getByRole('button', { name: 'More Actions' }), item);
  await click(item, dialog());
}

test('an execution is read while it runs, was cancelled, waits and has ended, and is found by its outcome', async () => {
  const fault = held();
  const running = await syncs.activated({ name: 'EU leads' });
  await syncs.until(running, inLoad);
  await openDetails(executionOf(running));
  await reads(/load: writing to the destination/, /Read\s*20\s*Created\s*0/);

  expect(await syncs.control(running, 'cancel')).toMatchObject({ status: 202 });
  // until then nothing is loaded: a run that is through before it hears of the cancel has succeeded
  await syncs.until(running, ({ lastExecution }) => lastExecution?.state === 'cancelled');
  syncs.target.faults.remove(fault.id);
  await find(running, 'SyncOutcome = "cancelled"');
  await openDetails(executionOf(running));
  await reads(/Ended:\s*cancelled/, /Read\s*20\s*Created\s*0/);

  syncs.reset();
  syncs.target.addFault({ match: { path: LEADS }, count: 1, action: { type: 'vendorError', code: '607' } });
  const waiting = await syncs.activated({ name: 'EU leads' });
  await syncs.until(waiting, ({ lastExecution }) => typeof lastExecution?.problem === 'string');
  await openDetails(executionOf(waiting));
  await reads(/Waiting:.*quota/, /Read\s*20\s*Created\s*0/);

  await syncs.sync.database.sql`
    update instance_limits set state = jsonb_set(state, '{quota,untilMs}', '0'), version = version + 1 where state -> 'quota' <> 'null'`;
  await syncs.control(waiting, 'pause');
  await syncs.control(waiting, 'resume');
  await syncs.until(waiting, ({ status }) => status === 'completed');
  await find(waiting, 'SyncOutcome = "succeeded"');
  await openDetails(executionOf(waiting));
  await reads(/Ended:\s*succeeded/, /Read\s*20\s*Created\s*20/);
  await openDetails(`sync/${waiting}`);
  await reads(/Completed\./, /Last execution:\s*1, succeeded/, /Read\s*20\s*Created\s*20/);
});

test('a sync that is cancelled in the Web UI is cancelled here', async () => {
  const syncId = await syncs.activated({ schedule: WEEKLY });
  await syncs.until(syncId, ({ nextRunAt }) => nextRunAt !== null);

  const run = await presentRun(syncId);
  await open(`sync/${syncId}`);
  await click(page.getByRole('button', { name: 'Request Cancellation' }).first(), dialog());
  await dialog().getByRole('button').last().click();

  const shown = await shownInTime(syncId, run, ({ status }) => status !== 'active');
  expect(shown).toMatchObject({ status: 'cancelled' });
});

test('a sync that is terminated in the Web UI in the middle of a run is cancelled here with it, and says why', async () => {
  held();
  const syncId = await syncs.activated();
  await syncs.until(syncId, inLoad);

  const run = await presentRun(syncId);
  await open(`sync/${syncId}`);
  await choose('Terminate');
  await dialog().getByRole('button').last().click();
  await shownInTime(syncId, run, ({ status }) => status === 'cancelled');
  const shown = await syncs.until(
    syncId,
    ({ status, lastExecution }) => status !== 'active' && lastExecution?.state !== 'running',
  );

  expect(shown).toMatchObject({ status: 'cancelled', lastExecution: { state: 'cancelled' } });
  expect(shown.problem).toContain('terminated in Temporal');
});

test('a sync that is reset in the Web UI in the middle of a run goes on, and each record is loaded once', async () => {
  const fault = held();
  const syncId = await syncs.activated();
  await syncs.until(syncId, inLoad);
  const before = await presentRun(syncId);

  await open(`sync/${syncId}`);
  await choose('Reset');
  const firstTask = dialog().getByRole('option').first();
  await click(dialog().locator('[aria-haspopup]'), firstTask);
  await firstTask.click();
  await dialog().getByRole('button', { name: 'Confirm' }).click();
  while ((await presentRun(syncId)) === before) await page.waitForTimeout(100);
  const again = await shownInTime(syncId, before, ({ lastExecution }) => lastExecution?.state === 'running');
  expect(again).toMatchObject({ status: 'active', lastExecution: { number: 1 } });
  syncs.target.faults.remove(fault.id);
  const done = await syncs.until(syncId, ({ status }) => status !== 'active');

  expect(done).toMatchObject({ status: 'completed', lastExecution: { counts: { created: PEOPLE } } });
  expect(marketoPeople(syncs.target)).toHaveLength(PEOPLE);
});
