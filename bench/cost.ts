import { markOf } from '../src/local/parts';
import { findProcesses } from '../src/local/processes';
import { PART_NAMES, type PartName } from '../src/local/supervised-part';
import { forgetPeak, peakMb } from './cpu';
import type { Everything } from './everything';

/** What some work has cost: seconds of processor time by part, and the most memory that API and worker have held meanwhile. */
export interface PartsCost {
  cpu: Readonly<Record<PartName, number>>;
  peakMb: { api: number; worker: number };
}

/** Does some work, and tells what it has cost all parts. */
export async function costOf<T>(everything: Everything, work: () => Promise<T>): Promise<[T, PartsCost]> {
  const [api, worker] = await Promise.all([pidsOf(everything, 'api'), pidsOf(everything, 'worker')]);
  [...api, ...worker].forEach(forgetPeak);
  const before = await everything.cpu();
  const result = await work();
  const after = await everything.cpu();
  const cpu = Object.fromEntries(PART_NAMES.map((part) => [part, after[part] - before[part]]));
  const peak = (pids: readonly number[]) => Math.max(...pids.map(peakMb));
  return [result, { cpu: cpu as Record<PartName, number>, peakMb: { api: peak(api), worker: peak(worker) } }];
}

async function pidsOf({ settings: { dataDir } }: Everything, part: PartName): Promise<number[]> {
  return (await findProcesses(markOf(part, dataDir))).map(({ pid }) => pid);
}
