import type { ConnectionKind } from '../../src/domain/connection';
import type { DeduplicateRule } from '../../src/domain/definition';
import type { DuplicateGroup, ProblemGroup } from '../../src/domain/preview';
import type { Sql } from './executions';
import { iso } from './instant';
import { DECIDED_BY } from './staging';

interface Staged {
  executionId: string;
  stagedOn: string;
}

/** A record that shows a problem, with the values that were read of it. */
export interface FoundExample {
  sourceId: string;
  matchKey: string | null;
  message: string | null;
  /** JSON array of the values read; null where they are kept no longer. */
  body: string | null;
}

export type FoundProblem = Pick<ProblemGroup, 'action' | 'code' | 'field' | 'records'> & { examples: FoundExample[] };

const EXAMPLES = 3;

/** What is refused and what is skipped, by reason and field, the most frequent first, each with its first records in source order. */
export async function foundProblems(sql: Sql, { executionId, stagedOn }: Staged): Promise<FoundProblem[]> {
  return sql<FoundProblem[]>`
    select case g.outcome when 'failed' then 'refuse' else 'skip' end as action, g.reason as code, g.field, g.records, e.examples
    from (
      select outcome, coalesce(reason, 'unknown') as reason, field, count(*)::int as records from outcomes
      where execution_id = ${executionId} and outcome in ('failed', 'skipped') group by 1, 2, 3
    ) g cross join lateral (
      select jsonb_agg(jsonb_build_object('sourceId', source_id, 'matchKey', match_key, 'message', message, 'body', body) order by sort_key)
        as examples
      from (
        select o.sort_key, o.source_id, o.match_key, o.message, s.body from outcomes o
        left join staged_records s on s.staged_on = ${stagedOn} and s.execution_id = o.execution_id and s.sort_key = o.sort_key
        where o.execution_id = ${executionId} and o.outcome = g.outcome and coalesce(o.reason, 'unknown') = g.reason
          and o.field is not distinct from g.field
        order by o.sort_key limit ${EXAMPLES}
      ) first
    ) e order by g.records desc, g.reason, g.field`;
}

/** What is written although it is probably not meant so, by code and field. */
export async function foundWarnings(sql: Sql, { executionId, stagedOn }: Staged): Promise<FoundProblem[]> {
  return sql<FoundProblem[]>`
    with warned as (
      select p.sort_key, w ->> 'code' as code, w ->> 'field' as field, w ->> 'message' as message,
        row_number() over (partition by w ->> 'code', w ->> 'field' order by p.sort_key) as place,
        count(*) over (partition by w ->> 'code', w ->> 'field')::int as records
      from planned_records p cross join lateral jsonb_array_elements(p.warnings::jsonb) w
      where p.staged_on = ${stagedOn} and p.execution_id = ${executionId} and p.warnings is not null
    )
    select 'warn' as action, w.code, w.field, w.records,
      jsonb_agg(jsonb_build_object('sourceId', s.source_id, 'matchKey', s.match_key, 'message', w.message, 'body', s.body)
        order by w.sort_key) as examples
    from warned w join staged_records s
      on s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and s.sort_key = w.sort_key
    where w.place <= ${EXAMPLES} group by w.code, w.field, w.records order by w.records desc, w.code, w.field`;
}

const LARGEST_GROUPS = 20;
const MEMBERS = 5;

/** Records that share a match key, among those that the filter selects: how many such groups there are, and the largest. */
export async function foundDuplicates(
  sql: Sql,
  { executionId, stagedOn }: Staged,
  rule: DeduplicateRule,
): Promise<{ groups: number; largest: DuplicateGroup[] }> {
  const keepsOne = rule === 'youngestByLastUpdate' || rule === 'oldestByCreation';
  const date = sql.unsafe(keepsOne ? `s.${DECIDED_BY[rule]}` : 'null::timestamptz');
  const selected = sql`
    select s.sort_key, s.source_id, s.match_key, ${date} as decided_by from staged_records s
    where s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and s.match_key is not null
      and not exists (
        select 1 from outcomes o where o.execution_id = s.execution_id and o.sort_key = s.sort_key and o.outcome = 'filteredOut')`;
  const groups = await sql<{ match_key: string; records: number; groups: number }[]>`
    select match_key, count(*)::int as records, count(*) over ()::int as groups from (${selected}) s
    group by match_key having count(*) > 1 order by count(*) desc, match_key limit ${LARGEST_GROUPS}`;
  const members = await sql<
    { match_key: string; source_id: string; decided_by: string | null; place: number; is_kept: boolean }[]
  >`
    select match_key, source_id, decided_by, place, is_kept from (
      select s.match_key, s.source_id, s.decided_by, s.sort_key, row_number() over (partition by s.match_key order by s.sort_key)::int as place,
        not exists (
          select 1 from outcomes o
          where o.execution_id = ${executionId} and o.sort_key = s.sort_key and o.outcome = 'duplicate') as is_kept
      from (${selected}) s where s.match_key = any(${groups.map((group) => group.match_key)})
    ) placed where place <= ${MEMBERS} or (${keepsOne} and is_kept) order by match_key, sort_key`;
  const largest = groups.map(({ match_key: matchKey, records }) => {
    const own = members.filter((member) => member.match_key === matchKey);
    return {
      matchKey,
      records,
      sourceIds: own.filter(({ place }) => place <= MEMBERS).map((member) => member.source_id),
      kept: keepsOne ? (own.find((member) => member.is_kept)?.source_id ?? null) : null,
      dates: keepsOne ? own.map((member) => ({ sourceId: member.source_id, value: iso(member.decided_by) })) : [],
    };
  });
  return { groups: groups[0]?.groups ?? 0, largest };
}

/** The systems that a sync connects, and who copies the other way. */
export interface FoundEnds {
  source: ConnectionKind;
  destination: ConnectionKind;
  /** Both connections lead to one org or instance. */
  isOneSystem: boolean;
  /** Names of active syncs from the destination's object to the source's. */
  oppositeSyncs: string[];
}

export async function foundEnds(sql: Sql, syncId: string, version: number): Promise<FoundEnds> {
  const [row] = await sql<FoundEnds[]>`
    with ends as (
      select s.sync_id, s.name, s.status, v.version = s.version as is_newest, v.version,
        f.kind as from_kind, f.kind || coalesce(f.identity, f.connection_id::text) as from_system, lower(v.definition -> 'source' ->> 'object') as from_object,
        t.kind as to_kind, t.kind || coalesce(t.identity, t.connection_id::text) as to_system, lower(v.definition -> 'destination' ->> 'object') as to_object
      from syncs s join sync_versions v on v.sync_id = s.sync_id
      join connections f on f.connection_id::text = v.definition -> 'source' ->> 'connectionId'
      join connections t on t.connection_id::text = v.definition -> 'destination' ->> 'connectionId'
    )
    select own.from_kind as source, own.to_kind as destination, own.from_system = own.to_system as "isOneSystem",
      array(
        select other.name from ends other
        where other.is_newest and other.sync_id <> own.sync_id and other.status in ('active', 'paused', 'needsAttention')
          and other.from_system = own.to_system and other.from_object = own.to_object
          and other.to_system = own.from_system and other.to_object = own.from_object
        order by other.name) as "oppositeSyncs"
    from ends own where own.sync_id = ${syncId} and own.version = ${version}`;
  if (!row) throw new Error(`Version ${version} of sync ${syncId}, or one of its connections, is gone.`);
  return row;
}

/** What a run would have to do, as far as it stands in the database. */
export interface FoundWork {
  readBytes: number;
  writtenBytes: number;
  rounds: { records: number; keys: number; creates: number; updates: number }[];
}

export async function foundWork(sql: Sql, { executionId, stagedOn }: Staged): Promise<FoundWork> {
  const [sizes] = await sql<{ read: string | null; written: string | null }[]>`
    select
      (select sum(octet_length(body)) from staged_records where staged_on = ${stagedOn} and execution_id = ${executionId}) as read,
      (select sum(octet_length(after)) from planned_records where staged_on = ${stagedOn} and execution_id = ${executionId}) as written`;
  const rounds = await sql<FoundWork['rounds']>`
    select m.records, m.keys, coalesce(p.creates, 0) as creates, coalesce(p.updates, 0) as updates
    from (
      select round, count(*)::int as records, count(match_key)::int as keys from mapped_records
      where staged_on = ${stagedOn} and execution_id = ${executionId} group by round
    ) m left join (
      -- what is created has no values before
      select round, count(*) filter (where before is null)::int as creates, count(before)::int as updates from planned_records
      where staged_on = ${stagedOn} and execution_id = ${executionId} group by round
    ) p using (round) order by m.round`;
  return { readBytes: Number(sizes?.read ?? 0), writtenBytes: Number(sizes?.written ?? 0), rounds: [...rounds] };
}

/** What was read of the first records, in source order: JSON arrays of values. */
export async function firstBodies(sql: Sql, { executionId, stagedOn }: Staged, limit: number): Promise<string[]> {
  const rows = await sql<{ body: string }[]>`
    select body from staged_records where staged_on = ${stagedOn} and execution_id = ${executionId}
    order by sort_key limit ${limit}`;
  return rows.map(({ body }) => body);
}
