import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Takes one line that a person reads while something is prepared. */
export type Say = (line: string) => void;

/** One way to a tool. */
export interface Rung {
  /** Completes "Temporal server: …", for example "`temporal` on the PATH". */
  way: string;
  /** The path of the tool, or why it is not to be had in this way. Throws likewise, with a message for people. */
  attempt(): Promise<{ path: string } | { missing: string }>;
}

/** A tool could not be had in any way. The message says how to install it. */
export class ToolMissingError extends Error {
  override name = 'ToolMissingError';
}

/**
 * Tries each way to a tool in turn and reports each.
 * @param advice how a person gets the tool, said when no way leads to it
 * @returns the tool's path
 * @throws ToolMissingError
 */
export async function climb(tool: string, rungs: readonly Rung[], advice: string, say: Say): Promise<string> {
  for (const { way, attempt } of rungs) {
    try {
      const answer = await attempt();
      if ('path' in answer) {
        say(`${tool}: ${way}: ${answer.path}`);
        return answer.path;
      }
      say(`${tool}: ${way}: ${answer.missing}`);
    } catch (error) {
      say(`${tool}: ${way}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new ToolMissingError(`${tool} could not be had. ${advice}`);
}

/** The full path of a program that the shell would find, or undefined. */
export async function onPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, program)))) return join(folder, program);
  }
  return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

interface ShortRun {
  env?: Readonly<Record<string, string>>;
  timeoutMs?: number;
}

/** What a program writes to its output. Throws when it fails or takes too long. */
export async function outputOf(
  program: string,
  args: readonly string[],
  { env, timeoutMs = 20_000 }: ShortRun = {},
): Promise<string> {
  const { stdout } = await run(program, args, { timeout: timeoutMs, env: { ...process.env, ...env } });
  return stdout.trim();
}

/** Whether a web address answers at all, so that a download that cannot work is not waited for. */
export async function isReachable(url: string, timeoutMs = 3_000): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
    return true;
  } catch {
    return false; // no name, no route, no answer in time: all mean "not from here"
  }
}

interface LongRun {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Ends the program. */
  signal?: AbortSignal;
  /** Reports that the program still works, with how much it has written so far. */
  progress: (lines: number, seconds: number) => void;
}

/** Runs a program that takes minutes, and reports now and then. Throws with the end of its output when it fails. */
export function runLong(
  program: string,
  args: readonly string[],
  { env, cwd, signal, progress }: LongRun,
): Promise<void> {
  const reportEveryMs = 10_000;
  const keptLines = 15;
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    });
    const last: string[] = [];
    let lines = 0;
    const take = (chunk: Buffer) => {
      const written = chunk.toString('utf8').split('\n').filter(Boolean);
      lines += written.length;
      last.push(...written);
      last.splice(0, last.length - keptLines);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const timer = setInterval(() => progress(lines, Math.round((performance.now() - startedAt) / 1000)), reportEveryMs);
    child.on('error', (error) => {
      clearInterval(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with code ${code}:\n${last.join('\n')}`));
    });
  });
}
