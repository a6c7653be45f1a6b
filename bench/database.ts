import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseClient, migrateDatabase, openDatabase } from '../db/client';
import { type Attempt, openExecution, takeOver } from '../db/queries/executions';
import { type StagedRow, saveParts, stagePage } from '../db/queries/staging';
import { spawnPart } from '../src/local/part-command';
import { preparePostgres, whenPostgresAnswers } from '../src/local/postgres';

const DATABASE = 'sync';
const START_TIMEOUT_MS = 60_000;
const PAGE_ROWS = 2_000;

/** A PostgreSQL as `npm start` embeds it, with all migrations run. */
export interface BenchDatabase extends DatabaseClient {
  /** In the command lines of the server's processes. */
  mark: string;
  /** Where other programs reach it. */
  url: string;
}

/** Starts PostgreSQL in a folder of its own, works with it, and removes it. */
export async function withDatabase(port: number, work: (database: BenchDatabase) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sync-bench-'));
  const server = await preparePostgres({ dataDir: join(folder, 'postgres'), port });
  const log = openSync(join(folder, 'postgres.log'), 'a');
  const child = spawnPart(server.command, { output: log, detached: false });
  try {
    await whenPostgresAnswers(server, DATABASE, AbortSignal.timeout(START_TIMEOUT_MS));
    const client = openDatabase(server.url(DATABASE));
    try {
      await migrateDatabase(client, new Date().toISOString().slice(0, 10));
      await work({ ...client, mark: server.mark, url: server.url(DATABASE) });
    } finally {
      await client.close();
    }
  } finally {
    child.kill('SIGINT');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An execution that nobody runs, to stage records in. */
export interface BenchExecution extends Attempt {
  syncId: string;
  stagedOn: string;
}

/** Opens the n-th execution of a sync, or of a new one. */
export async function newExecution({ sql }: DatabaseClient, number = 1, of?: string): Promise<BenchExecution> {
  const syncId = of ?? (await newSync({ sql }));
  const asOf = new Date().toISOString();
  const opened = await openExecution(sql, { syncId, number, trigger: 'now', scheduledFor: asOf, asOf });
  const { epoch } = await takeOver(sql, opened.executionId);
  return { syncId, executionId: opened.executionId, epoch, stagedOn: opened.stagedOn };
}

async function newSync({ sql }: Pick<DatabaseClient, 'sql'>): Promise<string> {
  const [sync] = await sql<{ sync_id: string }[]>`
    with s as (insert into syncs (name) values ('A sync') returning sync_id, version)
    insert into sync_versions (sync_id, version, definition, saved_by)
    select sync_id, version, '{}'::jsonb, 'bench' from s returning sync_id`;
  return sync?.sync_id ?? '';
}

/** Stages records as a run does: page by page, each page in a transaction of its own. */
export async function stage(
  { sql }: DatabaseClient,
  execution: BenchExecution,
  records: number,
  rowOf: (index: number) => StagedRow,
): Promise<void> {
  await saveParts(sql, execution, [{ part: 0, cursor: { at: 0 }, sourceIds: null }]);
  for (let from = 0; from < records; from += PAGE_ROWS) {
    const count = Math.min(PAGE_ROWS, records - from);
    const rows = Array.from({ length: count }, (_none, index) => rowOf(from + index));
    const next = from + count < records ? { at: from + count } : null;
    await stagePage(sql, execution, 0, { rows, next, total: records });
  }
}
