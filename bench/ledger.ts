/**
 * `npm run bench -- ledger [RECORDS] [BATCH]`: what it costs to write down each batch before it is sent, as it is sent and when it is
 * settled, by the queries of the product on the PostgreSQL that `npm start` embeds. So many records (default 100,000) of six fields are
 * created in batches of so many (default 200), one after the other; nothing is sent anywhere.
 */
import { type LoadBatch, markSent, markSettled, type PlannedRecord, planBatch } from '../db/queries/batches';
import { account, saveCursor } from '../db/queries/executions';
import { appendOutcomes } from '../db/queries/ledger';
import { outcomeOf } from '../src/domain/outcome';
import { sortKey } from '../src/domain/source-order';
import { cpuSecondsOf, loadText } from './cpu';
import { type BenchDatabase, type BenchExecution, newExecution, withDatabase } from './database';

const [records = 100_000, batchSize = 200] = process.argv.slice(2).map(Number);
const PORT = 5_935;

function planned(index: number): PlannedRecord {
  const sourceId = String(1_000_000 + index);
  const key = `person${index}@example.com`;
  const values = {
    Email: key,
    FirstName: 'Given',
    LastName: `Family ${index}`,
    Title: null,
    Phone: '+43 316 0000',
    MailingCity: 'Graz',
  };
  return { sortKey: sortKey('number', sourceId), sourceId, matchKey: key, destinationId: null, key, values };
}

/** Does something once for each item, and prints what one of them took. */
async function timed<Item, Result>(
  database: BenchDatabase,
  what: string,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const [cpuBefore, ownBefore] = [await cpuSecondsOf(database.mark), process.cpuUsage()];
  const start = performance.now();
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  const each = (milliseconds: number) => `${(milliseconds / items.length).toFixed(2)} ms`;
  const byTheClock = each(performance.now() - start);
  const cpu = each(((await cpuSecondsOf(database.mark)) - cpuBefore) * 1_000);
  const { user, system } = process.cpuUsage(ownBefore);
  console.log(`  ${what}: ${byTheClock}; CPU: this process ${each((user + system) / 1_000)}, PostgreSQL ${cpu}`);
  return results;
}

/** Windows of one batch each: what is planned moves the cursor in the same transaction. */
const plan = ({ sql }: BenchDatabase, execution: BenchExecution, some: readonly PlannedRecord[]): Promise<LoadBatch> =>
  sql.begin(async (tx) => {
    const batch = await planBatch(tx, execution, {
      operation: 'create',
      round: 1,
      records: some,
      at: new Date().toISOString(),
    });
    await saveCursor(tx, execution, { load: { round: 1, cursor: some.at(-1)?.sortKey ?? null } });
    await appendOutcomes(tx, execution, []);
    return batch;
  });

const settle = ({ sql }: BenchDatabase, execution: BenchExecution, batch: LoadBatch): Promise<void> =>
  sql.begin(async (tx) => {
    await markSettled(tx, batch.batchId, new Date().toISOString());
    const ended = batch.records.map((record) => outcomeOf(record, 'created', { destinationId: '0035g00000AbCdEAAV' }));
    await appendOutcomes(tx, execution, ended, { progress: ended.length });
  });

async function printSizes({ sql }: BenchDatabase): Promise<void> {
  const rows = await sql<{ table: string; bytes: string }[]>`
    select coalesce(parent.relname, c.relname) as table, sum(pg_total_relation_size(c.oid)) as bytes
    from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class parent on parent.oid = i.inhparent
    where coalesce(parent.relname, c.relname) in ('load_batches', 'batch_plans', 'outcomes') and c.relkind = 'r' group by 1 order by 1`;
  const sizes = rows.map(({ table, bytes }) => `${table} ${Math.round(Number(bytes) / records)}`);
  console.log(`  bytes for each record: ${sizes.join(', ')}`);
}

async function main(): Promise<void> {
  await withDatabase(PORT, async (database) => {
    const { sql } = database;
    const execution = await newExecution(database);
    const batches = Array.from({ length: Math.ceil(records / batchSize) }, (_none, batch) =>
      Array.from({ length: Math.min(batchSize, records - batch * batchSize) }, (_no, n) =>
        planned(batch * batchSize + n),
      ),
    );
    console.log(`${records} records, ${batches.length} batches of ${batchSize}; each batch takes; ${loadText()}`);
    const stored = await timed(database, 'planned', batches, (some) => plan(database, execution, some));
    const at = new Date().toISOString();
    await timed(database, 'sent', stored, ({ batchId }) => markSent(sql, execution, batchId, { handle: null, at }));
    await timed(database, 'settled', stored, (batch) => settle(database, execution, batch));
    await timed(database, 'the fence by itself', stored, () => sql.begin((tx) => account(tx, execution, {})));
    await timed(database, 'an empty transaction', stored, () => sql.begin((tx) => tx`select 1`));
    await printSizes(database);
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
