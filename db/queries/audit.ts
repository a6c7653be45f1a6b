import { and, desc, eq, gt, gte, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../client';
import { audit } from '../schema/definitions';

export interface AuditEntry {
  who: string;
  /** `connection.create`, `sync.activate` … */
  action: string;
  /** `sync/<id>` */
  subject: string;
  /** From where; null for what Sync does by itself. */
  address: string | null;
  /** What changed, without secrets and record values. */
  details?: Record<string, unknown>;
}

/** Notes who did what; within the transaction that does it, where there is one. */
export async function noteAudit(db: Database, entry: AuditEntry): Promise<void> {
  // to the millisecond, as cursors carry it
  const at = sql`date_trunc('milliseconds', now())`;
  await db.insert(audit).values({ ...entry, at, details: entry.details ?? {} });
}

/**
 * Notes what would be said again and again, as the pages of a list are: once for each person, subject and action in a while.
 * @param quietMs how long nothing more is noted of it
 */
export async function noteAuditOnce(db: Database, entry: AuditEntry, quietMs: number): Promise<void> {
  const since = sql`now() - ${quietMs} * interval '1 millisecond'`;
  const [noted] = await db
    .select({ auditId: audit.auditId })
    .from(audit)
    .where(
      and(
        eq(audit.subject, entry.subject),
        gt(audit.at, since),
        eq(audit.who, entry.who),
        eq(audit.action, entry.action),
      ),
    )
    .limit(1);
  if (!noted) await noteAudit(db, entry);
}

export type AuditRow = typeof audit.$inferSelect;

/** Which entries are wanted; what is left out narrows nothing. */
export interface AuditFilter {
  who?: string | undefined;
  action?: string | undefined;
  subject?: string | undefined;
  /** This moment included. */
  from?: string | undefined;
  /** This moment not included. */
  to?: string | undefined;
}

/** The newest entries first. @param before position of the last entry of the page before: its time and id */
export const listAudit = (
  db: Database,
  before: { at: string; auditId: string } | null,
  limit: number,
  { who, action, subject, from, to }: AuditFilter = {},
): Promise<AuditRow[]> =>
  db
    .select()
    .from(audit)
    .where(
      and(
        who === undefined ? undefined : eq(audit.who, who),
        action === undefined ? undefined : eq(audit.action, action),
        subject === undefined ? undefined : eq(audit.subject, subject),
        from === undefined ? undefined : gte(audit.at, from),
        to === undefined ? undefined : lt(audit.at, to),
        before === null
          ? undefined
          : or(lt(audit.at, before.at), and(sql`${audit.at} = ${before.at}`, lt(audit.auditId, before.auditId))),
      ),
    )
    .orderBy(desc(audit.at), desc(audit.auditId))
    .limit(limit);
