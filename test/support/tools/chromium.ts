import { join, resolve } from 'node:path';
import {
  climb,
  isExecutable,
  isReachable,
  onPath,
  outputOf,
  type Rung,
  runLong,
  type Say,
} from '../../../src/local/tool-ladder';
import { systemPackages } from './system-packages';

const TOOL = 'Chromium';
const DOWNLOAD_SITE = 'https://cdn.playwright.dev/';
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const MAC_PROGRAMS = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/**
 * Finds or gets a browser for Playwright.
 * @returns path of the program, to be given as `executablePath`
 */
export function findChromium(toolsDir: string, say: Say): Promise<string> {
  const browsers = { PLAYWRIGHT_BROWSERS_PATH: join(toolsDir, 'browsers') };
  const found = (path: string | undefined) => (path === undefined ? { missing: 'not there' } : { path });
  const rungs: Rung[] = [
    { way: 'installed', attempt: async () => found(await installed()) },
    { way: 'fetched earlier', attempt: async () => found(await fetched(browsers)) },
    {
      way: "Playwright's download",
      attempt: async () => {
        if (!(await isReachable(DOWNLOAD_SITE))) return { missing: `${DOWNLOAD_SITE} cannot be reached from here` };
        await runLong(process.execPath, [resolve('node_modules/playwright-core/cli.js'), 'install', 'chromium'], {
          env: browsers,
          progress: (_lines, seconds) => say(`${TOOL}: downloading for ${seconds} s`),
        });
        return found(await fetched(browsers));
      },
    },
    systemPackages(TOOL, ['chromium'], installed, say),
  ];
  return climb(TOOL, rungs, 'Install it, for example by "apt-get install chromium".', say);
}

async function installed(): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    const path = await onPath(program);
    if (path !== undefined) return path;
  }
  for (const path of MAC_PROGRAMS) if (await isExecutable(path)) return path;
  return undefined;
}

/** Playwright reads the folder when it is loaded, so it is asked in a process of its own. */
async function fetched(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const question = "process.stdout.write(require('playwright-core').chromium.executablePath())";
  const path = await outputOf(process.execPath, ['-e', question], { env });
  return (await isExecutable(path)) ? path : undefined;
}
