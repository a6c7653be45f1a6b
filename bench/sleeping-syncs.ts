/**
 * `npm run bench -- sleeping-syncs [SYNCS] [SECONDS]`: so many syncs (default 1,000) that sleep until next week, with everything on this
 * machine. Prints the worker's memory, and what each part takes of a core while nothing is due (over 60 seconds unless told otherwise).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PART_NAMES } from '../src/local/supervised-part';
import { loadText, peakMb, residentMb } from './cpu';
import { Everything } from './everything';
import { activateSyncs } from './sleepers';

const [syncs = 1_000, seconds = 60] = process.argv.slice(2).map(Number);
const WEEKLY = { type: 'interval', every: { amount: 1, unit: 'week' }, start: '2026-01-05T02:30' };
/** Everything that follows from an activation has come to rest by then; what was started a minute ago is looked at no more. */
const REST_MS = 75_000;

async function measureSleep(everything: Everything): Promise<void> {
  const worker = await everything.workerPid();
  console.log(`worker without a sync: ${residentMb(worker)} MB`);
  const start = performance.now();
  await activateSyncs(everything, syncs, (index) =>
    everything.savedSync({ name: `Weekly ${index}`, schedule: WEEKLY }),
  );
  console.log(`${syncs} syncs were activated in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  await sleep(REST_MS);

  const before = await everything.cpu();
  await sleep(seconds * 1_000);
  const after = await everything.cpu();

  const shares = PART_NAMES.map((part) => `${part} ${(((after[part] - before[part]) / seconds) * 100).toFixed(1)} %`);
  console.log(`of a core, over ${seconds} s: ${shares.join(', ')}; ${loadText()}`);
  console.log(`worker: ${residentMb(worker)} MB, at most ${peakMb(worker)} MB`);
}

Everything.with(100, measureSleep).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
