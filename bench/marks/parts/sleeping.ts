import { setTimeout as sleep } from 'node:timers/promises';
import { costOf } from '../../cost';
import { residentMb } from '../../cpu';
import type { Execution } from '../../everything';
import { activateSyncs } from '../../sleepers';
import { atMost } from '../mark';
import type { Bench, Part } from '../part';

/** Of a million. */
const SYNCS = 10_000;
/** One of so many has its time while it is measured; the others sleep for years. */
const ONE_DUE_IN = 30;
const LEAST_DUE = 5;
const DUE_EVERY_MS = 600;
const FAR_AWAY = { type: 'once', at: '2199-01-07T02:30Z' };
/** What follows from activations has come to rest by then. */
const REST_MS = 75_000;
/** Each run has a little to do, by calls that nothing limits. */
const PEOPLE = 100;
const ROUTE = { from: 'salesforce/default', to: 'salesforce/target' } as const;
/** Longer than one activation takes. */
const ACTIVATION_MS = 200;
const RANK = 0.99;
const MILLI = 1_000;

/** Syncs that sleep on one worker, and some that are woken one after the other at their times. */
export const sleeping: Part = {
  name: 'sleeping',
  marks: [
    { what: "10,000 sleeping syncs: worker's memory", figure: 'residentMb', unit: 'MB', goal: atMost(400) },
    { what: '10,000 sleeping syncs: its peak while some run', figure: 'peakMb', unit: 'MB' },
    {
      what: '10,000 sleeping syncs: starts after their time, 99 of 100',
      figure: 'lateSeconds',
      unit: 's',
      digits: 2,
      goal: atMost(1),
    },
    { what: 'the latest of them', figure: 'latestSeconds', unit: 's', digits: 2 },
    { what: 'starts that were measured', figure: 'starts', unit: '' },
  ],
  measure: (session) =>
    session.withPeople(PEOPLE, [ROUTE.from], async (bench) => {
      const syncs = session.scaled(SYNCS);
      await activateSyncs(bench.everything, syncs, () => bench.ours.savedSync(ROUTE, { schedule: FAR_AWAY }));
      await session.eachRun(() => woken(bench, Math.max(LEAST_DUE, Math.round(syncs / ONE_DUE_IN))));
    }),
};

/** Activates syncs that are due one after the other once all has come to rest, and looks how late each begins. */
async function woken({ everything, ours }: Bench, count: number) {
  const worker = await everything.workerPid();
  const firstAtMs = Date.now() + REST_MS + count * ACTIVATION_MS;
  const ids = await activateSyncs(everything, count, (index) => {
    const at = new Date(firstAtMs + index * DUE_EVERY_MS).toISOString();
    return ours.savedSync(ROUTE, { schedule: { type: 'once', at } });
  });
  await sleep(firstAtMs - Date.now());
  const resident = residentMb(worker);
  const [executions, cost] = await costOf(everything, async () => {
    const all: Execution[] = [];
    for (const syncId of ids) all.push(await everything.whenEnded(syncId, 1));
    return all;
  });
  const late = executions
    .map(({ scheduledFor, startedAt }) => (Date.parse(startedAt ?? '') - Date.parse(scheduledFor)) / MILLI)
    .sort((one, other) => one - other);
  const lateSeconds = late[Math.ceil(late.length * RANK) - 1] ?? Number.NaN;
  const latestSeconds = late.at(-1) ?? Number.NaN;
  const figures = { residentMb: resident, peakMb: cost.peakMb.worker, lateSeconds, latestSeconds, starts: late.length };
  return { figures };
}
