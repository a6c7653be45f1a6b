import type { Definition } from '../../../../domain/definition';
import { isFollowUp } from '../../../../domain/outcome';
import type { RecentRun } from './recent-runs';

const WRITES: Record<Definition['importRule'], string> = {
  create: 'creates',
  update: 'updates',
  createAndUpdate: 'creates or updates',
};

/** What a run does in the destination; by the default of the import rule where none is chosen. */
export const writesInWords = (importRule: Definition['importRule'] | undefined): string =>
  WRITES[importRule ?? 'createAndUpdate'];

/** How many records the newest run has read that has ended and is itself no retry and no undo; null where there is none. */
export function lastRead(newestFirst: readonly RecentRun[]): number | null {
  const run = newestFirst.find(
    ({ trigger, state }) => !isFollowUp(trigger) && state !== 'running' && state !== 'missed',
  );
  return run?.read ?? null;
}
