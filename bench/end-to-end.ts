/**
 * `npm run bench -- end-to-end [PEOPLE]`: so many Marketo people (default 100,000) become Salesforce contacts, with everything on
 * this machine: sandbox, PostgreSQL, Temporal, API and worker as `npm start` runs them, in a folder of its own. Prints seconds and
 * records per second of each phase, the CPU seconds of each part, the worker's peak memory, the requests made and the length of the
 * history.
 */
import { PART_NAMES } from '../src/local/supervised-part';
import { loadText, peakMb } from './cpu';
import { Everything } from './everything';

const people = Number(process.argv[2] ?? 100_000);

async function measureRun(everything: Everything): Promise<void> {
  const worker = await everything.workerPid();
  const idleMb = peakMb(worker);
  const before = await everything.cpu();
  const requestsBefore = await everything.requestsMade();
  const start = performance.now();
  const syncId = await everything.savedSync();
  const { counts } = await everything.run(syncId, 1);
  const seconds = (performance.now() - start) / 1000;
  const after = await everything.cpu();
  const { spans, events } = await everything.history(`sync/${syncId}/execution/1`);

  for (const { name, seconds: spent } of spans) {
    const rate = spent > 0 ? `${Math.round(counts.read / spent)}/s` : '';
    console.log(`${name.padEnd(12)} ${spent.toFixed(1).padStart(7)} s  ${rate}`);
  }
  console.log(`end to end   ${seconds.toFixed(1).padStart(7)} s  ${Math.round(counts.read / seconds)}/s`);
  console.log(`counts: ${JSON.stringify(counts)}`);
  const cpu = PART_NAMES.map((part) => `${part} ${(after[part] - before[part]).toFixed(1)} s`);
  console.log(`CPU: ${cpu.join(', ')}; ${loadText()}`);
  console.log(`worker: peak ${peakMb(worker)} MB (idle ${idleMb} MB)`);
  console.log(`requests: ${(await everything.requestsMade()) - requestsBefore}; history: ${events} events`);
}

Everything.with(people, measureRun).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
