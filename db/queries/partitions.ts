import type { Sql } from './executions';

/**
 * Makes the partitions of the coming days and drops those of the days that are kept no longer.
 * @param today `2026-03-01`
 * @returns how many tables were dropped
 */
export async function keepPartitions(sql: Sql, today: string, retentionDays: number): Promise<number> {
  await sql`select create_day_partitions(${today}::date - 1, ${today}::date + 7)`;
  const [row] = await sql<
    { dropped: number }[]
  >`select drop_day_partitions(${today}::date - ${retentionDays}::int) as dropped`;
  return row?.dropped ?? 0;
}
