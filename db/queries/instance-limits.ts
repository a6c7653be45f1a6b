import type postgres from 'postgres';
import { FRESH_LIMIT, type InstanceLimit } from '../../src/domain/instance-limit';

interface Stored {
  state: InstanceLimit;
  version: string;
  now: number;
}

/**
 * Changes what is known of an instance's limits, as if nobody else did at the same time. Nothing is locked between reading and
 * writing: whoever comes second reads again.
 * @param change gets the database's present time in milliseconds since 1970; may be called more than once; where it gives the same object, nothing is written
 * @returns the result of the change that held, and the version that it read or made: a higher one is later
 */
export async function changeInstanceLimit<Result>(
  sql: postgres.Sql,
  instance: string,
  change: (limit: InstanceLimit, nowMs: number) => { limit: InstanceLimit; result: Result },
): Promise<{ result: Result; version: number }> {
  for (;;) {
    const { state, version, now } = await read(sql, instance);
    const { limit, result } = change(state, now);
    if (limit === state) return { result, version: Number(version) };
    const { count } = await sql`
      update instance_limits set state = ${JSON.stringify(limit)}::text::jsonb, version = version + 1
      where instance = ${instance} and version = ${version}`;
    if (count === 1) return { result, version: Number(version) + 1 };
  }
}

async function read(sql: postgres.Sql, instance: string): Promise<Stored> {
  for (;;) {
    const [row] = await sql<Stored[]>`
      select state, version, (extract(epoch from clock_timestamp()) * 1000)::float8 as now
      from instance_limits where instance = ${instance}`;
    // written by us alone
    if (row) return { ...row, state: { ...FRESH_LIMIT, ...row.state } };
    await sql`insert into instance_limits (instance, state) values (${instance}, '{}'::jsonb) on conflict do nothing`;
  }
}
