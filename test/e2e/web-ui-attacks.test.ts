import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { WebUiStack } from '../support/web-ui-stack';

jest.setTimeout(180_000);

/** As people enter it into a form of a web site, which ends up in Marketo. */
const SCRIPT = '<img src=x onerror="globalThis.isAttacked=true">';
const TAGS = '<script>globalThis.isAttacked=true</script>';
/** Is refused by the destination, so that a message repeats it. */
const TOO_LONG = `${SCRIPT}${TAGS}`;

let stack: WebUiStack;
let page: Page;
let otherSite: { url: string; server: Server };

beforeAll(async () => {
  stack = await WebUiStack.start({ people: 0 });
  stack.sandbox.marketo.vendor.stores.insertRecords('leads', [
    { email: 'script@example.com', lastName: SCRIPT },
    { email: 'long@example.com', lastName: TOO_LONG },
  ]);
  page = await stack.open();
  otherSite = await startOtherSite();
}, 120_000);
afterAll(async () => {
  otherSite?.server.close();
  await stack?.stop();
});

/** A page of another origin in the same place: the browser sends it the cookies of this machine. */
async function startOtherSite(): Promise<{ url: string; server: Server }> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<p>Hello</p>'),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

test('scripts in names, descriptions and values of records are shown as the text that they are, on every page (ASVS 1.2.1, 3.2.2)', async () => {
  const syncId = await stack.activatedSync({
    name: `Named ${TAGS}`,
    description: `[a link](javascript:alert(1)) ${SCRIPT}`,
  });
  await stack.untilEnded(syncId);
  const { body } = await stack.api.call('GET', `/syncs/${syncId}`);
  const executionId = (body.lastExecution as unknown as { id: string }).id;
  const pages: [path: string, shown: string][] = [
    ['/', TAGS],
    [`/syncs/${syncId}`, SCRIPT],
    [`/syncs/${syncId}/edit/basics`, TAGS],
    [`/syncs/${syncId}/edit/mappings`, SCRIPT],
    [`/executions/${executionId}`, TAGS],
    [`/executions/${executionId}?tab=problems`, TAGS],
  ];

  for (const [path, shown] of pages) {
    await stack.open(path, page);
    await page.getByText(shown).first().waitFor();
    expect(await page.evaluate(() => 'isAttacked' in globalThis)).toBe(false);
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
  }
  // nothing of it was even tried, which the policy of the pages would have stopped
  expect(stack.complaints()).toEqual([]);
});

test('a page of another origin, opened in the browser of somebody who has signed in, reads and changes nothing (ASVS 3.5.1, 3.5.2)', async () => {
  const schedule = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2099-01-01T02:30', timeZone: 'UTC' };
  const syncId = await stack.activatedSync({ name: 'Not to be cancelled', schedule });
  const cancel = `${stack.api.url}/api/v1/syncs/${syncId}/cancel`;
  await stack.open('/', page);
  const attacker = await stack.context.newPage();
  await attacker.goto(otherSite.url);

  const answers = await attacker.evaluate(async (url) => {
    const tried = [
      { method: 'GET' },
      { method: 'POST', mode: 'no-cors' as const },
      { method: 'POST', mode: 'no-cors' as const, headers: { 'content-type': 'text/plain' }, body: '{}' },
      { method: 'POST', headers: { 'content-type': 'application/json', 'x-sync-request': '1' }, body: '{}' },
    ];
    const results: string[] = [];
    for (const each of tried) {
      const text = await fetch(url, { credentials: 'include', ...each })
        .then((answer) => answer.text())
        .catch(() => '');
      results.push(text);
    }
    return results;
  }, cancel);
  const answered = attacker.waitForResponse(cancel);
  await attacker.evaluate((url) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url });
    document.body.append(form);
    form.submit();
  }, cancel);

  expect(answers).toEqual(['', '', '', '']);
  expect((await answered).status()).toBe(403);
  expect((await stack.api.call('GET', `/syncs/${syncId}`)).body.status).toBe('active');
  await attacker.close();
});
