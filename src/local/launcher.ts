import { errorCode } from './error-code';
import { parentOf, runningProcesses } from './processes';

const LOOK_EVERY_MS = 1_000;

/**
 * Watches the `npm` that started this process, and calls back once when it is gone: a killed `npm start` must not leave a Sync
 * behind that no terminal shows. Started otherwise, nothing is watched.
 * @returns ends the watching
 */
export async function watchLauncher(onGone: (pid: number) => void): Promise<() => void> {
  const npm = await launchingNpm();
  if (npm === undefined) return () => undefined;
  const timer = setInterval(() => {
    if (isThere(npm)) return;
    clearInterval(timer);
    onGone(npm);
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** npm is the parent, or the parent of the shell that it runs scripts by. */
async function launchingNpm(): Promise<number | undefined> {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const grandparent = await parentOf(parent);
  const processes = await runningProcesses();
  const isNpm = (pid: number | undefined) =>
    processes.some((one) => one.pid === pid && /(^|[\\/])npm(-cli\.js)?( |$)/.test(one.commandLine));
  return [parent, grandparent].find(isNpm);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // without the right to signal it, it is there
    return errorCode(error) === 'EPERM';
  }
}
