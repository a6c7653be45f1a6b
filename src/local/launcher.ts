import { errorCode } from './error-code';
import { parentOf, runningProcesses } from './processes';

const LOOK_EVERY_MS = 1_000;

/**
 * The process id of the `npm` that started this process, if one did. A killed `npm start` must not leave a Sync behind that no
 * terminal shows, so it is watched. npm is the parent, or the parent of the shell that it runs scripts by.
 */
export async function launchingNpm(): Promise<number | undefined> {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const grandparent = await parentOf(process.ppid);
  const processes = await runningProcesses();
  const isNpm = (pid: number | undefined) =>
    processes.some((one) => one.pid === pid && /(^|[\\/])npm(-cli\.js)?( |$)/.test(one.commandLine));
  return [process.ppid, grandparent].find(isNpm);
}

/**
 * Calls back once when a process is gone.
 * @returns ends the watching
 */
export function watchEnd(pid: number, onGone: () => void): () => void {
  const timer = setInterval(() => {
    if (isThere(pid)) return;
    clearInterval(timer);
    onGone();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // without the right to signal it, it is there
    return errorCode(error) === 'EPERM';
  }
}
