import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { climb, isExecutable, onPath, runLong } from '../src/local/tool-ladder';

const VERSION = 'v12.13.0';
const FOLDER = resolve('.tools', `vegeta-${VERSION}`);
const PROGRAM = resolve(FOLDER, 'vegeta');
const NANOSECONDS_PER_MS = 1_000_000;

/** Sends requests at a steady rate, whether or not earlier ones have been answered. */
export const LOAD_TOOL = `vegeta ${VERSION}`;

/** What a load came to. */
export interface LoadFigures {
  requests: number;
  /** The share of answers with a status of success, from 0 to 1. */
  success: number;
  statuses: Record<string, number>;
  /** From the moment at which a request was due until its answer was there whole, in milliseconds. */
  ms: { median: number; p95: number; p99: number; most: number };
  /** Of an answer, in the mean. */
  bytes: number;
}

/** Makes the load tool ready. @throws ToolMissingError that says what to install */
export const prepareLoadTool = (): Promise<string> =>
  climb(
    'Load tool',
    [
      {
        way: 'built earlier',
        attempt: async () => ((await isExecutable(PROGRAM)) ? { path: PROGRAM } : { missing: 'not there' }),
      },
      {
        way: `go install ${VERSION}`,
        attempt: async () => {
          const go = await onPath('go');
          if (!go) return { missing: 'Go is not there' };
          await runLong(go, ['install', `github.com/tsenart/vegeta/v12@${VERSION}`], {
            env: { GOBIN: FOLDER },
            progress: (_lines, seconds) => console.log(`Load tool: built for ${seconds} s so far`),
          });
          return { path: PROGRAM };
        },
      },
    ],
    'Install Go (https://go.dev/dl/), which builds it.',
    console.log,
  );

const nanoseconds = z.number().transform((value) => value / NANOSECONDS_PER_MS);
const report = z.object({
  requests: z.number(),
  success: z.number(),
  status_codes: z.record(z.string(), z.number()),
  latencies: z.object({ '50th': nanoseconds, '95th': nanoseconds, '99th': nanoseconds, max: nanoseconds }),
  bytes_in: z.object({ mean: z.number() }),
});

/** Gets addresses in turn, so many a second, over so many seconds. */
export async function load(
  urls: readonly string[],
  { rate, seconds, apiKey }: { rate: number; seconds: number; apiKey: string },
): Promise<LoadFigures> {
  const attack = spawn(PROGRAM, ['attack', `-rate=${rate}/1s`, `-duration=${seconds}s`, '-timeout=30s'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const reporting = execFile(PROGRAM, ['report', '-type=json']);
  if (!reporting.stdin || !reporting.stdout) throw new Error('The load tool cannot be asked for its figures.');
  attack.stdout.pipe(reporting.stdin);
  attack.stdin.end(urls.map((url) => `GET ${url}\nAuthorization: Bearer ${apiKey}\n`).join('\n'));
  const [told] = await Promise.all([text(reporting.stdout), once(attack, 'exit')]);
  const { requests, success, status_codes: statuses, latencies, bytes_in: bytes } = report.parse(JSON.parse(told));
  const ms = { median: latencies['50th'], p95: latencies['95th'], p99: latencies['99th'], most: latencies.max };
  return { requests, success, statuses, ms, bytes: bytes.mean };
}
