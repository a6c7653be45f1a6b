import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface RunningProcess {
  pid: number;
  /** Program and arguments with blanks between them, or the title that the process gave itself. */
  commandLine: string;
}

/** All processes of the machine that may be seen; from the kernel where it tells, else by `ps`. */
export async function runningProcesses(): Promise<RunningProcess[]> {
  if (!existsSync('/proc/self/cmdline')) {
    const { stdout } = await run('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.split('\n').flatMap((line) => {
      const match = /^\s*(\d+)\s+(.*)$/.exec(line);
      return match ? [{ pid: Number(match[1]), commandLine: match[2] ?? '' }] : [];
    });
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const commandLines = await Promise.all(pids.map(kernelCommandLine));
  return pids.flatMap((pid, at) => {
    const commandLine = commandLines[at];
    return commandLine ? [{ pid, commandLine }] : [];
  });
}

/** The processes whose command line has the mark, but for this one. A process that has ended is none, even if nobody asked for its end. */
export async function findProcesses(mark: string): Promise<RunningProcess[]> {
  return (await runningProcesses()).filter(({ pid, commandLine }) => pid !== process.pid && commandLine.includes(mark));
}

/** Empty for a process that has ended. */
async function kernelCommandLine(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  } catch (error) {
    // ENOENT, ESRCH: it ended meanwhile; EACCES: another user's, which may be hidden
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EACCES'].includes(String(error.code)))
      return '';
    throw error;
  }
}

/** Sends a signal. @returns whether there was a process to send it to */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

interface StopOptions {
  /** How the process is asked to end. */
  signal: NodeJS.Signals;
  /** How long it may take before it is killed. */
  patienceMs: number;
}

/** Ends all processes with the mark: first asked, then killed. Returns when none is left. */
export async function stopProcesses(mark: string, { signal, patienceMs }: StopOptions): Promise<void> {
  const pauseMs = 50;
  const deadline = performance.now() + patienceMs;
  const asked = new Set<number>();
  for (;;) {
    const left = await findProcesses(mark);
    if (left.length === 0) return;
    const isLate = performance.now() > deadline;
    for (const { pid } of left) {
      if (isLate) signalProcess(pid, 'SIGKILL');
      else if (!asked.has(pid)) signalProcess(pid, signal);
      asked.add(pid);
    }
    await sleep(pauseMs);
  }
}
