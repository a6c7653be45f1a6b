import type { Sql } from './executions';

/** Records that are dealt with in one transaction where all of an execution are to be: an attempt that breaks off loses no more than that. */
const RECORDS_OF_PART = 20_000;

/** What lies behind `after`, up to and with `upTo`. */
interface Range<Key> {
  after: Key;
  upTo: Key;
}
export type KeyRange = Range<string>;

/** Where a mapped record is among those of its execution. */
interface MappedKey {
  round: number;
  sortKey: string;
}

interface Filed {
  executionId: string;
  stagedOn: string;
}

/** Goes over what an execution has staged, part by part, in source order. */
export const partsOf = (sql: Sql, { executionId, stagedOn }: Filed): AsyncGenerator<KeyRange> =>
  ranges('', async (after) => {
    const [border] = await sql<{ upTo: string | null }[]>`
      select max(sort_key) as "upTo" from (
        select sort_key from staged_records
        where staged_on = ${stagedOn} and execution_id = ${executionId} and sort_key > ${after}
        order by sort_key limit ${RECORDS_OF_PART}) part`;
    return border?.upTo ?? null;
  });

/** The same over what it has mapped, round by round. */
export const partsOfMapped = (sql: Sql, { executionId, stagedOn }: Filed): AsyncGenerator<Range<MappedKey>> =>
  ranges<MappedKey>({ round: 0, sortKey: '' }, async (after) => {
    const [border] = await sql<MappedKey[]>`
      select round, sort_key as "sortKey" from (
        select round, sort_key from mapped_records
        where staged_on = ${stagedOn} and execution_id = ${executionId} and (round, sort_key) > (${after.round}, ${after.sortKey})
        order by round, sort_key limit ${RECORDS_OF_PART}) part
      order by round desc, sort_key desc limit 1`;
    return border ?? null;
  });

/** The same over the index of a sync. */
export const partsOfIndex = (sql: Sql, syncId: string): AsyncGenerator<KeyRange> =>
  ranges('', async (after) => {
    const [border] = await sql<{ upTo: string | null }[]>`
      select max(sort_key) as "upTo" from (
        select sort_key from sync_records where sync_id = ${syncId} and sort_key > ${after}
        order by sort_key limit ${RECORDS_OF_PART}) part`;
    return border?.upTo ?? null;
  });

async function* ranges<Key>(first: Key, borderBehind: (after: Key) => Promise<Key | null>): AsyncGenerator<Range<Key>> {
  let after = first;
  for (let upTo = await borderBehind(after); upTo !== null; upTo = await borderBehind(after)) {
    yield { after, upTo };
    after = upTo;
  }
}
