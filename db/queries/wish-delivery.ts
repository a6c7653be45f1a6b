import type { SyncStatus } from '../../src/domain/outcome';
import type { WishKind } from '../../src/domain/sync-status';
import type { Sql } from './executions';
import { iso } from './instant';

export interface Wish {
  wishId: string;
  syncId: string;
  executionId: string | null;
  /** The activation that it was made of. */
  activation: number;
  kind: WishKind;
  /** ISO 8601 UTC. */
  askedAt: string;
}

/** Wishes that have not reached their workflow, in the order in which they were made. */
export async function undeliveredWishes(sql: Sql): Promise<Wish[]> {
  const wishes = await sql<Wish[]>`
    select wish_id as "wishId", sync_id as "syncId", execution_id as "executionId", activation, kind, asked_at as "askedAt"
    from sync_wishes where delivered_at is null order by asked_at, wish_id limit 100`;
  return wishes.map((wish) => ({ ...wish, askedAt: iso(wish.askedAt) ?? '' }));
}

/** What the sync of a wish is at present. */
export interface PresentSync {
  status: SyncStatus;
  activation: number;
  isExecuting: boolean;
}

/** @returns null when the sync is gone */
export async function presentOf(sql: Sql, syncId: string): Promise<PresentSync | null> {
  const [row] = await sql<PresentSync[]>`
    select status, activation,
      exists (select 1 from executions e where e.sync_id = s.sync_id and e.state = 'running') as "isExecuting"
    from syncs s where sync_id = ${syncId}`;
  return row ?? null;
}

/** @param refusal why the workflow did not take it; null when it did */
export async function settleWish(sql: Sql, wishId: string, refusal: string | null): Promise<void> {
  await sql`update sync_wishes set delivered_at = now(), refusal = ${refusal} where wish_id = ${wishId} and delivered_at is null`;
}
