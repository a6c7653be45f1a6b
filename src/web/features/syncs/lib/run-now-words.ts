import type { Definition } from '../../../../domain/definition';
import { counted, formatNumber } from '../../../lib/format';
import type { Sync } from '../api';

const WRITES: Record<Definition['importRule'], string> = {
  create: 'creates',
  update: 'updates',
  createAndUpdate: 'creates or updates',
};

/** What a run does in the destination; by the default of the import rule where none is chosen. */
export const writesInWords = (importRule: Definition['importRule'] | undefined): string =>
  WRITES[importRule ?? 'createAndUpdate'];

/** How much the last run has read and written, whatever retries and an undo have made of it; null where there is none that has ended. */
export function lastRunInWords({ lastRun }: Pick<Sync, 'lastRun'>): string | null {
  if (lastRun === null || lastRun.state === 'running' || lastRun.state === 'missed') return null;
  const { read, created, updated } = lastRun.counts;
  const undone = lastRun.undoneBy && !lastRun.undoneBy.isRunning ? ', which was undone,' : '';
  return `The last run${undone} read ${counted(read, 'record')} and wrote ${formatNumber(created + updated)}.`;
}
