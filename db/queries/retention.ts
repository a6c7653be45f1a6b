import type postgres from 'postgres';
import { KEEP_THEIR_TEXT, LEAVE_NO_VALUES } from '../../src/domain/retention';
import type { Sql } from './executions';
import { partsOf, partsOfMapped } from './staged-parts';

/** Tables that are filed by day. */
const FILED_BY_DAY = ['staged_records', 'later_rounds', 'mapped_records', 'batch_plans', 'planned_records'] as const;
/** Outcomes that lose their values in one statement, so that no lock is held for long and little is done again. */
const OUTCOMES_AT_ONCE = 10_000;
/** A partition goes only when nobody is at work in its table: whoever comes meanwhile would have to wait behind. */
const WAIT_FOR_TABLE = '2s';
const LOCK_NOT_AVAILABLE = '55P03';

/** An execution, run or preview, with where its values are. */
export interface Filed {
  executionId: string;
  stagedOn: string;
}

/**
 * Does some work unless another process is at the same work now.
 * @param work runs on other connections; if this one is lost, another process may begin too
 * @returns false when it was not done
 */
export async function oneAtATime(sql: postgres.Sql, name: string, work: () => Promise<void>): Promise<boolean> {
  return sql.begin(async (tx) => {
    const [lock] = await tx<{ taken: boolean }[]>`select pg_try_advisory_xact_lock(hashtext(${name})) as taken`;
    if (!lock?.taken) return false;
    await work();
    return true;
  });
}

/** Makes the partitions of the coming days. @param today `2026-03-01` */
export async function makePartitions(sql: Sql, today: string): Promise<void> {
  await sql`select create_day_partitions(${today}::date - 1, ${today}::date + 7)`;
}

/** The days that have partitions, the oldest first. */
export async function filedDays(sql: Sql): Promise<string[]> {
  const rows = await partitions(sql);
  return [...new Set(rows.map(({ day }) => day))].sort();
}

const partitions = (sql: Sql) => sql<{ name: string; day: string }[]>`
  select c.relname as name, to_date(right(c.relname, 8), 'YYYYMMDD')::text as day
  from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
  where p.relname = any(${[...FILED_BY_DAY]}) and pg_table_is_visible(p.oid)`;

/** What of the executions selects those whose values are needed: they run, have ended lately, or are what a run or a sync keeps to, undoes or tries again. */
const isNeeded = (sql: Sql, since: string) => sql`(
  e.finished_at is null or e.finished_at >= ${since}
  or exists (select 1 from executions r where r.applies = e.execution_id and r.finished_at is null)
  or exists (
    select 1 from follow_ups f join executions r on r.execution_id = f.execution_id
    where f.origin_id = e.execution_id and r.finished_at is null)
  or exists (select 1 from syncs s where s.applies = e.execution_id and s.status in ('active', 'paused', 'needsAttention')))`;

/** Days under which values are filed that are still needed. @param since ISO 8601 UTC: what ended before it is kept no longer */
export async function neededDays(sql: Sql, since: string): Promise<Set<string>> {
  const rows = await sql<{ day: string }[]>`
    select distinct e.staged_on::text as day from executions e where e.state <> 'missed' and ${isNeeded(sql, since)}`;
  return new Set(rows.map(({ day }) => day));
}

/** Drops the partitions of a day. @returns how many went; what is in use stays for the next time */
export async function dropDay(sql: postgres.Sql, day: string): Promise<number> {
  let dropped = 0;
  // one transaction each: two tables locked at once could wait for somebody who waits for the other
  for (const { name } of (await partitions(sql)).filter((partition) => partition.day === day)) {
    try {
      await sql.begin(async (tx) => {
        await tx`select set_config('lock_timeout', ${WAIT_FOR_TABLE}, true)`;
        await tx`drop table if exists ${tx(name)}`;
      });
      dropped += 1;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE)) throw error;
    }
  }
  return dropped;
}

/** Runs that were missed have staged nothing. */
export async function passOverMissed(sql: Sql, now: string): Promise<void> {
  await sql`
    update executions set trimmed_at = ${now}, values_gone_at = ${now}
    where state = 'missed' and finished_at is not null and values_gone_at is null`;
}

/** Executions that have ended and still have the staged values of what they left out or found unchanged. */
export async function untrimmed(sql: Sql): Promise<Filed[]> {
  return sql<Filed[]>`
    select e.execution_id as "executionId", e.staged_on::text as "stagedOn" from executions e
    where e.finished_at is not null and e.trimmed_at is null`;
}

/**
 * Deletes the staged values of what an execution that has ended left out or found unchanged, part by part. Done again, it finds nothing.
 * @param now ISO 8601 UTC
 */
export async function trimStaged(sql: Sql, filed: Filed, now: string): Promise<void> {
  const { executionId, stagedOn } = filed;
  // a sub-select stays one look-up by key for each record, whatever the planner believes of tables that have just been filled
  const ended = (sortKey: string) => sql`(
    select o.outcome from outcomes o where o.execution_id = ${executionId} and o.sort_key = ${sql(sortKey)}
  ) = any(${[...LEAVE_NO_VALUES]})`;
  for await (const { after, upTo } of partsOf(sql, filed)) {
    await sql`
      delete from staged_records s where s.staged_on = ${stagedOn} and s.execution_id = ${executionId}
        and s.sort_key > ${after} and s.sort_key <= ${upTo} and ${ended('s.sort_key')}`;
  }
  for await (const { after, upTo } of partsOfMapped(sql, filed)) {
    await sql`
      delete from mapped_records m where m.staged_on = ${stagedOn} and m.execution_id = ${executionId}
        and (m.round, m.sort_key) > (${after.round}, ${after.sortKey}) and (m.round, m.sort_key) <= (${upTo.round}, ${upTo.sortKey})
        and ${ended('m.sort_key')}`;
  }
  await sql`
    delete from corrections c using outcomes o
    where c.execution_id = ${executionId} and o.execution_id = ${executionId} and o.source_id = c.source_id
      and o.outcome = any(${[...LEAVE_NO_VALUES]})`;
  await sql`update executions set trimmed_at = ${now} where execution_id = ${executionId} and finished_at is not null`;
}

/** Executions whose values are kept no longer, and are not all gone. @param since see `neededDays` */
export async function expired(sql: Sql, since: string): Promise<(Filed & { isPreview: boolean })[]> {
  return sql<(Filed & { isPreview: boolean })[]>`
    select e.execution_id as "executionId", e.staged_on::text as "stagedOn", e.purpose = 'preview' as "isPreview" from executions e
    where e.values_gone_at is null and e.finished_at < ${since} and not ${isNeeded(sql, since)} order by e.finished_at`;
}

/** Deletes what an execution has staged, planned and kept of before, where its day cannot go as a whole. */
export async function forgetStaged(sql: Sql, { executionId, stagedOn }: Filed): Promise<void> {
  await sql`
    delete from batch_plans p using load_batches b
    where b.execution_id = ${executionId} and p.staged_on = ${stagedOn} and p.batch_id = b.batch_id`;
  for (const table of FILED_BY_DAY.filter((name) => name !== 'batch_plans')) {
    await sql`delete from ${sql(table)} where staged_on = ${stagedOn} and execution_id = ${executionId}`;
  }
}

/**
 * Takes the personal data out of an execution's ledger: match keys and the vendor's text go, Ids and codes stay. Interrupted, it is done
 * again from the start, and finds the less to do.
 * @param now ISO 8601 UTC
 */
export async function forgetPersonalData(sql: Sql, executionId: string, now: string): Promise<void> {
  for (let after: string | null = ''; after !== null; ) {
    const [page]: { last: string | null }[] = await sql<{ last: string | null }[]>`
      with page as (
        select sort_key from outcomes where execution_id = ${executionId} and sort_key > ${after}
        order by sort_key limit ${OUTCOMES_AT_ONCE}
      ), emptied as (
        update outcomes o set match_key = null, message = case when o.outcome = any(${[...KEEP_THEIR_TEXT]}) then o.message end
        from page where o.execution_id = ${executionId} and o.sort_key = page.sort_key
          and (o.match_key is not null or o.message is not null)
      )
      select max(sort_key) as last from page`;
    after = page?.last ?? null;
  }
  await sql`delete from corrections where execution_id = ${executionId}`;
  await sql`delete from extract_parts where execution_id = ${executionId}`;
  await sql`update executions set values_gone_at = ${now} where execution_id = ${executionId}`;
}

/** Forgets a preview with all that it has found. */
export async function forgetPreview(sql: Sql, previewId: string): Promise<void> {
  await sql`delete from executions where execution_id = ${previewId} and purpose = 'preview' and state <> 'previewing'`;
}
