import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

/** The sandbox in a process of its own, which can be killed and started again over the same data. */
export interface SandboxProcess {
  /** @returns the address of a vendor */
  start(vendor: 'Marketo' | 'Salesforce'): Promise<string>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

/** Arranges the tests of a `describe`: after them the sandbox may not have complained of itself. */
export function useSandboxProcess(): SandboxProcess {
  let folder: string;
  let running: ChildProcess | undefined;
  let complaints = '';
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
    expect(complaints).toBe('');
  });

  return {
    async start(vendor) {
      const child = spawn(process.execPath, [join(folder, 'sandbox.js')], {
        env: {
          PATH: process.env.PATH,
          NODE_PATH: resolve('node_modules'),
          SYNC_DATA_DIR: folder,
          SYNC_SANDBOX_PORTS: '0,0,0',
          SYNC_SANDBOX_TLS_PORTS: 'off',
          SYNC_SANDBOX_PEOPLE: '0',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running = child;
      child.stderr.on('data', (piece: Buffer) => {
        complaints += piece.toString('utf8');
      });
      for await (const line of createInterface({ input: child.stdout })) {
        const [, name, url] = /^(\w+) .*(http:\/\/\S+)/.exec(line) ?? [];
        if (name === vendor && url !== undefined) return url;
      }
      throw new Error('The sandbox did not start');
    },
    async kill() {
      const child = running;
      child?.kill('SIGKILL');
      if (child) await once(child, 'exit');
    },
  };
}
