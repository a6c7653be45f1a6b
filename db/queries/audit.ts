import { and, desc, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../client';
import { audit } from '../schema/definitions';

export interface AuditEntry {
  who: string;
  /** `connection.create`, `sync.activate` … */
  action: string;
  /** `sync/<id>` */
  subject: string;
  /** What changed, without secrets and record values. */
  details?: Record<string, unknown>;
}

/** Notes who did what; within the transaction that does it, where there is one. */
export async function noteAudit(db: Database, entry: AuditEntry): Promise<void> {
  // to the millisecond, as cursors carry it
  const at = sql`date_trunc('milliseconds', now())`;
  await db.insert(audit).values({ ...entry, at, details: entry.details ?? {} });
}

export type AuditRow = typeof audit.$inferSelect;

/** The newest entries first. @param before position of the last entry of the page before: its time and id */
export const listAudit = (
  db: Database,
  before: { at: string; auditId: string } | null,
  limit: number,
): Promise<AuditRow[]> =>
  db
    .select()
    .from(audit)
    .where(
      before === null
        ? undefined
        : or(lt(audit.at, before.at), and(sql`${audit.at} = ${before.at}`, lt(audit.auditId, before.auditId))),
    )
    .orderBy(desc(audit.at), desc(audit.auditId))
    .limit(limit);
