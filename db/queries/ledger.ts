import type postgres from 'postgres';
import type { Definition } from '../../src/domain/definition';
import { type Counts, countedAs, isDeletion, type Outcome } from '../../src/domain/outcome';
import { copyInto } from './copy';
import { type Added, type Attempt, account, type Sql } from './executions';
import { partsOf } from './staged-parts';

const OUTCOMES = {
  name: 'outcomes',
  columns: [
    'execution_id',
    'sort_key',
    'source_id',
    'match_key',
    'outcome',
    'reason',
    'message',
    'field',
    'destination_id',
  ],
} as const;

/** Longest message that is kept of a record; what a vendor's API says beyond it helps nobody. */
const MESSAGE_CHARACTERS = 1_000;

/** How many of each kind there are, as `account` takes them. */
export const tally = (outcomes: readonly Outcome[]): Partial<Counts> & { deleted: number } => {
  const counts: Partial<Counts> = {};
  for (const { outcome } of outcomes) counts[countedAs[outcome]] = (counts[countedAs[outcome]] ?? 0) + 1;
  return { ...counts, deleted: outcomes.filter(isDeletion).length };
};

/**
 * Appends outcomes to the ledger and counts them, within the caller's transaction. A record that has an outcome already makes the
 * whole transaction fail: nobody is counted twice.
 */
export async function appendOutcomes(
  sql: Sql,
  attempt: Attempt,
  outcomes: readonly Outcome[],
  added: Added = {},
): Promise<void> {
  if (outcomes.length > 0) {
    await copyInto(sql, OUTCOMES, outcomes, (outcome) => [
      attempt.executionId,
      outcome.sortKey,
      outcome.sourceId,
      outcome.matchKey,
      outcome.outcome,
      outcome.reason,
      outcome.message?.slice(0, MESSAGE_CHARACTERS) ?? null,
      outcome.field,
      outcome.destinationId,
    ]);
  }
  await account(sql, attempt, { ...tally(outcomes), ...added });
}

/** Gives every staged record without an outcome the outcome *skipped, cancelled*, part by part. @returns how many there were */
export async function skipTheRest(sql: postgres.Sql, attempt: Attempt & { stagedOn: string }): Promise<number> {
  let skipped = 0;
  for await (const { after, upTo } of partsOf(sql, attempt)) {
    skipped += await sql.begin(async (tx) => {
      const result = await tx`
        insert into outcomes (execution_id, sort_key, source_id, match_key, outcome, reason, message)
        -- an undo stages the Ids of the destination in place of keys
        select s.execution_id, s.sort_key, s.source_id, case when f.trigger is distinct from 'undo' then s.match_key end, 'skipped', 'cancelled', 'The execution was cancelled before this record was reached.'
        from staged_records s
        left join executions f on f.execution_id = s.execution_id
        where s.staged_on = ${attempt.stagedOn} and s.execution_id = ${attempt.executionId}
          and s.sort_key > ${after} and s.sort_key <= ${upTo}
          -- one look-up by key for each record, whatever the planner believes of the tables
          and (select o.outcome from outcomes o where o.execution_id = s.execution_id and o.sort_key = s.sort_key) is null`;
      await account(tx, attempt, { skipped: result.count });
      return result.count;
    });
  }
  return skipped;
}

/** The records that a sync has made of source records without a key: sort key → destination Id. */
export async function linksOf(sql: Sql, syncId: string, sortKeys: readonly string[]): Promise<Map<string, string>> {
  if (sortKeys.length === 0) return new Map();
  const rows = await sql<{ sort_key: string; destination_id: string }[]>`
    select sort_key, destination_id from sync_records
    where sync_id = ${syncId} and sort_key = any(${[...sortKeys]}) and destination_id is not null`;
  return new Map(rows.map((row) => [row.sort_key, row.destination_id]));
}

/**
 * What syncs in the opposite direction made source records without a key of: source Id → destination Id. Without it, two syncs would
 * make ever more records of each other's.
 */
export async function oppositeLinksOf(
  sql: Sql,
  { source, destination }: Pick<Definition, 'source' | 'destination'>,
  sourceIds: readonly string[],
): Promise<Map<string, string>> {
  if (sourceIds.length === 0) return new Map();
  // vendors tell no case in names of objects
  const leadsTo = (end: 'source' | 'destination', { connectionId, object }: Definition['source']) => sql`
    v.definition -> ${end}::text ->> 'connectionId' = ${connectionId} and lower(v.definition -> ${end}::text ->> 'object') = ${object.toLowerCase()}`;
  const rows = await sql<{ source_id: string; destination_id: string }[]>`
    select r.source_id, r.destination_id from sync_records r
    where r.destination_id = any(${[...sourceIds]}) and r.sync_id in (
      select s.sync_id from syncs s join sync_versions v on v.sync_id = s.sync_id and v.version = s.version
      where ${leadsTo('source', destination)} and ${leadsTo('destination', source)})
    order by r.sync_id, r.sort_key`;
  return new Map(rows.map((row) => [row.destination_id, row.source_id]));
}

/** Remembers which destination record was made of a source record without a key. */
export async function rememberLinks(
  sql: Sql,
  syncId: string,
  links: readonly { sortKey: string; sourceId: string; destinationId: string }[],
): Promise<void> {
  if (links.length === 0) return;
  await sql`
    insert into sync_records (sync_id, sort_key, source_id, destination_id)
    select ${syncId}, "sortKey", "sourceId", "destinationId"
    from jsonb_to_recordset(${JSON.stringify(links)}::jsonb) as t ("sortKey" text, "sourceId" text, "destinationId" text)
    on conflict (sync_id, sort_key) do update set destination_id = excluded.destination_id`;
}
