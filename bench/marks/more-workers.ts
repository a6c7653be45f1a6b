import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Everything } from '../everything';

const RUNS_TEXT = 'the worker runs';

/** Starts further workers beside the one that is there, each as that one was started, works with them and ends them. */
export async function withMoreWorkers<T>(everything: Everything, more: number, work: () => Promise<T>): Promise<T> {
  const pid = await everything.workerPid();
  const children = Array.from({ length: more }, () => startedAs(pid));
  try {
    await Promise.all(children.map(whenItRuns));
    return await work();
  } finally {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }),
    );
  }
}

/** Another process with the command line and the variables of one. */
function startedAs(pid: number): ChildProcess {
  const partsOf = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').filter(Boolean);
  const [program = process.execPath, ...args] = partsOf('cmdline');
  const variables = partsOf('environ').map((variable): [string, string] => {
    const [name = ''] = variable.split('=', 1);
    return [name, variable.slice(name.length + 1)];
  });
  const env = { ...Object.fromEntries(variables), LOG_LEVEL: 'info' };
  return spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
}

/** It says so, and goes on saying things that nobody needs. */
function whenItRuns(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`A further worker ended with ${code}.`)));
    child.stdout?.on('data', (text: Buffer) => {
      if (text.includes(RUNS_TEXT)) resolve();
    });
  });
}
