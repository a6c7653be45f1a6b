import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import { COMPLETE_STATES, type CompleteRun, type Reading } from '../../src/domain/changed-only';
import type { DeduplicateRule } from '../../src/domain/definition';
import { type Attempt, account, type Sql } from './executions';
import { iso } from './instant';
import { type KeyRange, partsOf, partsOfIndex } from './staged-parts';
import { KEEPS } from './staging';

/** The index of a sync that reads what changed: how each record stood when it was last read, and who shares its key. */
export interface IndexOf {
  syncId: string;
  rule: DeduplicateRule;
  /** What tells that records share a key: its keyed hash; the key itself where a worker of an earlier release began the execution. */
  key: 'key_hash' | 'match_key';
}

/** An execution with what it has staged. */
export interface StagedBy extends Attempt {
  stagedOn: string;
}

/** Short for a text that is only ever compared with others, under the key that an index is hashed with. */
export const signatureOf = (text: string, keyId: string): string =>
  `${keyId}.${createHash('sha256').update(text).digest('hex')}`;

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The last run of a sync that a later one may build on, if there is one. */
export async function lastCompleteRun(sql: Sql, syncId: string): Promise<CompleteRun | null> {
  const [row] = await sql<{ as_of: string; reading_signature: string }[]>`
    select as_of, reading_signature from executions
    where sync_id = ${syncId} and purpose = 'run' and trigger <> 'retry' and state = any(${[...COMPLETE_STATES]})
      and reading_signature is not null
    order by number desc limit 1`;
  return row ? { asOf: iso(row.as_of) ?? '', signature: row.reading_signature } : null;
}

/** Stores what an execution reads, and what later runs compare themselves with; `signature` null: they cannot build on it. */
export async function setReading(
  sql: Sql,
  { executionId, epoch }: Attempt,
  { changedSince, readsAllBecause, signature }: Omit<Reading, 'deletedSince'> & { signature: string | null },
): Promise<void> {
  await sql`
    update executions set changed_since = ${changedSince}, reads_all_because = ${readsAllBecause}, reading_signature = ${signature},
      hashed_epoch = case when ${signature !== null} then epoch end
    where execution_id = ${executionId} and epoch = ${epoch}`;
}

/**
 * Of the records that share one of the keys, those that a run has to look at when another record with that key goes: the one that the
 * rule keeps now; all of them where all are imported, one after the other.
 * @param without selects sort keys of records that are no heirs: they go as well, or are read anyhow
 * @returns a query of sort keys
 */
function heirs(sql: Sql, { syncId, rule, key }: IndexOf, keys: Fragment, without: Fragment): Fragment {
  const sharedKey = sql(`r.${key}`);
  const others = sql`
    from sync_records r where r.sync_id = ${syncId} and r.digest is not null and ${sharedKey} in (${keys})
      and not exists (select 1 from (${without}) as w (sort_key) where w.sort_key = r.sort_key)`;
  switch (rule) {
    case 'importEverything':
      return sql`select r.sort_key ${others}`;
    case 'ignoreDuplicates':
      return sql`select min(r.sort_key) ${others} group by ${sharedKey} having count(*) = 1`;
    default:
      return sql`select distinct on (${sharedKey}) r.sort_key ${others} order by ${sharedKey}, ${sql.unsafe(KEEPS[rule])}`;
  }
}

/**
 * Gathers the sort keys of records that are to leave the index, for the rest of a transaction: in a table, since without statistics of
 * them the planner would go through them row by row.
 * @param selected a query of sort keys
 */
async function gather(tx: Sql, selected: Fragment): Promise<void> {
  await tx`create temporary table leaving_records (sort_key text collate "C" primary key) on commit drop`;
  await tx`insert into leaving_records ${selected} on conflict do nothing`;
  await tx`analyze leaving_records`;
}

const gathered = (sql: Sql): Fragment => sql`select l.sort_key from leaving_records l`;

/** Makes the next run read those that take the place of the gathered records. */
async function callHeirs(sql: Sql, index: IndexOf): Promise<void> {
  const leaving = gathered(sql);
  const key = sql(`g.${index.key}`);
  const keys = sql`
    select ${key} from sync_records g
    where g.sync_id = ${index.syncId} and ${key} is not null and g.digest is not null and g.sort_key in (${leaving})`;
  await sql`
    update sync_records set due = true
    where sync_id = ${index.syncId} and sort_key in (${heirs(sql, index, keys, leaving)})`;
}

/** Takes the gathered records out of the index; what was made of those without a key stays known. */
async function leave(sql: Sql, { syncId }: IndexOf): Promise<void> {
  const leaving = gathered(sql);
  await sql`
    delete from sync_records
    where sync_id = ${syncId} and digest is not null and destination_id is null and sort_key in (${leaving})`;
  await sql`
    update sync_records set match_key = null, key_hash = null, created_at = null, updated_at = null, digest = null, due = false
    where sync_id = ${syncId} and digest is not null and sort_key in (${leaving})`;
}

/** Takes deleted records out of the index, by their sort keys. */
export async function forgetRecords(sql: postgres.Sql, index: IndexOf, sortKeys: readonly string[]): Promise<void> {
  if (sortKeys.length === 0) return;
  await sql.begin(async (tx) => {
    await gather(tx, tx`select unnest(${[...sortKeys]}::text[])`);
    await callHeirs(tx, index);
    await leave(tx, index);
  });
}

const stagedKeys = (sql: Sql, { executionId, stagedOn }: StagedBy): Fragment => sql`
  select s.sort_key from staged_records s where s.staged_on = ${stagedOn} and s.execution_id = ${executionId}`;

/** Takes those of some records out of the index that were asked for by their Ids and did not come: they are gone, or hidden. */
export async function forgetMissing(
  sql: postgres.Sql,
  attempt: StagedBy,
  index: IndexOf,
  sortKeys: readonly string[],
): Promise<void> {
  if (sortKeys.length === 0) return;
  await sql.begin(async (tx) => {
    const missing = tx`
      select asked.sort_key from unnest(${[...sortKeys]}::text[]) as asked (sort_key)
      where not exists (select 1 from (${stagedKeys(tx, attempt)}) as s (sort_key) where s.sort_key = asked.sort_key)`;
    await gather(tx, missing);
    await callHeirs(tx, index);
    await leave(tx, index);
  });
}

/** What tells two readings of a record apart beside its date, which does not move with every field (Marketo). */
const digestOf = (sql: Sql): Fragment => sql`hashtextextended(s.body, 0)`;

/** Drops what was read again, since runs overlap, and has not changed since it was dealt with. @returns how many records it was */
export async function dropUnchanged(sql: postgres.Sql, attempt: StagedBy, { syncId }: IndexOf): Promise<number> {
  return sql.begin(async (tx) => {
    const { count } = await tx`
      delete from staged_records s using sync_records i
      where s.staged_on = ${attempt.stagedOn} and s.execution_id = ${attempt.executionId}
        and i.sync_id = ${syncId} and i.sort_key = s.sort_key and not i.due
        and i.updated_at is not distinct from s.updated_at and i.digest = ${digestOf(tx)}`;
    await account(tx, attempt, { read: -count });
    return count;
  });
}

/**
 * The records that have to be read although they did not change: those that are due, and those whose turn it is since another one
 * with their key has changed.
 * @param mayLeave a filter may have turned away those that changed, even with their old key
 * @returns their source Ids, in source order
 */
export async function toBeReadAgain(
  sql: Sql,
  attempt: StagedBy,
  index: IndexOf,
  { mayLeave }: { mayLeave: boolean },
): Promise<string[]> {
  const { syncId, rule } = index;
  const { executionId, stagedOn } = attempt;
  const keyOf = (table: string) => sql(`${table}.${index.key}`);
  const staged = stagedKeys(sql, attempt);
  const from = sql`
    sync_records i join staged_records s on s.sort_key = i.sort_key
    where s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and i.sync_id = ${syncId} and ${keyOf('i')} is not null`;
  const keys =
    rule === 'importEverything'
      ? // whatever is written is followed by what is to come after it
        sql`
          select ${keyOf('i')} from ${from}
          union select ${keyOf('s')} from staged_records s
            where s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and ${keyOf('s')} is not null
          union select ${keyOf('d')} from sync_records d where d.sync_id = ${syncId} and d.due and ${keyOf('d')} is not null`
      : sql`select ${keyOf('i')} from ${from} ${mayLeave ? sql`` : sql`and ${keyOf('s')} is distinct from ${keyOf('i')}`}`;
  const rows = await sql<{ source_id: string }[]>`
    with wanted as (
      select sort_key from sync_records where sync_id = ${syncId} and due
      union (${heirs(sql, index, keys, staged)})
    )
    select r.source_id from wanted join sync_records r on r.sync_id = ${syncId} and r.sort_key = wanted.sort_key
    where not exists (select 1 from (${staged}) as s (sort_key) where s.sort_key = r.sort_key)
    order by r.sort_key`;
  return rows.map((row) => row.source_id);
}

/**
 * Builds what the next run builds on, from what an execution has staged and what became of it: part by part, each in a transaction of its
 * own. An attempt that breaks off is followed by one that comes to the same.
 * @param wasChangedOnly what it did not read is as it was; otherwise what it did not read is not there any more
 */
export async function rememberReading(
  sql: postgres.Sql,
  attempt: StagedBy,
  index: IndexOf,
  { wasChangedOnly }: { wasChangedOnly: boolean },
): Promise<void> {
  if (!wasChangedOnly) await forgetNotRead(sql, attempt, index);
  for await (const range of partsOf(sql, attempt)) {
    await sql.begin(async (tx) => {
      if (wasChangedOnly) await forgetFilteredOut(tx, attempt, index, range);
      await rememberPart(tx, attempt, index, range);
      // a later attempt may have closed the execution, and the next run may have ended since
      await account(tx, attempt, {});
    });
  }
  // an index that is new to the planner is gone through row by row by the next run
  if (!wasChangedOnly) await sql`analyze sync_records`;
}

/**
 * What an execution has staged and told of. `offset 0` keeps it one look-up by key for each record, whatever the planner believes of tables
 * that have just been filled.
 */
const told = (sql: Sql, { executionId, stagedOn }: StagedBy): Fragment => sql`
  staged_records s cross join lateral (
    select o.outcome, o.reason from outcomes o where o.execution_id = s.execution_id and o.sort_key = s.sort_key offset 0) o
  where s.staged_on = ${stagedOn} and s.execution_id = ${executionId}`;

const within = (sql: Sql, key: string, { after, upTo }: KeyRange): Fragment =>
  sql`${sql(key)} > ${after} and ${sql(key)} <= ${upTo}`;

/** What a run that read everything did not read is gone. */
async function forgetNotRead(sql: postgres.Sql, attempt: StagedBy, index: IndexOf): Promise<void> {
  for await (const range of partsOfIndex(sql, index.syncId)) {
    await sql.begin(async (tx) => {
      const notRead = tx`
        select i.sort_key from sync_records i
        where i.sync_id = ${index.syncId} and ${within(tx, 'i.sort_key', range)} and i.digest is not null and (
          select o.outcome from ${told(tx, attempt)} and s.sort_key = i.sort_key and o.outcome <> 'filteredOut') is null`;
      await gather(tx, notRead);
      await leave(tx, index);
      await account(tx, attempt, {});
    });
  }
}

/** What has left the filter makes way for what shares its key. */
async function forgetFilteredOut(tx: Sql, attempt: StagedBy, index: IndexOf, range: KeyRange): Promise<void> {
  await gather(
    tx,
    tx`select s.sort_key from ${told(tx, attempt)} and ${within(tx, 's.sort_key', range)} and o.outcome = 'filteredOut'`,
  );
  await callHeirs(tx, index);
  await leave(tx, index);
}

async function rememberPart(tx: Sql, attempt: StagedBy, index: IndexOf, range: KeyRange): Promise<void> {
  await tx`
    insert into sync_records (sync_id, sort_key, source_id, match_key, key_hash, created_at, updated_at, digest, due)
    select ${index.syncId}::uuid, s.sort_key, s.source_id, ${index.key === 'key_hash' ? tx`null, s.key_hash` : tx`s.match_key, null`}, s.created_at, s.updated_at, ${digestOf(tx)},
      -- what is in doubt and has no key to be found by is never repeated
      o.outcome = 'failed' and not (o.reason is not distinct from 'inDoubt' and s.match_key is null)
    from ${told(tx, attempt)} and ${within(tx, 's.sort_key', range)} and o.outcome <> 'filteredOut'
    on conflict (sync_id, sort_key) do update set
      source_id = excluded.source_id, match_key = excluded.match_key, key_hash = excluded.key_hash, created_at = excluded.created_at,
      updated_at = excluded.updated_at, digest = excluded.digest, due = excluded.due
    where (sync_records.match_key, sync_records.key_hash, sync_records.created_at, sync_records.updated_at, sync_records.digest,
        sync_records.due)
      is distinct from (excluded.match_key, excluded.key_hash, excluded.created_at, excluded.updated_at, excluded.digest, excluded.due)`;
}
