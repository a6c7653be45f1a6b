import { ApplicationFailure } from '@temporalio/activity';
import { bytesToStage, lackOfSpace } from '../src/domain/disk-space';
import { FailureType } from '../src/domain/failures';
import type { ActivityDeps } from './run';

/**
 * Makes sure, before a page is staged, that what is left of its part has room on the disk of the database, as far as can be known.
 * @param page.bodies the values of its records, as JSON
 * @param page.total how many records the part has in all, where that is known
 * @param staged records of the part that are staged already
 * @throws ApplicationFailure for a person when there is too little; nothing of the page has been stored
 */
export async function demandSpace(
  { freeBytes }: Pick<ActivityDeps, 'freeBytes'>,
  { bodies, total }: { bodies: readonly string[]; total: number | undefined },
  staged: number,
): Promise<void> {
  const free = (await freeBytes?.()) ?? null;
  if (free === null || bodies.length === 0) return;
  const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  const left = Math.max(bodies.length, (total ?? 0) - staged);
  const lack = lackOfSpace(bytesToStage(left, bytes / bodies.length), free);
  if (lack !== null) throw ApplicationFailure.nonRetryable(lack, FailureType.NeedsAttention, { code: 'DISK_SPACE' });
}
