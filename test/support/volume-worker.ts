import type { Phase } from '../../src/domain/outcome';
import { connectedRuns, type Hosts } from './connected-runs';

/** Everything that a run in a process of its own needs to know. */
export interface VolumeTask {
  /** Addresses and credentials, by the ids of the connections. */
  hosts: Hosts;
  definition: Record<string, unknown>;
  /** The last phase that the run comes to before it is cancelled. */
  until: Phase;
}
export interface VolumeResult {
  counts: Record<string, number>;
  /** The most memory that the process has had. */
  peakBytes: number;
}

/** Runs one sync on a database of its own, tells what it did and what it took, and ends. */
async function main(): Promise<void> {
  const { hosts, definition, until } = JSON.parse(process.env.SYNC_TEST_TASK ?? '') as VolumeTask; // written by the test
  const runs = await connectedRuns({ clock: { now: Date.now } }, hosts);
  const { counts } = await runs.run(await runs.sync(definition), { until });
  await runs.stop();
  const result: VolumeResult = { counts: { ...counts }, peakBytes: process.resourceUsage().maxRSS * 1_024 };
  process.stdout.write(JSON.stringify(result));
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
