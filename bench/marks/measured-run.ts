import { setTimeout as sleep } from 'node:timers/promises';
import { costOf } from '../cost';
import type { Counts, Everything } from '../everything';
import type { Route } from '../peers/ours';
import type { Vendors } from '../peers/vendors';
import { Idleness } from './idleness';
import type { Bench, Figures, Result } from './part';

const MICRO = 1e6;
const MILLI = 1_000;
const BYTES_PER_KB = 1024;
const RECORDS_A_WRITE = 10_000;
const RECORDS_A_READ = 50_000;
/** Requests are counted so often until the first one of a run is there, for so long at most. */
const COUNT_EVERY_MS = 10;
const FIRST_REQUEST_PATIENCE_MS = 30_000;

/** A run that has been measured. */
export type MeasuredRun = Required<Pick<Result, 'figures' | 'details'>> & { counts: Counts };

/**
 * Activates a sync and measures its first run, from the call that activates it to the time at which, by its own account, it has ended.
 * @param existing how many records the destination has before
 * @throws Error unless it has succeeded
 */
export async function measuredRun(
  { everything, vendors }: Bench,
  syncId: string,
  { from, to }: Route,
  existing = 0,
): Promise<MeasuredRun> {
  const before = await callsOf(vendors, [from, to]);
  const activateAndFollow = async () => {
    const activatedAt = Date.now();
    const first = await activated(everything, vendors, syncId);
    return { activatedAt, first, ...(await everything.whenEnded(syncId, 1)) };
  };
  const [[execution, cost], { idleMs, diskMs }] = await Idleness.during(everything, () =>
    costOf(everything, activateAndFollow),
  );
  const { activatedAt, first, state, problem, counts, finishedAt } = execution;
  if (state !== 'succeeded') throw new Error(`ended as ${state}: ${problem}`);
  const seconds = (Date.parse(finishedAt ?? '') - activatedAt) / MILLI;
  const calls = since(before, await callsOf(vendors, [from, to]));
  const { spans, events, bytes } = await everything.history(`sync/${syncId}/execution/1`);
  const { wrong, missing, doubled } = vendors.check(to, from === 'marketo/default');
  const micros = (cpuSeconds: number): number => (cpuSeconds * MICRO) / counts.read;
  const { worker, api, postgres, temporal, sandbox } = cost.cpu;
  const figures: Figures = {
    seconds,
    recordsPerSecond: counts.read / seconds,
    cpu: micros(worker + api + postgres + temporal),
    cpuWorker: micros(worker),
    cpuApi: micros(api),
    cpuPostgres: micros(postgres),
    cpuTemporal: micros(temporal),
    cpuSandbox: micros(sandbox),
    workerPeakMb: cost.peakMb.worker,
    ...callFigures(calls, counts, existing),
    firstRequestMs: first.requestMs,
    idlePercent: (idleMs / MILLI / seconds) * 100,
    diskPercent: (diskMs / MILLI / seconds) * 100,
    events,
    historyKb: bytes / BYTES_PER_KB,
    differing: wrong + missing + doubled,
  };
  const phases = spans.map(({ name, seconds: spent }): [string, number] => [`${name}, seconds`, spent]);
  const details = { ...Object.fromEntries([...calls, ...phases]), activationMs: first.activationMs };
  return { figures, details, counts };
}

/** Activates a sync. @returns how long that took, and when from its beginning on the first request came that a worker made */
async function activated(
  everything: Everything,
  vendors: Vendors,
  syncId: string,
): Promise<{ requestMs: number; activationMs: number }> {
  const start = performance.now();
  await everything.call('POST', `/syncs/${syncId}/activate`);
  const activationMs = performance.now() - start;
  // what came before was the API's, which checks the definition
  const requests = await vendors.calls();
  while (performance.now() < start + FIRST_REQUEST_PATIENCE_MS) {
    if ((await vendors.calls()) > requests) return { requestMs: performance.now() - start, activationMs };
    await sleep(COUNT_EVERY_MS);
  }
  throw new Error('No request came.');
}

/** Calls by instance and end point, such as `salesforce/target POST /services/data/v60.0/composite`. */
export async function callsOf(vendors: Vendors, places: readonly Route['from'][]): Promise<Map<string, number>> {
  const each = await Promise.all(
    [...new Set(places)].map(async (place) =>
      [...(await vendors.callsByEndpoint(place))].map(([endpoint, count]): [string, number] => [
        `${place} ${endpoint}`,
        count,
      ]),
    ),
  );
  return new Map(each.flat());
}

/** What has come to the calls between two looks at them. */
export function since(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Map<string, number> {
  const differences = [...after].map(([endpoint, count]): [string, number] => [
    endpoint,
    count - (before.get(endpoint) ?? 0),
  ]);
  return new Map(differences.filter(([, count]) => count > 0));
}

/** Whether a call signs in: the vendors do not count it. */
const isSignIn = (endpoint: string): boolean => /\/(oauth2?)\/token/.test(endpoint);
const isDescription = (endpoint: string): boolean =>
  /\/(describe\w*|limits|sobjects\/\w+\/describe)(\.json)?$/.test(endpoint);

/** All calls but those that sign in. */
export const countedCalls = (calls: ReadonlyMap<string, number>): number =>
  sumOf(calls, (endpoint) => !isSignIn(endpoint));

/** All calls to those end points. */
export const sumOf = (calls: ReadonlyMap<string, number>, isOne: (endpoint: string) => boolean): number =>
  [...calls].reduce((sum, [endpoint, count]) => (isOne(endpoint) ? sum + count : sum), 0);

/** Reading is all that asks the source, and bulk queries of the destination; the rest goes with writing. */
function callFigures(calls: ReadonlyMap<string, number>, { read, created = 0, updated = 0 }: Counts, existing: number) {
  const isOther = (endpoint: string) => isSignIn(endpoint) || isDescription(endpoint);
  const isBulkQuery = (endpoint: string) => endpoint.includes('/jobs/query');
  const isReading = (endpoint: string) =>
    !isOther(endpoint) && (endpoint.includes('/default ') || isBulkQuery(endpoint));
  const lookedUp =
    sumOf(calls, (endpoint) => endpoint.includes('/target ') && isBulkQuery(endpoint)) > 0 ? existing : 0;
  const reads = Math.max(1, (read + lookedUp) / RECORDS_A_READ);
  const writes = Math.max(1, (created + updated) / RECORDS_A_WRITE);
  const all = sumOf(calls, () => true);
  const [reading, other] = [sumOf(calls, isReading), sumOf(calls, isOther)];
  return {
    callsReading: reading / reads,
    pagesRead: sumOf(calls, (endpoint) => isReading(endpoint) && endpoint.endsWith('/results')) / reads,
    callsWriting: (all - reading - other) / writes,
    callsOther: other,
    calls: all,
  };
}
