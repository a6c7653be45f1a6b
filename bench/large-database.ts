import type postgres from 'postgres';
import { type Definition, definition } from '../src/domain/definition';
import type { BenchDatabase } from './database';

/** How much a large installation has gathered in a year. */
export interface LargeSize {
  syncs: number;
  executions: number;
  /** Of one execution; a hundred others have a hundredth of it each. */
  outcomes: number;
}

/** What stands out in it. */
export interface LargeDatabase {
  /** The sync with the most executions. */
  busiestSyncId: string;
  /** The execution with the most outcomes. */
  largestExecutionId: string;
  /** Some that run. */
  runningIds: string[];
}

const FIELDS = {
  email: 'Email',
  firstName: 'FirstName',
  lastName: 'LastName',
  title: 'Title',
  phone: 'Phone',
  mobilePhone: 'MobilePhone',
  address: 'MailingStreet',
  city: 'MailingCity',
  state: 'MailingState',
  postalCode: 'MailingPostalCode',
  country: 'MailingCountry',
  department: 'Department',
};

/** That of every sync but for its name and schedule: twelve mappings, three conditions. */
const definitionBetween = (source: string, destination: string): Definition =>
  definition.parse({
    name: 'A sync',
    description: 'Keeps contacts as people are in marketing.',
    source: { connectionId: source, object: 'Lead' },
    destination: { connectionId: destination, object: 'Contact' },
    match: { source: 'email', destination: 'Email' },
    deduplicate: 'youngestByLastUpdate',
    importRule: 'createAndUpdate',
    mappings: Object.entries(FIELDS).map(([field, to]) => ({ from: { field }, to })),
    filter: {
      all: [
        { column: 'country', operator: 'in', value: ['AT', 'CH', 'DE'] },
        { column: 'email', operator: 'isNotEmpty' },
        { not: { column: 'unsubscribed', operator: 'equals', value: true } },
      ],
    },
    records: 'changed',
    schedule: {
      type: 'interval',
      every: { amount: 1, unit: 'day' },
      start: '2026-01-05T02:30',
      timeZone: 'Europe/Vienna',
    },
  });

/**
 * Fills an empty database with syncs, their versions and executions, and outcomes of some executions, by statements over whole sets. A
 * few syncs run every few minutes and have thousands of executions, most have a few dozen. Afterwards the tables are as autovacuum leaves them.
 */
export async function fillLarge({ sql }: BenchDatabase, size: LargeSize): Promise<LargeDatabase> {
  const large = await sql.begin(async (tx) => {
    await tx`select setseed(0.5)`;
    await addSyncs(tx, size);
    await addExecutions(tx);
    return addOutcomes(tx, size.outcomes);
  });
  await sql`vacuum analyze`;
  return large;
}

/** One in a hundred needs attention, three in five are active; drafts have never run. Each has up to five versions. */
async function addSyncs(tx: postgres.TransactionSql, { syncs, executions }: LargeSize): Promise<void> {
  const [source, destination] = await tx<{ id: string }[]>`
    insert into connections (name, kind, settings, secrets) values
      ('Marketo EU', 'marketo', '{"baseUrl": "https://123-abc-456.mktorest.com"}', ''),
      ('Salesforce EU', 'salesforce', '{"loginUrl": "https://example.my.salesforce.com"}', '')
    returning connection_id as id`;
  const template = definitionBetween(source?.id ?? '', destination?.id ?? '');
  await tx`
    create temporary table made on commit drop as
    select i, gen_random_uuid() as sync_id, 1 + i % 5 as version, now() - interval '1 year' - make_interval(mins => i) as created_at,
      -- in the order of their age, those that run often are anywhere
      rank, status, case when status = 'draft' then 0 else floor(${executions} * share / sum(share) over ())::int end as runs
    from generate_series(0, ${syncs - 1}::int) as i,
      lateral (select (i::bigint * 7919 % ${syncs})::int as rank) as ranked,
      lateral (select case when rank % 100 < 60 then 'active' when rank % 100 < 75 then 'completed' when rank % 100 < 85 then 'paused'
        when rank % 100 < 92 then 'cancelled' when rank % 100 < 99 then 'draft' else 'needsAttention' end as status) as with_status,
      lateral (select case when status = 'draft' then 0 else 1.0 / (rank + 5) end as share) as shared`;
  // what rounding left over, so that there are as many as wanted
  await tx`update made set runs = runs + ${executions} - (select sum(runs) from made) where rank = 0`;
  await tx`
    insert into syncs (sync_id, name, status, version, problem, next_run_at, last_execution_number, activation, activated_at, created_at, updated_at)
    select sync_id,
      (array['Leads', 'Customers', 'Partners', 'Event guests', 'Newsletter', 'Trials', 'Webinar'])[1 + i % 7] || ' of ' ||
        (array['Austria', 'Belgium', 'Canada', 'Denmark', 'Estonia', 'Finland', 'Germany', 'Hungary', 'Italy', 'Japan', 'Kenya'])[1 + i % 11] ||
        ' to contacts ' || i,
      status, version, case status when 'needsAttention' then 'Marketo refused the sign-in (401). Enter a new client secret under Connections.' end,
      case status when 'active' then now() + random() * interval '1 day' end, runs, least(runs, 1),
      case when runs > 0 then created_at + interval '1 hour' end, date_trunc('milliseconds', created_at), created_at
    from made`;
  await tx`
    insert into sync_versions (sync_id, version, definition, saved_by, saved_at)
    select sync_id, v, jsonb_set(${JSON.stringify(template)}::text::jsonb, '{name}', to_jsonb(name)), 'bench', created_at
    from syncs, generate_series(1, version) as v`;
}

/** Spread evenly over a year, stored in the order of their start. Two in a hundred active syncs are running their last one. */
async function addExecutions(tx: postgres.TransactionSql): Promise<void> {
  await tx`
    insert into executions (sync_id, number, version, activation, trigger, scheduled_for, started_at, finished_at, state, phase, staged_on, as_of,
      changed_since, reading_signature, epoch, problem, read, filtered_out, duplicates, created, updated, unchanged, skipped, failed,
      progress_done, progress_total, phase_started_at, trimmed_at, values_gone_at)
    select sync_id, number, greatest(1, version * number / runs), 1, trigger, due, case when state <> 'missed' then due end,
      case when state <> 'running' then due + took end, state, case when state = 'running' then 'load' end, due::date, due,
      due - interval '1 day', md5(sync_id::text) || md5(version::text), 12,
      case state when 'failed' then 'Marketo cannot be reached. Sync tries again at the next run.' end,
      read, filtered, duplicates, created, rest / 2, rest - rest / 2, skipped, failed,
      case when state = 'running' then read else 0 end, case when state = 'running' then 1000000 end,
      case when state = 'running' then due + interval '1 second' end,
      case when state <> 'running' then due + took end, case when state <> 'running' and due < now() - interval '30 days' then due + interval '30 days' end
    from made,
      lateral generate_series(1, runs) as number,
      lateral (select now() - (runs - number + random()) * interval '364 days' / runs as due, interval '1 second' * (2 + 300 * random() ^ 3) as took,
        random() as chance, random() as other) as thrown,
      lateral (select case when number = runs and status = 'active' and rank % 50 = 0 then 'running' when chance < 0.86 then 'succeeded' when chance < 0.94 then 'partial'
        when chance < 0.96 then 'failed' when chance < 0.98 then 'cancelled' else 'missed' end as state) as ended,
      lateral (select case when status = 'completed' then 'now' when other < 0.9 then 'interval' when other < 0.96 then 'manual'
        when other < 0.98 then 'once' when state = 'running' then 'interval' when other < 0.99 then 'retry' else 'undo' end as trigger) as begun,
      lateral (select case when state = 'missed' then 0 else floor(50000 * random() ^ 4)::bigint end as read) as read_in,
      lateral (select read / 5 as filtered, read / 50 as duplicates, read / 3 as created, read / 100 as skipped,
        case when state = 'partial' then read / 100 else 0 end as failed) as counted,
      lateral (select read - filtered - duplicates - created - skipped - failed as rest) as left_over
    order by thrown.due`;
  await tx`
    update syncs s set last_run_at = date_trunc('milliseconds', coalesce(e.started_at, e.scheduled_for))
    from executions e where e.sync_id = s.sync_id and e.number = s.last_execution_number`;
}

/** A hundred of the latest executions have outcomes, and the last but one of the busiest sync has the most. */
async function addOutcomes(tx: postgres.TransactionSql, outcomes: number): Promise<LargeDatabase> {
  const [busiest] = await tx<{ sync_id: string; execution_id: string }[]>`
    select e.sync_id, e.execution_id from made join executions e on e.sync_id = made.sync_id and e.number = runs - 1 where rank = 0`;
  if (!busiest) throw new Error('The busiest sync has no execution: let there be more executions than syncs.');
  const largestExecutionId = busiest.execution_id;
  await tx`
    create temporary table told on commit drop as
    (select execution_id, ${Math.ceil(outcomes / 100)}::int as records from executions
      where state = 'partial' and execution_id <> ${largestExecutionId} order by started_at desc limit 100)
    union all values (${largestExecutionId}::uuid, ${outcomes}::int)`;
  await tx`
    insert into outcomes (execution_id, sort_key, source_id, match_key, outcome, reason, message, field, destination_id)
    select execution_id, lpad(id, 20, '0'), id, 'person' || id || '@example.com', outcome,
      case outcome when 'failed' then 'FIELD_CUSTOM_VALIDATION_EXCEPTION' when 'skipped' then 'noKey' when 'filteredOut' then 'filter' end,
      case outcome when 'failed' then 'Enter a phone number with its country code, or leave "Phone" empty: ' || id end,
      case outcome when 'failed' then 'Phone' end,
      case when outcome in ('created', 'updated', 'unchanged') then '003' || lpad(id, 15, '0') end
    from told, lateral generate_series(1, records) as record,
      lateral (select (1000000 + record)::text as id, record % 100 as part) as numbered,
      lateral (select case when part < 20 then 'filteredOut' when part < 22 then 'duplicate' when part < 55 then 'created' when part < 75 then 'updated'
        when part < 96 then 'unchanged' when part < 97 then 'skipped' else 'failed' end as outcome) as ended`;
  const running = await tx<
    { id: string }[]
  >`select execution_id as id from executions where state = 'running' order by sync_id`;
  return { busiestSyncId: busiest.sync_id, largestExecutionId, runningIds: running.map(({ id }) => id) };
}

/** What the larger tables take, with their indexes. */
export async function tableSizes({ sql }: BenchDatabase): Promise<string> {
  const rows = await sql<{ text: string }[]>`
    select format('%s %s rows, %s and %s of indexes', c.relname, c.reltuples::bigint, pg_size_pretty(pg_table_size(c.oid)), pg_size_pretty(pg_indexes_size(c.oid))) as text
    from pg_class c where c.relname in ('syncs', 'sync_versions', 'executions', 'outcomes') and c.relkind = 'r' order by pg_total_relation_size(c.oid) desc`;
  return rows.map(({ text }) => text).join('; ');
}
