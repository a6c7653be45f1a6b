import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { findProcesses } from '../src/local/processes';

const CLOCK_TICKS_PER_SECOND = 100;
/** Places among the fields of a process's statistics, from 0: its own time in its code and in the kernel's, and that of its ended children. */
const OWN_TIMES = [13, 15] as const;
const CHILDREN_TIMES = [15, 17] as const;
const KB_PER_MB = 1024;

/** Seconds of processor time that a process has used, with the children that it has seen end; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  try {
    return secondsIn(pid, OWN_TIMES[0], CHILDREN_TIMES[1]);
  } catch {
    return 0;
  }
}

/** Seconds of processor time that those children of this process have used that have ended, with theirs. */
export const endedChildrenCpuSeconds = (): number => secondsIn(process.pid, ...CHILDREN_TIMES);

function secondsIn(pid: number, from: number, to: number): number {
  // the program's name, in parentheses, may hold blanks
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/\(.*\)/s, '()')
    .split(' ');
  return fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) / CLOCK_TICKS_PER_SECOND;
}

/** The same of all processes whose command line has the mark. */
export async function cpuSecondsOf(mark: string): Promise<number> {
  return (await findProcesses(mark)).reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
}

/** The most memory that a process has held at once. */
export function peakMb(pid: number): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KB_PER_MB);
}

/** Lets a process's peak begin anew at what it holds now. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** The memory that a process holds now. */
export function residentMb(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KB_PER_MB);
}

/** How many programs want a core: what else runs on the machine disturbs every time that is measured. */
export const loadText = (): string => `load of the machine: ${loadavg()[0]?.toFixed(1)}`;
