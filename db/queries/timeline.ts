import { and, asc, desc, eq, gte, inArray, lte, ne, notInArray, or, sql } from 'drizzle-orm';
import { LOOKS } from '../../src/domain/looks';
import { isFollowUp } from '../../src/domain/outcome';
import type { TimelineKind } from '../../src/domain/timeline';
import type { Database } from '../client';
import { audit } from '../schema/definitions';
import { followUps } from '../schema/follow-ups';
import { timeline } from '../schema/timeline';
import type { AuditRow } from './audit';
import { isOpenWait, type Sql } from './executions';
import type { ExecutionRow } from './executions-read';

/** Something that happened in an execution; `until`: when a wait is expected to end. */
export interface TimelineNote {
  kind: Exclude<TimelineKind, 'phaseBegun'>;
  text?: string | null;
  until?: string | null;
}

/** What may come again without end: one of the last entries counts it, so that a run that waits for weeks stays readable. */
const REPEATED: readonly TimelineKind[] = ['attemptFailed', 'takenUp', 'waiting'];

/**
 * Writes down what happened in a run just now. A wait that is open already is not noted twice, nor that an attempt follows one that
 * failed. Previews have no timeline.
 */
export async function noteInTimeline(sql: Sql, executionId: string, note: TimelineNote): Promise<void> {
  const { kind, text = null, until = null } = note;
  await sql`
    with last_ones as (
      select * from timeline where execution_id = ${executionId} order by entry_id desc limit 2
    ), present as (
      select execution_id, phase, progress_done from executions where execution_id = ${executionId} and purpose = 'run'
        and (${kind} <> 'takenUp' or not exists (select from last_ones where kind = 'attemptFailed'))
    ), same as (
      select entry_id from last_ones where kind = ${kind} and kind = any(${[...REPEATED]}) and text is not distinct from ${text}
        and phase is not distinct from (select phase from present)
      order by entry_id desc limit 1
    ), repeated as (
      update timeline set
        times = times + case when kind = 'waiting' and ended_at is null then 0 else 1 end,
        waits_until = coalesce(${until}::timestamptz, waits_until), ended_at = case when kind = 'waiting' then null else now() end
      where entry_id = (select entry_id from same)
    )
    insert into timeline (execution_id, at, kind, phase, text, waits_until, records)
    select execution_id, now(), ${kind}, phase, ${text}, ${until}, ${kind === 'phaseEnded' ? sql`progress_done` : null}
    from present where not exists (select from same)`;
}

/** Ends what an execution waits for, as far as it does. */
export async function endWaits(sql: Sql, executionId: string): Promise<void> {
  await sql`update timeline set ended_at = now() where ${isOpenWait(sql, executionId)}`;
}

export type TimelineRow = typeof timeline.$inferSelect;

/** What was written down of an execution, in order. */
export const listTimeline = (db: Database, executionId: string): Promise<TimelineRow[]> =>
  db.select().from(timeline).where(eq(timeline.executionId, executionId)).orderBy(asc(timeline.entryId));

/**
 * What people did about a run, in order: what began it, what they asked of it, and what they did to its sync and to the connections of that
 * while it ran.
 * @param until ISO 8601 UTC, the end of a run or the present
 */
export async function listActions(
  db: Database,
  execution: ExecutionRow,
  connectionIds: readonly string[],
  until: string,
): Promise<AuditRow[]> {
  const { executionId, syncId, startedAt, scheduledFor } = execution;
  const begun = startedAt ?? scheduledFor;
  const meanwhile = and(
    gte(audit.at, begun),
    lte(audit.at, until),
    or(
      // what goes over an earlier run does not heed the controls of the sync
      isFollowUp(execution.trigger)
        ? undefined
        : and(eq(audit.subject, `sync/${syncId}`), ne(audit.action, 'sync.preview')),
      and(
        inArray(
          audit.subject,
          connectionIds.map((id) => `connection/${id}`),
        ),
        eq(audit.action, 'connection.change'),
      ),
    ),
  );
  return db
    .select()
    .from(audit)
    .where(
      or(
        meanwhile,
        // who looks at it does nothing to it
        and(eq(audit.subject, `execution/${executionId}`), notInArray(audit.action, [...LOOKS])),
        sql`${audit.auditId} = (${whatBegan(db, execution, begun)})`,
      ),
    )
    .orderBy(asc(audit.at), asc(audit.auditId));
}

/** Who asked for a run, and when; null of one by the schedule. */
export async function beginnerOf(db: Database, execution: ExecutionRow): Promise<Pick<AuditRow, 'who' | 'at'> | null> {
  const begun = execution.startedAt ?? execution.scheduledFor;
  const [row] = await db
    .select({ who: audit.who, at: audit.at })
    .from(audit)
    .where(sql`${audit.auditId} = (${whatBegan(db, execution, begun)})`);
  return row ?? null;
}

/** The entry of the audit that asked for a run; runs by the schedule have none of their own. */
function whatBegan(db: Database, { executionId, syncId, trigger, number }: ExecutionRow, begun: string) {
  const newest = db.select({ auditId: audit.auditId }).from(audit).orderBy(desc(audit.at)).limit(1).$dynamic();
  if (trigger === 'interval') return sql`null::uuid`;
  if (isFollowUp(trigger)) {
    const origin = db
      .select({ subject: sql`'execution/' || ${followUps.originId}` })
      .from(followUps)
      .where(eq(followUps.executionId, executionId));
    return newest.where(and(inArray(audit.subject, origin), sql`${audit.details} ->> 'by' = ${String(number)}`));
  }
  const action = trigger === 'manual' ? 'sync.runNow' : 'sync.activate';
  return newest.where(and(eq(audit.subject, `sync/${syncId}`), eq(audit.action, action), lte(audit.at, begun)));
}
