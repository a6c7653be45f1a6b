import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { fromSetUp, SERVICE_VARIABLES } from './service-variables';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** No promise of speed: what never comes ends the wait for it, however slow the machine is. */
const PATIENCE_MS = 60_000;

/** A browser with an empty profile of its own. */
export async function openBrowser(): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'sync-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: fromSetUp(SERVICE_VARIABLES.chromium),
    headless: true,
    args: ARGUMENTS,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
