import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { errorCode } from './error-code';
import { identityOf } from './processes';
import type { Say } from './tool-ladder';

const processSchema = z.object({
  pid: z.int(),
  /** Tells the process from a later one with the same id. */
  identity: z.string(),
});
const holderSchema = processSchema.extend({
  /** Who started it: without that one it stops by itself. */
  launcher: processSchema.optional(),
  /** It is on its way out: whoever comes next waits. */
  isStopping: z.boolean(),
});
type Holder = z.output<typeof holderSchema>;

/** Sync runs already with this data folder. */
export class AlreadyRunningError extends Error {
  override name = 'AlreadyRunningError';
  constructor(pid: number, dataDir: string) {
    super(
      `Sync runs already with the data folder ${dataDir} (process ${pid}). ` +
        'Stop that one with Ctrl-C, or give this one a folder and ports of its own: SYNC_DATA_DIR, PORT, and so on.',
    );
  }
}

export interface InstanceLock {
  /** Tells who comes next that this process is ending. */
  announceStop(): Promise<void>;
  release(): Promise<void>;
}

interface LockOptions {
  /** Where the holder is noted. */
  file: string;
  /** The folder that is held, for messages. */
  dataDir: string;
  /** Process id of who started this process, and is watched by it. */
  launcherPid?: number | undefined;
  say: Say;
}

/**
 * Makes sure that one process at a time looks after a data folder. A holder that was killed holds nothing; one that is
 * stopping, or is about to since its launcher is gone, is waited for.
 * @throws AlreadyRunningError
 */
export async function takeLock({ file, dataDir, launcherPid, say }: LockOptions): Promise<InstanceLock> {
  const pauseMs = 200;
  const self = await identified(process.pid);
  if (!self) throw new Error('This process cannot be found among the running ones');
  const launcher = launcherPid === undefined ? undefined : await identified(launcherPid);
  const own: Holder = { ...self, ...(launcher ? { launcher } : {}), isStopping: false };
  let hasSaidSo = false;
  while (!(await tryToHold(file, own))) {
    const holder = await readHolder(file);
    if (!holder || !(await isRunning(holder))) {
      await rm(file, { force: true }); // it was killed
    } else if (holder.isStopping || (holder.launcher && !(await isRunning(holder.launcher)))) {
      if (!hasSaidSo) say(`Waiting for the earlier Sync (process ${holder.pid}) to stop`);
      hasSaidSo = true;
      await sleep(pauseMs);
    } else throw new AlreadyRunningError(holder.pid, dataDir);
  }
  return {
    async announceStop() {
      await writeFile(`${file}.new`, JSON.stringify({ ...own, isStopping: true } satisfies Holder));
      await rename(`${file}.new`, file);
    },
    release: () => rm(file, { force: true }),
  };
}

async function identified(pid: number): Promise<z.output<typeof processSchema> | undefined> {
  const identity = await identityOf(pid);
  return identity === undefined ? undefined : { pid, identity };
}

async function isRunning({ pid, identity }: z.output<typeof processSchema>): Promise<boolean> {
  return (await identityOf(pid)) === identity;
}

async function tryToHold(file: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when the file is gone, or was left half-written. */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
