import { ApiError } from '../api-error';
import type { Org } from '../org';

const HOUR_MS = 3_600_000;
const HOURS_OF_DAY = 24;
/** Rows that the vendor takes at a time: what the quota counts (Bulk API 2.0 guide, "Limits"). */
const BATCH_ROWS = 10_000;

/** Names that the limits of an org have (REST guide, "Limits"). */
const QUOTAS = {
  DailyBulkApiBatches: { setting: 'dailyBulkBatches', refusal: 'ApiBatchItems Limit exceeded.' },
  DailyBulkV2QueryJobs: { setting: 'dailyBulkQueryJobs', refusal: 'DailyBulkV2QueryJobs Limit exceeded.' },
} as const;
type Quota = keyof typeof QUOTAS;

/** What of Bulk an org may use in a day: the last 24 hours, in steps of an hour. */
export interface DailyQuotas {
  /** @throws ApiError when nothing is left */
  require(quota: Quota): void;
  spend(quota: Quota, amount: number): void;
  /** As the limits of the org show them. */
  shown(): Record<Quota, { Max: number; Remaining: number }>;
}

export function createDailyQuotas(org: Org): DailyQuotas {
  const { database } = org.core;
  database.exec(`create table if not exists sf_bulk_usage (
    quota text not null, hour integer not null, amount integer not null, primary key (quota, hour)) without rowid`);
  const add = database.prepare(
    `insert into sf_bulk_usage (quota, hour, amount) values (@quota, @hour, @amount)
     on conflict (quota, hour) do update set amount = amount + @amount`,
  );
  const total = database.prepare('select total(amount) from sf_bulk_usage where quota = ? and hour > ?').pluck();
  const hour = (): number => Math.floor(org.now() / HOUR_MS);
  const shownOf = (quota: Quota): { Max: number; Remaining: number } => {
    const most = org.settings[QUOTAS[quota].setting];
    const used = total.get(quota, hour() - HOURS_OF_DAY) as number;
    return { Max: most, Remaining: Math.max(0, most - used) };
  };
  return {
    require(quota) {
      if (shownOf(quota).Remaining === 0) throw new ApiError(400, 'LIMIT_EXCEEDED', QUOTAS[quota].refusal);
    },
    spend: (quota, amount) => void add.run({ quota, hour: hour(), amount }),
    shown: () => ({
      DailyBulkApiBatches: shownOf('DailyBulkApiBatches'),
      DailyBulkV2QueryJobs: shownOf('DailyBulkV2QueryJobs'),
    }),
  };
}

/** In how many batches the vendor takes so many rows. */
export function batchesOf(rows: number): number {
  return Math.ceil(rows / BATCH_ROWS);
}
