import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnPart } from '../src/local/part-command';
import { nodePart } from '../src/local/parts';
import { hashApiKey, makeApiKey } from '../src/security/api-keys';
import type { BenchDatabase } from './database';

const KEY_BYTES = 32;
const START_TIMEOUT_MS = 60_000;
const PATIENCE_MS = 10_000;

/** An API that runs. */
export interface ApiProcess {
  pid: number;
  /** With `/api/v1`, without a slash at the end. */
  url: string;
  /** Of a viewer, kept in the database as those of people are. */
  apiKey: string;
}

/** Starts the API in a process of its own, as it was built and with its usual settings but for the streams of one key, works with it and ends it. Temporal is away. */
export async function withApi(
  database: BenchDatabase,
  port: number,
  work: (api: ApiProcess) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sync-bench-api-'));
  const origin = `http://127.0.0.1:${port}`;
  const part = nodePart('api', folder, {
    script: join(__dirname, '..', 'src', 'api', 'main.js'),
    probe: `${origin}/healthz`,
    patienceMs: PATIENCE_MS,
    env: () => ({
      PORT: String(port),
      SYNC_DATA_DIR: folder,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: `127.0.0.1:${port + 1}`,
      TEMPORAL_UI_URL: `http://127.0.0.1:${port + 2}`,
      // one key stands for many people here
      SYNC_EVENT_STREAMS_EACH: '1000',
      SYNC_SECRET_KEY: randomBytes(KEY_BYTES).toString('base64'),
    }),
  });
  const apiKey = makeApiKey();
  await database.sql`insert into api_keys (name, role, key_hash) values ('bench', 'viewer', ${hashApiKey(apiKey)})`;
  const log = openSync(join(folder, 'api.log'), 'a');
  const child = spawnPart(await part.prepare(), { output: log, detached: false });
  const ended = once(child, 'exit');
  try {
    await part.whenReady(AbortSignal.timeout(START_TIMEOUT_MS));
    if (child.pid === undefined) throw new Error('The API has no process.');
    await work({ pid: child.pid, url: `${origin}/api/v1`, apiKey });
  } finally {
    child.kill(part.stopSignal);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Has the kernel forget the most memory that a process has held, so that `peakMb` tells what it comes to from now on. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
