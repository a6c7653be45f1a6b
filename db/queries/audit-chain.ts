import type postgres from 'postgres';
import type { AuditProblem } from '../../src/domain/audit-faults';

/** Entries that are looked at by one statement: a short one, however long the audit is. */
const AT_ONCE = 10_000;
/** More faults than these say no more. */
const MOST_FAULTS = 100;

export interface AuditFault {
  problem: AuditProblem;
  /** In the chain, from 1 on; null for what has no place there. */
  position: number | null;
  auditId: string | null;
}

/** A place of the chain, by which it is known again: who notes it elsewhere sees when all was written anew. */
export interface ChainPlace {
  position: number;
  /** SHA-256, hexadecimal. */
  hash: string;
}

export interface AuditVerification {
  begunAt: string;
  /** Entries from before the chain was: only that none was added or removed is known of them. */
  earlierEntries: number;
  end: ChainPlace;
  /** The first hundred. */
  faults: AuditFault[];
}

/**
 * Computes the audit's chain anew and compares.
 * @param noted a place of the chain that somebody has noted elsewhere
 * @param signal ends it between two statements
 */
export async function verifyAudit(
  sql: postgres.Sql,
  noted: ChainPlace | null,
  signal: AbortSignal,
): Promise<AuditVerification> {
  const chain = await chainOf(sql);
  const { begunAt, earlierEntries, end } = chain;
  const faults: AuditFault[] = noted && !(await holds(sql, noted)) ? [faultAt('otherThanNoted', noted.position)] : [];
  for (let from = 1; from <= end.position && faults.length < MOST_FAULTS; from += AT_ONCE) {
    signal.throwIfAborted();
    faults.push(...(await faultsBetween(sql, from, Math.min(from + AT_ONCE - 1, end.position))));
  }
  signal.throwIfAborted();
  faults.push(...endFaults(chain), ...(await faultsOutside(sql, chain)));
  return { begunAt, earlierEntries, end, faults: faults.slice(0, MOST_FAULTS) };
}

const faultAt = (problem: AuditProblem, position: number | null): AuditFault => ({
  problem,
  position,
  auditId: null,
});

interface Chain extends Omit<AuditVerification, 'faults'> {
  /** The last place that is there. */
  last: ChainPlace | null;
  isOriginRight: boolean;
}

/** The chain's end and its last place, as of one moment. */
async function chainOf(sql: postgres.Sql): Promise<Chain> {
  const [row] = await sql<
    {
      begun_at: string;
      earlier_entries: number;
      position: string;
      hash: string;
      last_position: string | null;
      last_hash: string | null;
      is_origin_right: boolean;
    }[]
  >`
    select c.begun_at, c.earlier_entries, c.position, encode(c.hash, 'hex') as hash,
      l.position as last_position, encode(l.hash, 'hex') as last_hash,
      l.position is not null or c.hash = audit_origin(c.begun_at, c.earlier_entries) as is_origin_right
    from audit_chain c left join lateral (select position, hash from audit_links order by position desc limit 1) l on true`;
  if (!row) throw new Error('The end of the audit is gone from the database: nothing can be added to it.');
  return {
    begunAt: new Date(row.begun_at).toISOString(),
    earlierEntries: row.earlier_entries,
    end: { position: Number(row.position), hash: row.hash },
    last: row.last_position === null ? null : { position: Number(row.last_position), hash: row.last_hash ?? '' },
    isOriginRight: row.is_origin_right,
  };
}

async function holds(sql: postgres.Sql, { position, hash }: ChainPlace): Promise<boolean> {
  const rows = await sql`
    select 1 from audit_links where position = ${position} and hash = decode(${hash}, 'hex')`;
  return rows.length > 0;
}

/** What is wrong with entries at these places, both included; of a gap, its first place. */
async function faultsBetween(sql: postgres.Sql, from: number, to: number): Promise<AuditFault[]> {
  const rows = await sql<{ problem: AuditProblem; position: string; audit_id: string | null }[]>`
    with links as (
      select position, audit_id, hash, lag(hash) over places as before, lag(position, 1, ${from === 1 ? 0 : from - 2}::bigint) over places as place_before
      from audit_links where position between ${from - 1} and ${to}
      window places as (order by position)
    ), found as (
      select l.position, l.audit_id, l.place_before, case
        when a.audit_id is null then 'removed'
        when l.place_before = l.position - 1 and l.hash is distinct from audit_hash(
          case when l.position = 1 then (select audit_origin(begun_at, earlier_entries) from audit_chain) else l.before end, a) then 'changed'
      end as problem
      from links l left join audit a using (audit_id)
      where l.position >= ${from}
    )
    select problem, position, audit_id from found where problem is not null
    union all
    select 'missing', place_before + 1, null from found where place_before < position - 1
    order by position limit ${MOST_FAULTS}`;
  return rows.map(({ problem, position, audit_id }) => ({ problem, position: Number(position), auditId: audit_id }));
}

function endFaults({ end, last, isOriginRight }: Chain): AuditFault[] {
  const lastPosition = last?.position ?? 0;
  if (lastPosition < end.position) return [faultAt('missing', lastPosition + 1)];
  if (!isOriginRight || (last && (last.position !== end.position || last.hash !== end.hash))) {
    return [faultAt('endChanged', end.position)];
  }
  return [];
}

/** What is wrong with entries that have no place in the chain: all of them have to be from before it. */
async function faultsOutside(sql: postgres.Sql, { begunAt, earlierEntries }: Chain): Promise<AuditFault[]> {
  const outside = sql`from audit a where not exists (select 1 from audit_links l where l.audit_id = a.audit_id)`;
  const added = await sql<{ audit_id: string }[]>`
    select a.audit_id ${outside} and a.at > ${begunAt} order by a.at, a.audit_id limit ${MOST_FAULTS}`;
  const [counted] = await sql<{ earlier: string }[]>`
    select count(*) as earlier ${outside} and a.at <= ${begunAt}`;
  return [
    ...(Number(counted?.earlier) === earlierEntries ? [] : [faultAt('earlierChanged', null)]),
    ...added.map(({ audit_id }) => ({ problem: 'added' as const, position: null, auditId: audit_id })),
  ];
}
