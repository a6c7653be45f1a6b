import type { z } from 'zod';
import type { stillDueAnswer, stillDueList } from '../../../api/schemas/executions';
import { api } from '../../lib/api';

type StillDue = z.output<typeof stillDueAnswer>;

/** As many as a call may ask of. */
const MOST_AT_ONCE = 100;

let waiting: { syncIds: Set<string>; answer: Promise<ReadonlyMap<string, StillDue>> } | null = null;

/** How many failed records of a sync are still to be loaded. What a page asks at once, of each of its syncs, is one call. */
export async function askStillDue(syncId: string): Promise<StillDue> {
  if (waiting === null || waiting.syncIds.size >= MOST_AT_ONCE) {
    const syncIds = new Set<string>();
    waiting = { syncIds, answer: soon().then(() => askTogether(syncIds)) };
  }
  waiting.syncIds.add(syncId);
  const due = await waiting.answer;
  return due.get(syncId) ?? { records: 0, executions: [] };
}

/** After everything that is asked for by what is being shown. */
const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

async function askTogether(syncIds: ReadonlySet<string>): Promise<ReadonlyMap<string, StillDue>> {
  // who asks from now on is answered by another call
  if (waiting?.syncIds === syncIds) waiting = null;
  const query = { syncIds: [...syncIds].join(',') };
  const { items } = await api<z.output<typeof stillDueList>>('/still-due', { query });
  return new Map(items.map(({ syncId, ...due }) => [syncId, due]));
}
