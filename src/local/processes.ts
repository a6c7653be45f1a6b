import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from './error-code';

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
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(errorCode(error) ?? '')) return '';
    throw error;
  }
}

/** The process that started the given one, and when that one began: together with the id, what no other process has. */
interface Status {
  parentPid: number;
  startedAt: string;
}

async function statusOf(pid: number): Promise<Status | undefined> {
  try {
    if (!existsSync('/proc/self/stat')) {
      const { stdout } = await run('ps', ['-o', 'ppid=,lstart=', '-p', String(pid)]);
      const match = /^\s*(\d+)\s+(.+?)\s*$/.exec(stdout);
      return match ? { parentPid: Number(match[1]), startedAt: match[2] ?? '' } : undefined;
    }
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // the program's name, in parentheses, may hold blanks; the state comes next, then the parent, and the start is the 22nd of all
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { parentPid: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined; // it has ended: then neither the file is there nor does ps find it
  }
}

/** What tells a process from a later one with the same id; undefined when there is none. */
export async function identityOf(pid: number): Promise<string | undefined> {
  return (await statusOf(pid))?.startedAt;
}

export async function parentOf(pid: number): Promise<number | undefined> {
  return (await statusOf(pid))?.parentPid;
}

/** Sends a signal. @returns whether there was a process to send it to */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
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
