/**
 * `npm run pages`: opens the web UI in a browser, over the sandbox's demo data and with parts of its own. `-- speed` tells how heavy the
 * first page is and how soon it can be used; `-- screenshots` makes the pictures of docs/images; without a word it does both.
 * `--width 390`, `--dark`, `--whole` and `--into FOLDER` make other pictures. `-- looks` shows every page, tab and dialog light and dark, wide
 * and narrow, into a folder of its own, and fails where axe finds something; `--only list,import` those alone.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { openBrowser, TOOLS } from './pages/browser.mjs';
import { makeDemo, runSlowly } from './pages/demo.mjs';
import { showLooks } from './pages/looks.mjs';
import { scenes } from './pages/scenes.mjs';
import { measureFirstPage } from './pages/speed.mjs';
import { startSync } from './pages/stack.mjs';
import { fail, root, say } from './run.mjs';

const USUAL = ['speed', 'screenshots'];
const KINDS = [...USUAL, 'looks'];
const HEIGHT = 860;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: 'string', default: '1280' },
    dark: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    into: { type: 'string' },
    only: { type: 'string' },
  },
});
const unknown = positionals.find((kind) => !KINDS.includes(kind));
if (unknown !== undefined) fail(`There is no ${unknown}; there are ${KINDS.join(', ')}.`);
const wanted = positionals.length === 0 ? USUAL : positionals;

process.chdir(root);
await ensureInstalled();
await ensureBuilt();
const sync = await startSync();
const browser = await openBrowser({ width: Number(values.width), height: HEIGHT, isDark: values.dark });
try {
  const demo = await makeDemo(sync);
  await browser.page.goto(sync.signInLink);
  await browser.page.getByRole('heading', { name: 'Syncs' }).waitFor();
  if (wanted.includes('speed')) for (const line of await measureFirstPage(browser.page, sync.url)) say(line);
  if (wanted.some((kind) => kind !== 'speed')) await runSlowly(sync, demo);
  if (wanted.includes('screenshots')) await makeScreenshots(demo, values.into ?? join('docs', 'images'));
  if (wanted.includes('looks')) {
    const into = values.into ?? join(TOOLS, 'looks');
    const faults = await showLooks({ page: browser.page, url: sync.url, demo, into, only: values.only?.split(',') });
    say(`Pictures: ${into}. ${faults === 0 ? 'axe finds nothing.' : `axe finds fault with ${faults} of them.`}`);
    if (faults > 0) process.exitCode = 1;
  }
} finally {
  await browser.close();
  await sync.stop();
}

async function makeScreenshots(demo, into) {
  mkdirSync(into, { recursive: true });
  for (const { name, path, prepare } of scenes(demo)) {
    await browser.page.goto(`${sync.url}${path}`);
    await prepare(browser.page);
    const file = join(into, `${name}.png`);
    await browser.page.screenshot({ path: file, fullPage: values.whole, animations: 'disabled' });
    say(`${file}: ${Math.ceil(statSync(file).size / 1_000)} kB`);
  }
}
