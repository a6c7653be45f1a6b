import type { Readable, Writable } from 'node:stream';

/** What a command line runs in; `main.ts` gives that of the process. */
export interface World {
  environment: Readonly<Record<string, string | undefined>>;
  /** Where the user's settings of programs lie, such as `~/.config`. */
  configFolder: string;
  input: Readable;
  /** Data, and nothing else. */
  output: Writable;
  /** What people are told beside the data. */
  messages: Writable;
  /** A person sits there: may be asked, and sees bars move. */
  isInteractive: boolean;
}

/** How a command ended, for scripts (docs/cli.md). */
export const EXIT = {
  ok: 0,
  /** A problem was found, a run has not succeeded, or the server refused what was asked. */
  problem: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The server could not be reached, or does not let the key do this. */
  unreachable: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that is wrong, with the place where. */
export interface Located {
  /** Such as `definitions.yaml:12`. */
  place: string;
  message: string;
}

/** Ends a command: what happened, and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** Of an answer of the server that refuses. */
  readonly status?: number;
  constructor(
    message: string,
    readonly exitCode: ExitCode,
    readonly details: readonly Located[] = [],
  ) {
    super(message);
  }
}
