import { isFollowUp } from '../../../../domain/outcome';
import type { Sync } from '../api';

export type RecentRun = Sync['recentExecutions'][number];

/** How a run ended; `undone` where that was taken back. */
export const lookOf = ({ state, isUndone }: RecentRun): RecentRun['state'] | 'undone' => (isUndone ? 'undone' : state);

/** Without retries and undos: what they have made of a run is told beside it. */
export const runsOf = (newestFirst: readonly RecentRun[]): RecentRun[] =>
  newestFirst.filter(({ trigger }) => !isFollowUp(trigger));

/** `The last 10 runs, the newest first: 2 succeeded, 1 partial, 7 succeeded`. @param newestFirst as `runsOf` gives them, like those below */
export function recentInWords(newestFirst: readonly RecentRun[]): string {
  const rows: { look: string; times: number }[] = [];
  for (const look of newestFirst.map(lookOf)) {
    const last = rows.at(-1);
    if (last?.look === look) last.times += 1;
    else rows.push({ look, times: 1 });
  }
  return `The last ${newestFirst.length} runs, the newest first: ${listed(rows)}`;
}

/** `Last 10 runs: 9 succeeded, 1 partial`, which tells the colours of the picture as well. */
export function recentInShort(newestFirst: readonly RecentRun[]): string {
  const times = new Map<string, number>();
  for (const look of newestFirst.map(lookOf)) times.set(look, (times.get(look) ?? 0) + 1);
  return `Last ${newestFirst.length} runs: ${listed([...times].map(([look, each]) => ({ look, times: each })))}`;
}

const listed = (rows: readonly { look: string; times: number }[]): string =>
  rows.map(({ look, times }) => `${times} ${look}`).join(', ');

/** Whether an undo has taken back the newest of the executions that is itself no retry and no undo. */
export const isLastRunUndone = (newestFirst: readonly RecentRun[]): boolean =>
  runsOf(newestFirst)[0]?.isUndone ?? false;

/** Whether no execution of a sync can have failed records, as far as it is told of them: then nothing is asked about them. */
export const hasNeverFailed = (newestFirst: readonly RecentRun[]): boolean =>
  newestFirst.length < MOST_RECENT && newestFirst.every(({ state }) => state === 'succeeded' || state === 'missed');
/** Executions that a sync tells of; where there are as many, there may be earlier ones. */
const MOST_RECENT = 10;

/** Something is seen of each run, however little it read. */
const LEAST_HEIGHT = 20;

/** The runs from the oldest to the newest, with their heights in hundredths of the picture, by the records that they read. */
export function heightsOf(newestFirst: readonly RecentRun[]): { run: RecentRun; height: number }[] {
  const most = Math.max(1, ...newestFirst.map(({ read }) => read));
  return newestFirst.toReversed().map((run) => ({ run, height: Math.max(LEAST_HEIGHT, (100 * run.read) / most) }));
}
