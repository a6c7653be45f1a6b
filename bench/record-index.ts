/**
 * `npm run bench -- record-index [RECORDS]`: what a run asks of the index of a sync that reads what changed, by the queries of the product
 * on the PostgreSQL that `npm start` embeds. So many records (default 100,000) are read by a first run, all of them again by a second,
 * and by a third one in fifty, of which half have changed.
 */
import { appendOutcomes } from '../db/queries/ledger';
import {
  dropUnchanged,
  forgetMissing,
  forgetRecords,
  rememberReading,
  toBeReadAgain,
} from '../db/queries/record-index';
import { analyzeStaging, leaveOutDuplicates, type StagedRow } from '../db/queries/staging';
import { DEDUPLICATE_RULES, type DeduplicateRule } from '../src/domain/definition';
import { outcomeOf } from '../src/domain/outcome';
import { sortKey } from '../src/domain/source-order';
import { KeyHashes } from '../src/security/key-hashes';
import { cpuSecondsOf, loadText } from './cpu';
import { type BenchDatabase, type BenchExecution, newExecution, stage, withDatabase } from './database';

const KEY_HASHES = new KeyHashes([Buffer.alloc(32, 'bench')]);

const records = Number(process.argv[2] ?? 100_000);
const PORT = 5_934;
const READ_EVERY = 50;
const PAGE_OUTCOMES = 10_000;

/** @param changes how often the record has changed */
function rowOf(index: number, changes = 0): StagedRow {
  const sourceId = String(1_000_000 + index);
  const at = (day: number): string => new Date(Date.UTC(2026, 0, day, 0, 0, index)).toISOString();
  const person = index % 12 === 0 && index > 0 ? index - 1 : index;
  // every fourth change is one of the key
  const matchKey =
    index % 50 === 49 ? null : `person${person}${changes > 0 && index % 4 === 0 ? 'new' : ''}@example.com`;
  return {
    sortKey: sortKey('number', sourceId),
    sourceId,
    matchKey,
    keyHash: matchKey === null ? null : KEY_HASHES.of('bench', matchKey),
    createdAt: at(1),
    updatedAt: at(1 + changes),
    body: JSON.stringify(['Given', 'Family', `person${person}@example.com`, 'Graz', 'x'.repeat(200), changes]),
  };
}

async function timed<T>(database: BenchDatabase, what: string, work: () => Promise<T>): Promise<T> {
  const before = await cpuSecondsOf(database.mark);
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const cpu = (await cpuSecondsOf(database.mark)) - before;
  const told = typeof result === 'number' ? `: ${result}` : Array.isArray(result) ? `: ${result.length}` : '';
  console.log(`  ${what}${told}: ${seconds.toFixed(2)} s, PostgreSQL ${cpu.toFixed(2)} s of CPU`);
  return result;
}

/** Gives each staged record that has none an outcome, as a load does. */
async function load({ sql }: BenchDatabase, { executionId, epoch, stagedOn }: BenchExecution): Promise<void> {
  const rows = await sql<StagedRow[]>`
    select sort_key as "sortKey", source_id as "sourceId", match_key as "matchKey" from staged_records s
    where staged_on = ${stagedOn} and execution_id = ${executionId}
      and not exists (select 1 from outcomes o where o.execution_id = s.execution_id and o.sort_key = s.sort_key)`;
  for (let from = 0; from < rows.length; from += PAGE_OUTCOMES) {
    const outcomes = rows
      .slice(from, from + PAGE_OUTCOMES)
      .map((row, n) => outcomeOf(row, n % 50 === 0 ? 'failed' : 'created', { destinationId: '0035g00000AbCdEAAV' }));
    await sql.begin((tx) => appendOutcomes(tx, { executionId, epoch }, outcomes));
  }
}

async function runAll(database: BenchDatabase, rule: DeduplicateRule, number: number, of?: string): Promise<string> {
  const { sql } = database;
  const execution = await newExecution(database, number, of);
  await stage(database, execution, records, (index) => rowOf(index));
  await analyzeStaging(sql, execution.stagedOn, 'staged_records');
  await leaveOutDuplicates(sql, execution, rule, null);
  await load(database, execution);
  const { syncId } = execution;
  await timed(database, `run ${number}, everything read: rememberReading`, () =>
    rememberReading(sql, execution, { syncId, rule, key: 'key_hash' }, { wasChangedOnly: false }),
  );
  return syncId;
}

async function runChanged(database: BenchDatabase, rule: DeduplicateRule, syncId: string): Promise<void> {
  const { sql } = database;
  const index = { syncId, rule, key: 'key_hash' as const };
  const execution = await newExecution(database, 3, syncId);
  const read = Math.floor(records / READ_EVERY);
  await stage(database, execution, read, (n) => rowOf(n * READ_EVERY, n % 2));
  await analyzeStaging(sql, execution.stagedOn, 'staged_records');
  await timed(database, 'run 3, what changed: dropUnchanged', () => dropUnchanged(sql, execution, index));
  const again = await timed(database, 'toBeReadAgain', () => toBeReadAgain(sql, execution, index, { mayLeave: true }));
  const missing = again.slice(0, 100).map((id) => sortKey('number', id));
  await timed(database, 'forgetMissing', () => forgetMissing(sql, execution, index, missing));
  await timed(database, 'leaveOutDuplicates', () => leaveOutDuplicates(sql, execution, rule, index));
  await load(database, execution);
  await timed(database, 'rememberReading', () => rememberReading(sql, execution, index, { wasChangedOnly: true }));
  const deleted = Array.from({ length: read }, (_none, n) => rowOf(n * READ_EVERY + 1).sortKey);
  await timed(database, `forgetRecords, ${read} of them`, () => forgetRecords(sql, index, deleted));
}

async function main(): Promise<void> {
  await withDatabase(PORT, async (database) => {
    for (const rule of DEDUPLICATE_RULES) {
      console.log(`${rule}, ${records} records; ${loadText()}`);
      const syncId = await runAll(database, rule, 1);
      await runAll(database, rule, 2, syncId);
      await runChanged(database, rule, syncId);
    }
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
