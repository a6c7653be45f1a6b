import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { root, say } from '../run.mjs';

/** Nothing in it is kept with the sources. */
export const TOOLS = join(root, '.tools');

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
export async function imported(path) {
  // a name of its own: a second module of the same address would be the first one
  const outfile = join(TOOLS, `pages-${process.pid}-${basename(path, '.ts')}.cjs`);
  mkdirSync(TOOLS, { recursive: true });
  await build({
    entryPoints: [join(root, path)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    logLevel: 'warning',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}
