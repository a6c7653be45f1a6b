import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** How a part is started: a program of its own, known by its command line. */
export interface PartCommand {
  program: string;
  args: readonly string[];
  /** Folder to work in; `/` where the part may not enter the one of the caller. */
  cwd?: string;
  /** Variables besides those of the caller. */
  env?: Readonly<Record<string, string>>;
  /** The system user to run as. */
  user?: SystemUser;
  /** A folder that is opened before the user is changed; the part finds it as `INHERITED_FOLDER`. */
  inheritedFolder?: string;
}

export interface SystemUser {
  uid: number;
  gid: number;
}

/** Where a part finds the folder that it inherits: its fourth open file, after input, output and errors. */
export const INHERITED_FOLDER = '/proc/self/fd/3';

interface Output {
  /** Takes what the part writes: an open file, or `pipe` to read it. */
  output: number | 'pipe';
  /** In a process group of its own, so that Ctrl-C in the terminal reaches the caller alone. */
  detached: boolean;
}

/** Starts a part. The caller watches `exit` and `error`. */
export function spawnPart(command: PartCommand, { output, detached }: Output): ChildProcess {
  const folder = command.inheritedFolder === undefined ? undefined : openSync(command.inheritedFolder, 'r');
  try {
    return spawn(command.program, command.args, {
      stdio: ['ignore', output, output, ...(folder === undefined ? [] : [folder])],
      detached,
      env: { ...process.env, ...command.env },
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      ...command.user,
    });
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

/** What a part that runs to its end has written, both streams together. */
export function runToEnd(command: PartCommand): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawnPart(command, { output: 'pipe', detached: false });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text: Buffer.concat(chunks).toString('utf8') }));
  });
}
