import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { root, say } from '../run.mjs';

const TOOLS = join(root, '.tools');

/** A browser with one page, its window of this size. */
export async function openBrowser({ width, height, isDark }) {
  const { findChromium } = await imported('test/support/tools/chromium.ts');
  const browser = await chromium.launch({
    executablePath: await findChromium(TOOLS, say),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: isDark ? 'dark' : 'light',
    timezoneId: 'Europe/Vienna',
  });
  return { page: await context.newPage(), close: () => browser.close() };
}

/** A module of the tests, which no build has. */
async function imported(path) {
  const outfile = join(TOOLS, `pages-${process.pid}.mjs`);
  mkdirSync(TOOLS, { recursive: true });
  await build({
    entryPoints: [join(root, path)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}
