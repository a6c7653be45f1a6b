import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { Envelope } from './marketo-host';

describe('a sandbox that is killed', () => {
  let folder: string;
  let running: ChildProcess | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sync-kill-'));
    await build({
      entryPoints: ['src/sandbox/main.ts'],
      bundle: true,
      platform: 'node',
      packages: 'external',
      outfile: join(folder, 'sandbox.js'),
      logLevel: 'silent',
    });
  });
  afterAll(() => {
    running?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the sandbox in a process of its own. @returns Marketo's address */
  const start = async (): Promise<string> => {
    const child = spawn(process.execPath, [join(folder, 'sandbox.js')], {
      env: {
        PATH: process.env.PATH,
        NODE_PATH: resolve('node_modules'),
        SYNC_DATA_DIR: folder,
        SYNC_SANDBOX_PORTS: '0,0,0',
        SYNC_SANDBOX_TLS_PORTS: 'off',
        SYNC_SANDBOX_PEOPLE: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^Marketo .*(http:\/\/\S+)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
    throw new Error('The sandbox did not start');
  };
  const signIn = async (url: string): Promise<Record<string, string>> => {
    const query = 'grant_type=client_credentials&client_id=sandbox&client_secret=sandbox';
    const answer = (await (await fetch(`${url}/identity/oauth/token?${query}`)).json()) as { access_token: string };
    return { Authorization: `Bearer ${answer.access_token}`, 'Content-Type': 'application/json' };
  };

  test('when it is started again, every lead that was acknowledged is there, once', async () => {
    const url = await start();
    const headers = await signIn(url);
    const acknowledged: number[] = [];
    const write = async (batch: number): Promise<void> => {
      const input = Array.from({ length: 20 }, (_, index) => ({ email: `kill${batch}-${index}@example.org` }));
      const answer = await fetch(`${url}/rest/v1/leads.json`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ input }),
      });
      const { result = [] } = (await answer.json()) as Envelope;
      acknowledged.push(...result.map(({ id }) => id));
    };
    for (let batch = 0; batch < 20; batch += 1) await write(batch);
    const child = running;
    const unfinished = Promise.allSettled([write(20), write(21)]);
    child?.kill('SIGKILL');
    await Promise.all([unfinished, child && once(child, 'exit')]);

    const again = await start();

    const found: number[] = [];
    const signedIn = await signIn(again);
    for (let first = 0; first < acknowledged.length; first += 300) {
      const query = new URLSearchParams({
        filterType: 'id',
        filterValues: acknowledged.slice(first, first + 300).join(),
      });
      const answer = await fetch(`${again}/rest/v1/leads.json?${query}`, { headers: signedIn });
      found.push(...(((await answer.json()) as Envelope).result ?? []).map(({ id }) => id));
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(400);
    expect(found.sort((a, b) => a - b)).toEqual(acknowledged.sort((a, b) => a - b));
  }, 30_000);
});
