import type { Logger } from 'pino';
import type postgres from 'postgres';
import {
  dropDay,
  expired,
  filedDays,
  forgetPersonalData,
  forgetPreview,
  forgetStaged,
  makePartitions,
  neededDays,
  oneAtATime,
  passOverMissed,
  trimStaged,
  untrimmed,
} from '../../db/queries/retention';
import { forgetDeliveries } from '../../db/queries/webhook-deliveries';
import { daysToDrop, keptSince } from '../domain/retention';
import { Repeating } from './repeating';

const EVERY_MS = 3_600_000;

export interface RetentionDeps {
  sql: postgres.Sql;
  retentionDays: number;
  /** Present time, ISO 8601 UTC. */
  now(): string;
  log: Logger;
}

/** Keeps retention again and again, see `keepRetention`. */
export const retaining = (deps: RetentionDeps): Repeating =>
  new Repeating('retention', EVERY_MS, () => keepRetention(deps), deps.log);

/**
 * Makes room for the coming days, and deletes what is kept no longer: staged and previous values, previews, personal data in the ledger,
 * and the log of webhooks. One worker does it at a time; what was interrupted is gone on with by the next turn, since each step tells by
 * itself whether it has been done.
 */
export async function keepRetention(deps: RetentionDeps): Promise<void> {
  await makePartitions(deps.sql, deps.now().slice(0, 10));
  await oneAtATime(deps.sql, 'retention', () => forgetWhatIsOld(deps));
}

async function forgetWhatIsOld({ sql, retentionDays, now, log }: RetentionDeps): Promise<void> {
  const present = now();
  const since = keptSince(present, retentionDays);
  await passOverMissed(sql, present);
  for (const execution of await untrimmed(sql)) await trimStaged(sql, execution, present);
  let dropped = 0;
  for (const day of daysToDrop(await filedDays(sql), await neededDays(sql, since), since)) {
    dropped += await dropDay(sql, day);
  }
  const old = await expired(sql, since);
  for (const execution of old) {
    await forgetStaged(sql, execution);
    if (execution.isPreview) await forgetPreview(sql, execution.executionId);
    else await forgetPersonalData(sql, execution.executionId, present);
  }
  await forgetDeliveries(sql, since);
  if (dropped > 0 || old.length > 0) {
    log.info({ partitions: dropped, executions: old.length }, 'deleted values that are kept no longer');
  }
}
