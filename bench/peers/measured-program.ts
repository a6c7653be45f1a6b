import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { endedChildrenCpuSeconds, peakMb } from '../cpu';

/** Memory is looked at so often; what a program grows in the last moment of its life is not seen. */
const LOOK_EVERY_MS = 50;
/** After so long it is killed. */
const PATIENCE_MS = 30 * 60_000;
const TAIL_LINES = 3;
const TAIL_LENGTH = 300;

export interface Program {
  command: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** What it prints goes into this file, with `.err` for its errors. */
  output: string;
}

export interface Cost {
  seconds: number;
  /** Of the processor, with all that it started. */
  cpuSeconds: number;
  peakMb: number;
}

/**
 * Runs a program to its end; nothing else that this process started may end meanwhile.
 * @throws Error with the end of what it printed, when it failed
 */
export async function runProgram({ command, args, env, output }: Program): Promise<Cost> {
  const files = [openSync(output, 'w'), openSync(`${output}.err`, 'w')] as const;
  const cpuBefore = endedChildrenCpuSeconds();
  const startedAt = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', ...files] });
  let peak = 0;
  const look = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid));
  }, LOOK_EVERY_MS);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const patience = setTimeout(kill, PATIENCE_MS);
  try {
    const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (exitCode, signal) => resolve(exitCode ?? signal));
    });
    const seconds = (performance.now() - startedAt) / 1000;
    if (code !== 0) throw new Error(`ended with ${code}: ${tailOf(`${output}.err`) || tailOf(output)}`);
    return { seconds, cpuSeconds: endedChildrenCpuSeconds() - cpuBefore, peakMb: peak };
  } finally {
    clearInterval(look);
    clearTimeout(patience);
    process.off('exit', kill);
    files.forEach(closeSync);
  }
}

/** 0 for a program that has just ended. */
function peakOf(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : peakMb(pid) || 0;
  } catch {
    return 0;
  }
}

function tailOf(file: string): string {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(-TAIL_LINES);
  return lines.join(' / ').slice(-TAIL_LENGTH);
}
