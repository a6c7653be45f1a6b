import { MAPPED, valuesOf } from '../../peers/seed';
import type { Source } from '../../peers/vendors';
import { atLeast, atMost, exactly, type Mark } from '../mark';
import { measuredRun } from '../measured-run';
import type { Bench, Part } from '../part';

const RATE: Mark = { what: 'records from activation to end', figure: 'recordsPerSecond', unit: 'records/s' };
const DIFFERING: Mark = {
  what: 'records that differ from the seed, are missing or double',
  figure: 'differing',
  unit: '',
  goal: exactly(0),
};
const COSTS: readonly Mark[] = [
  { what: 'CPU a record: worker', figure: 'cpuWorker', unit: 'µs', digits: 1 },
  { what: 'CPU a record: API', figure: 'cpuApi', unit: 'µs', digits: 1 },
  { what: 'CPU a record: PostgreSQL', figure: 'cpuPostgres', unit: 'µs', digits: 1 },
  { what: 'CPU a record: Temporal', figure: 'cpuTemporal', unit: 'µs', digits: 1 },
  { what: 'CPU a record of the sandbox, which is none of ours', figure: 'cpuSandbox', unit: 'µs', digits: 1 },
];
const CPU: Mark = { what: 'CPU a record: worker, API, PostgreSQL and Temporal', figure: 'cpu', unit: 'µs', digits: 1 };
const PEAK: Mark = { what: "worker's peak memory", figure: 'workerPeakMb', unit: 'MB' };
const IDLE: Mark = { what: 'time in which nothing is done', figure: 'idlePercent', unit: '% of the run', digits: 1 };
const DISK: Mark = {
  what: 'time in which nothing runs, and the disk is waited for',
  figure: 'diskPercent',
  unit: '% of the run',
  digits: 1,
};
const CALLS: Mark = { what: 'calls, all of them', figure: 'calls', unit: '' };

/** Salesforce → Salesforce, into an empty org: twenty fields read, twelve mapped, a filter, the youngest of a key. */
export const intoEmptyOrg: Part = {
  name: 'salesforce',
  marks: [
    { ...RATE, goal: atLeast(15_000) },
    { ...CPU, goal: atMost(100) },
    ...COSTS,
    { ...PEAK, goal: atMost(350) },
    { ...IDLE, goal: atMost(2) },
    DISK,
    { what: 'Salesforce calls a 10,000 written', figure: 'callsWriting', unit: '', digits: 2, goal: atMost(8) },
    { what: 'Salesforce calls a 50,000 read', figure: 'callsReading', unit: '', digits: 2, goal: atMost(1) },
    { what: 'of these, pages of results', figure: 'pagesRead', unit: '', digits: 2 },
    { what: 'calls for signing in, descriptions and limits', figure: 'callsOther', unit: '' },
    { what: 'from activation to the first request', figure: 'firstRequestMs', unit: 'ms', goal: atMost(500) },
    { what: 'history', figure: 'events', unit: 'events', goal: atMost(500) },
    { what: 'history', figure: 'historyKb', unit: 'KB', goal: atMost(256) },
    DIFFERING,
  ],
  measure: copying('salesforce/default'),
};

/** The same from Marketo, which has no limits and whose jobs tell at once how they are. */
export const fromMarketo: Part = {
  name: 'from-marketo',
  marks: [{ ...RATE, goal: atLeast(15_000) }, CPU, ...COSTS, PEAK, IDLE, DISK, CALLS, DIFFERING],
  measure: copying('marketo/default'),
};

/** The same into an org that has every second person, one in ten of them with another title. */
export const halfThere: Part = {
  name: 'half-there',
  marks: [{ ...RATE, goal: atLeast(5_000) }, CPU, ...COSTS, PEAK, IDLE, DISK, CALLS, DIFFERING],
  measure: copying('salesforce/default', everySecond),
};

/** One of so many of those who are there is not as the source has them. */
const ONE_CHANGED_IN = 10;
const TITLE = MAPPED.findIndex(({ contact }) => contact === 'Title');

async function everySecond({ vendors }: Bench): Promise<number> {
  const count = Math.floor(vendors.people / 2);
  await vendors.addContacts('salesforce/target', count, (n) => {
    const values = valuesOf(2 * n);
    return n % ONE_CHANGED_IN === 0 ? values.with(TITLE, 'Retired') : values;
  });
  return count;
}

/** Fills the source once, and copies it in each run. @param prepare puts people into the destination before; @returns how many */
function copying(from: Source, prepare: (bench: Bench) => Promise<number> = async () => 0): Part['measure'] {
  return (session) =>
    session.withPeople(session.records, [from], (bench) =>
      session.eachRun(() => copied(bench, from, () => prepare(bench))),
    );
}

/** Runs a new sync once into an org that has been emptied, and then prepared. */
async function copied(bench: Bench, from: Source, prepare: () => Promise<number>) {
  const route = { from, to: 'salesforce/target' } as const;
  await bench.vendors.empty(route.to);
  const existing = await prepare();
  const { figures, details, counts } = await measuredRun(bench, await bench.ours.savedSync(route), route, existing);
  const { created = 0, updated = 0, unchanged = 0 } = counts;
  return { figures, details: { ...details, created, updated, unchanged } };
}
