import { ApplicationFailure } from '@temporalio/activity';
import type { Page } from '../src/connectors/connector';
import { bytesToStage, lackOfSpace } from '../src/domain/disk-space';
import { FailureType } from '../src/domain/failures';
import type { ActivityDeps } from './run';

/**
 * Makes sure, before a page is staged, that what is left of its part has room on the disk of the database, as far as can be known.
 * @param staged records of the part that are staged already
 * @throws ApplicationFailure for a person when there is too little; nothing of the page has been stored
 */
export async function demandSpace(
  { freeBytes }: Pick<ActivityDeps, 'freeBytes'>,
  { records, total }: Pick<Page, 'records' | 'total'>,
  staged: number,
): Promise<void> {
  const free = (await freeBytes?.()) ?? null;
  if (free === null || records.length === 0) return;
  const bytes = records.reduce((sum, { values }) => sum + Buffer.byteLength(JSON.stringify(values)), 0);
  const left = Math.max(records.length, (total ?? 0) - staged);
  const lack = lackOfSpace(bytesToStage(left, bytes / records.length), free);
  if (lack !== null) throw ApplicationFailure.nonRetryable(lack, FailureType.NeedsAttention, { code: 'DISK_SPACE' });
}
