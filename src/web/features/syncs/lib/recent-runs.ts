import type { Sync } from '../api';

export type RecentRun = Sync['recentExecutions'][number];

/** `The last 10 executions, the newest first: 2 succeeded, 1 partial, 7 succeeded` */
export function recentInWords(newestFirst: readonly RecentRun[]): string {
  const rows: { state: RecentRun['state']; times: number }[] = [];
  for (const { state } of newestFirst) {
    const last = rows.at(-1);
    if (last?.state === state) last.times += 1;
    else rows.push({ state, times: 1 });
  }
  const words = rows.map(({ state, times }) => `${times} ${state}`);
  return `The last ${newestFirst.length} executions, the newest first: ${words.join(', ')}`;
}

/** Something is seen of each run, however little it read. */
const LEAST_HEIGHT = 20;

/** The runs from the oldest to the newest, with their heights in hundredths of the picture, by the records that they read. */
export function heightsOf(newestFirst: readonly RecentRun[]): { run: RecentRun; height: number }[] {
  const most = Math.max(1, ...newestFirst.map(({ read }) => read));
  return newestFirst.toReversed().map((run) => ({ run, height: Math.max(LEAST_HEIGHT, (100 * run.read) / most) }));
}
