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
  /** The most memory that was in use at any look at it. */
  mostBytesInUse: number;
}

const LOOK_EVERY_MS = 200;

/** Runs one sync on a database of its own, tells what it did and what it took, and ends. */
async function main(): Promise<void> {
  const { hosts, definition, until } = JSON.parse(process.env.SYNC_TEST_TASK ?? '') as VolumeTask; // written by the test
  const runs = await connectedRuns({ clock: { now: Date.now } }, hosts);
  let mostBytesInUse = 0;
  const look = () => {
    mostBytesInUse = Math.max(mostBytesInUse, bytesInUse());
  };
  const looks = setInterval(look, LOOK_EVERY_MS);
  const { counts } = await runs.run(await runs.sync(definition), { until, isLedgerUnread: true });
  look();
  clearInterval(looks);
  await runs.stop();
  const result: VolumeResult = { counts: { ...counts }, mostBytesInUse };
  process.stdout.write(JSON.stringify(result));
}

/** What is still reachable, in the heap and outside: how much the process has of the machine depends on when garbage was last collected. */
function bytesInUse(): number {
  if (!global.gc) throw new Error('Start it with --expose-gc.');
  global.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
