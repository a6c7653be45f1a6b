import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { findProcesses } from '../src/local/processes';

const CLOCK_TICKS_PER_SECOND = 100;
const KB_PER_MB = 1024;

/** Seconds of processor time that a process has used, with the children that it has seen end; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  try {
    // the program's name, in parentheses, may hold blanks; the times of the process and of its children are the 14th to 17th of all
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/s, '()')
      .split(' ');
    return fields.slice(13, 17).reduce((sum, ticks) => sum + Number(ticks), 0) / CLOCK_TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** The same of all processes whose command line has the mark. */
export async function cpuSecondsOf(mark: string): Promise<number> {
  return (await findProcesses(mark)).reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
}

/** The most memory that a process has held at once. */
export function peakMb(pid: number): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KB_PER_MB);
}

/** The memory that a process holds now. */
export function residentMb(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KB_PER_MB);
}

/** How many programs want a core: what else runs on the machine disturbs every time that is measured. */
export const loadText = (): string => `load of the machine: ${loadavg()[0]?.toFixed(1)}`;
