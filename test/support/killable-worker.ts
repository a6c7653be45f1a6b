import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { WorkerTask } from './worker-process';

/** A worker in a process of its own, which can be killed as a machine kills one. */
export class KillableWorker {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Returns when the process has said that it works. */
  static async start(task: WorkerTask): Promise<KillableWorker> {
    const folder = await mkdtemp(join(tmpdir(), 'sync-worker-'));
    const file = join(folder, 'worker.js');
    await build({
      entryPoints: ['test/support/worker-process.ts'],
      bundle: true,
      platform: 'node',
      packages: 'external',
      outfile: file,
      logLevel: 'silent',
    });
    const child = fork(file, {
      env: { ...process.env, NODE_PATH: resolve('node_modules'), SYNC_TEST_TASK: JSON.stringify(task) },
      execArgv: [],
    });
    await Promise.race([once(child, 'message'), endedEarly(child)]);
    return new KillableWorker(child, folder);
  }

  /** Ends it at once, unless that has been done: it can tell nobody. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
    await rm(this.folder, { recursive: true });
  }
}

async function endedEarly(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`The worker ended with ${code} before it worked.`);
}
