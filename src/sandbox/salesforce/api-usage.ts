import type { InstanceCore } from '../core';

const HOUR_MS = 3_600_000;
const HOURS_OF_DAY = 24;

/** Counts the calls of an org; a day is the last 24 hours, in steps of an hour. */
export interface ApiUsage {
  count(): void;
  /** Calls of the last 24 hours. */
  used(): number;
}

export function createApiUsage({ database, clock }: InstanceCore): ApiUsage {
  database.exec('create table if not exists sf_api_usage (hour integer primary key, calls integer not null)');
  const add = database.prepare(
    'insert into sf_api_usage (hour, calls) values (?, 1) on conflict (hour) do update set calls = calls + 1',
  );
  const total = database.prepare('select total(calls) from sf_api_usage where hour > ?').pluck();
  const hour = (): number => Math.floor(clock.now() / HOUR_MS);
  return {
    count: () => void add.run(hour()),
    used: () => total.get(hour() - HOURS_OF_DAY) as number,
  };
}
