import { sql } from 'drizzle-orm';
import type { Database } from '../client';
import journal from '../migrations/meta/_journal.json';

const NEWEST = Math.max(...journal.entries.map(({ when }) => when));

/** True when all migrations of this version have run. @throws when the database cannot be reached */
export async function isMigrated(db: Database): Promise<boolean> {
  const [table] = await db.execute<{ is_there: boolean }>(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as is_there`,
  );
  if (!table?.is_there) return false;
  const [last] = await db.execute<{ at: string | null }>(
    sql`select max(created_at)::text as at from drizzle.__drizzle_migrations`,
  );
  return Number(last?.at ?? 0) >= NEWEST;
}
