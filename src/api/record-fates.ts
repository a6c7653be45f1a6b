import type { OutcomeRow } from '../../db/queries/executions-read';
import { type GivenUp, givenUpAmong, type LaterOutcome, laterOutcomesAmong } from '../../db/queries/failed-records';
import { type UndoneRecord, undoneAmong } from '../../db/queries/undo';
import type { ApiDeps } from './deps';

/** What has become of a record since its execution; null for what has not. */
interface Fate {
  givenUp: GivenUp | null;
  later: LaterOutcome | null;
  undone: UndoneRecord | null;
}

/** Tells of some records of an execution what has become of them since: of failed ones, and of written ones that were undone. */
export async function fatesOf(
  { database: { sql } }: Pick<ApiDeps, 'database'>,
  executionId: string,
  rows: readonly Pick<OutcomeRow, 'sortKey' | 'outcome'>[],
): Promise<(row: Pick<OutcomeRow, 'sortKey'>) => Fate> {
  const keysOf = (...outcomes: OutcomeRow['outcome'][]) =>
    rows.filter(({ outcome }) => outcomes.includes(outcome)).map(({ sortKey }) => sortKey);
  const failed = keysOf('failed');
  const givenUp = await givenUpAmong(sql, executionId, failed);
  const later = await laterOutcomesAmong(sql, executionId, failed);
  const undone = await undoneAmong(sql, executionId, keysOf('created', 'updated'));
  return ({ sortKey }) => ({
    givenUp: givenUp.get(sortKey) ?? null,
    later: later.get(sortKey) ?? null,
    undone: undone.get(sortKey) ?? null,
  });
}
