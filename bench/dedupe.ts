/**
 * `npm run bench -- dedupe [RECORDS]`: so many staged records (default 1,000,000) are put under each duplicate rule, by the query of
 * the product on the PostgreSQL that `npm start` embeds. One record in fifty has no key, one in six shares its key with another, 1,000
 * have one and the same, and one in fifty is filtered out already.
 */
import { appendOutcomes } from '../db/queries/ledger';
import { analyzeStaging, leaveOutDuplicates, type StagedRow } from '../db/queries/staging';
import { DEDUPLICATE_RULES, type DeduplicateRule } from '../src/domain/definition';
import { outcomeOf } from '../src/domain/outcome';
import { sortKey } from '../src/domain/source-order';
import { cpuSecondsOf, loadText } from './cpu';
import { type BenchDatabase, type BenchExecution, newExecution, stage, withDatabase } from './database';
import { measure } from './measure';

const records = Number(process.argv[2] ?? 1_000_000);
const PORT = 5_934;
const ONE_KEY = 1_000;
const FILTERED_OUT_EVERY = 50;
const MINUTE_MS = 60_000;

/** Rows come in no order of their keys or dates: multiplying by a prime mixes them, and always gives the same. */
const mixed = (index: number): number => (index * 7_919) % records;

function rowOf(index: number): StagedRow {
  const sourceId = String(1_000_000 + mixed(index));
  const person = index < ONE_KEY ? 0 : index % 12 === 0 ? index - 1 : index;
  const at = (offset: number): string =>
    new Date(Date.UTC(2026, 0, 1) - ((index * offset) % 1_000_000) * MINUTE_MS).toISOString();
  return {
    sortKey: sortKey('number', sourceId),
    sourceId,
    matchKey: index % 50 === 49 ? null : `person${person}@example.com`,
    createdAt: at(7),
    updatedAt: index % 100 === 99 ? null : at(13),
    body: JSON.stringify([
      'Given',
      'Family',
      `person${person}@example.com`,
      'Graz',
      'Austria',
      '+43 1 555',
      'x'.repeat(180),
    ]),
  };
}

async function filterOut({ sql }: BenchDatabase, execution: BenchExecution): Promise<void> {
  const rows = Array.from({ length: Math.floor(records / FILTERED_OUT_EVERY) }, (_none, n) =>
    rowOf(n * FILTERED_OUT_EVERY),
  );
  await sql.begin((tx) =>
    appendOutcomes(
      tx,
      execution,
      rows.map((row) => outcomeOf(row, 'filteredOut', { reason: 'filter' })),
    ),
  );
}

/** Puts everything back to where it was before the rule was applied. */
async function undo({ sql }: BenchDatabase): Promise<void> {
  await sql`delete from outcomes where outcome = 'duplicate'`;
  await sql`delete from later_rounds`;
  await sql`vacuum outcomes, later_rounds`;
}

async function apply(database: BenchDatabase, execution: BenchExecution, rule: DeduplicateRule): Promise<void> {
  const before = await cpuSecondsOf(database.mark);
  const leftOut = await measure(rule, records, () => leaveOutDuplicates(database.sql, execution, rule, null));
  const [rounds] = await database.sql<{ later: number }[]>`select count(*)::int as later from later_rounds`;
  const cpu = (await cpuSecondsOf(database.mark)) - before;
  console.log(
    `  ${leftOut} left out, ${rounds?.later} in later rounds; PostgreSQL: ${cpu.toFixed(1)} s of CPU; ${loadText()}`,
  );
  await undo(database);
}

async function main(): Promise<void> {
  await withDatabase(PORT, async (database) => {
    const execution = await newExecution(database);
    await measure('staged', records, () => stage(database, execution, records, rowOf));
    await filterOut(database, execution);
    await analyzeStaging(database.sql, execution.stagedOn, 'staged_records');
    for (const rule of DEDUPLICATE_RULES) await apply(database, execution, rule);
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
