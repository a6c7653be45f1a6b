import { Client, Connection } from '@temporalio/client';
import { source as axeSource } from 'axe-core';
import type { Page } from 'playwright-core';
import { ROUTES } from '../../src/api/routes';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { openBrowser } from '../support/browser';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

const HEALTH_ROUTES = 2;
/** What receivers get is shown beside the routes; a test call has an event of its own. */
const SENT_EVENTS = WEBHOOK_EVENTS.length + 1;

let api: RunningApi;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;
let connection: Connection;

beforeAll(async () => {
  connection = Connection.lazy({ address: testTemporal().address });
  const engine = new TemporalEngine(new Client({ connection }));
  api = await RunningApi.start({ engine, allowedHosts: [] });
  browser = await openBrowser();
  page = await browser.context.newPage();
}, 60_000);

afterAll(async () => {
  await browser.close();
  await api.stop();
  await connection.close();
});

test('the documents of the API show every route', async () => {
  const refused: string[] = [];
  page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));

  await page.goto(`${api.url}/docs`);
  await page.getByRole('heading', { name: /^Sync/ }).first().waitFor();

  await page
    .getByRole('button', { name: /activate a sync/i })
    .first()
    .waitFor();
  await page
    .getByRole('button', { name: /save a new sync/i })
    .first()
    .click();
  await page.getByText('EU leads to contacts').first().waitFor();
  await page.getByRole('button', { name: 'Try it out' }).click();
  expect(await page.locator('.opblock').count()).toBe(ROUTES.length + HEALTH_ROUTES + SENT_EVENTS);
  expect(refused).toEqual([]);
}, 60_000);

test('the page of the documents can be read by a screen reader: it has a title, a language and a main part', async () => {
  await page.goto(`${api.url}/docs`);
  await page.getByRole('heading', { name: /^Sync/ }).first().waitFor();
  await page.evaluate(axeSource);

  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: { id: string }[] }> };
    };
    const rules = ['document-title', 'html-has-lang', 'landmark-one-main', 'meta-viewport'];
    return (await axe.run({ runOnly: rules })).violations.map(({ id }) => id);
  });

  expect(found).toEqual([]);
}, 60_000);
