import { setTimeout as sleep } from 'node:timers/promises';
import type { Vendors } from '../../peers/vendors';
import { atLeast, exactly, type Mark } from '../mark';
import { callsOf, countedCalls, sumOf } from '../measured-run';
import { withMoreWorkers } from '../more-workers';
import type { Bench, Figures, Part } from '../part';

const ROUTE = { from: 'salesforce/default', to: 'marketo/target' } as const;
/** Of a million: two calls for each 300, of which 400 take the time until the pace is steady, and a minute. */
const RECORDS = 66_000;
const LATENCIES_MS = [0, 200, 1_000, 2_000] as const;
const CROWD = { workers: 3, syncs: 5 } as const;
/** People have one of so many states, which a filter of each of several syncs can divide. */
const STATES = 50;

/** What Marketo allows: calls in a second, by its window, and at once. */
const CALLS_PER_SECOND = 5;
const CALLS_AT_ONCE = 10;
const WINDOW_SECONDS = 20;
const STEADY_SECONDS = 60;
const COUNT_EVERY_MS = 200;
const MILLI = 1_000;

const pace = (text: string, figure: string): Mark => ({
  what: `into Marketo, ${text}: calls, of those allowed`,
  figure,
  unit: '%',
  digits: 1,
  goal: atLeast(99),
});

/** How much of Marketo's limits is used while it is written to, and whether they are kept. */
export const intoMarketo: Part = {
  name: 'into-marketo',
  marks: [
    ...LATENCIES_MS.map((ms) => pace(`calls of ${ms / MILLI} s`, `latency${ms}`)),
    pace(`${CROWD.workers} workers and ${CROWD.syncs} syncs`, 'crowd'),
    { what: 'answers 606, 607 and 615', figure: 'refusals', unit: '', goal: exactly(0) },
    { what: 'the shortest time over which calls were counted', figure: 'steadySeconds', unit: 's' },
    { what: 'people that differ, are missing or double', figure: 'differing', unit: '', goal: exactly(0) },
  ],
  measure: (session) =>
    session.withPeople(session.scaled(RECORDS), [ROUTE.from], (bench) =>
      session.eachRun(async () => {
        const loads = [];
        for (const ms of LATENCIES_MS) loads.push({ figure: `latency${ms}`, ...(await loaded(bench, ms, 1)) });
        const crowd = await withMoreWorkers(bench.everything, CROWD.workers - 1, () => loaded(bench, 0, CROWD.syncs));
        loads.push({ figure: 'crowd', ...crowd });
        const figures: Figures = {
          ...Object.fromEntries(loads.map(({ figure, percent }) => [figure, percent])),
          refusals: loads.reduce((sum, { refusals }) => sum + refusals, 0),
          steadySeconds: Math.min(...loads.map(({ steadySeconds }) => steadySeconds)),
          differing: loads.reduce((sum, { differing }) => sum + differing, 0),
        };
        const details = loads.map(({ figure, refusals }): [string, number] => [`${figure}, refusals`, refusals]);
        return { figures, details: Object.fromEntries(details) };
      }),
    ),
};

/** Loads all people by so many syncs at once into a Marketo that takes so long for each call. */
async function loaded({ everything, vendors, ours }: Bench, latencyMs: number, syncs: number) {
  await vendors.empty(ROUTE.to);
  await vendors.change(ROUTE.to, { latencyMs });
  const syncIds = await Promise.all(
    Array.from({ length: syncs }, (_, index) =>
      ours.savedSync(ROUTE, syncs === 1 ? {} : { filter: shareOf(index, syncs) }),
    ),
  );
  for (const syncId of syncIds) await everything.call('POST', `/syncs/${syncId}/activate`);
  const [executions, counts] = await countedDuring(vendors, () =>
    Promise.all(syncIds.map((syncId) => everything.whenEnded(syncId, 1))),
  );
  const failed = executions.find(({ state }) => state !== 'succeeded');
  if (failed) throw new Error(`ended as ${failed.state}: ${failed.problem}`);
  const { calls, seconds } = steady(counts);
  const allowed = Math.min(CALLS_PER_SECOND, CALLS_AT_ONCE / (latencyMs / MILLI));
  const { wrong, missing, doubled } = vendors.check(ROUTE.to);
  return {
    percent: (calls / (allowed * seconds)) * 100,
    steadySeconds: seconds,
    refusals: vendors.refusals(ROUTE.to),
    differing: wrong + missing + doubled,
  };
}

const shareOf = (index: number, syncs: number) => ({
  column: 'MailingState',
  operator: 'in',
  value: Array.from({ length: STATES }, (_, state) => state)
    .filter((state) => state % syncs === index)
    .map((state) => `State ${state}`),
});

/** Calls that have been answered by a time: all of them, and those that look people up or write them. */
interface Count {
  atMs: number;
  calls: number;
  leads: number;
}

/** Counts the calls, again and again, for as long as some work takes. */
async function countedDuring<T>(vendors: Vendors, work: () => Promise<T>): Promise<[T, Count[]]> {
  const counts: Count[] = [];
  let isOver = false;
  const count = async (): Promise<void> => {
    while (!isOver) {
      const calls = await callsOf(vendors, [ROUTE.to]);
      const leads = sumOf(calls, (endpoint) => endpoint.endsWith('/rest/v1/leads.json'));
      counts.push({ atMs: performance.now(), calls: countedCalls(calls), leads });
      await sleep(COUNT_EVERY_MS);
    }
  };
  const working = work().finally(() => {
    isOver = true;
  });
  const [result] = await Promise.all([working, count()]);
  return [result, counts];
}

/** The minute after the first window of the load, from when on calls are as dense as they stay; of what ends sooner all of its time. */
function steady(counts: readonly Count[]): { calls: number; seconds: number } {
  const first = counts.findLast(({ leads }) => leads === counts[0]?.leads);
  const most = counts.at(-1)?.leads ?? 0;
  const last = counts.find(({ leads }) => leads === most);
  if (!first || !last) throw new Error('Nothing was counted.');
  const fromMs = first.atMs + WINDOW_SECONDS * MILLI;
  const toMs = fromMs + STEADY_SECONDS * MILLI;
  const [from, to] = last.atMs < toMs ? [first, last] : [atTime(counts, fromMs), atTime(counts, toMs)];
  return { calls: to.calls - from.calls, seconds: (to.atMs - from.atMs) / MILLI };
}

function atTime(counts: readonly Count[], atMs: number): Count {
  const found = counts.find((count) => count.atMs >= atMs);
  if (!found) throw new Error('Nothing was counted.');
  return found;
}
