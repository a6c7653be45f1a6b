import { costOf } from '../../cost';
import { atMost } from '../mark';
import type { Bench, Part } from '../part';

/** Of a million, how many are few and how many are many. */
const FEW = 100_000;
const MANY = 2_000_000;
const ROUTE = { from: 'salesforce/default', to: 'salesforce/target' } as const;

/** The worker's peak memory over few and over many records, each time of a process that has just begun. */
export const memory: Part = {
  name: 'memory',
  marks: [
    { what: "worker's peak memory, 100,000 records", figure: 'few', unit: 'MB', goal: atMost(350) },
    { what: "worker's peak memory, 2,000,000 records", figure: 'many', unit: 'MB', goal: atMost(350) },
    { what: 'by how much these differ', figure: 'differencePercent', unit: '%', digits: 1, goal: atMost(5) },
  ],
  async measure(session) {
    const peaks = new Map<number, number>();
    await session.withPeople(session.scaled(FEW), [ROUTE.from], async (bench) => {
      for (const run of session.due) peaks.set(run, await peakMb(bench));
    });
    await session.withPeople(session.scaled(MANY), [ROUTE.from], (bench) =>
      session.eachRun(async (run) => {
        const few = peaks.get(run) ?? Number.NaN;
        const many = await peakMb(bench);
        return { figures: { few, many, differencePercent: Math.abs(many / few - 1) * 100 } };
      }),
    );
  },
};

async function peakMb({ everything, vendors, ours }: Bench): Promise<number> {
  await vendors.empty(ROUTE.to);
  await everything.restartWorker();
  const syncId = await ours.savedSync(ROUTE);
  const [{ state, problem }, cost] = await costOf(everything, () => everything.run(syncId, 1));
  if (state !== 'succeeded') throw new Error(`ended as ${state}: ${problem}`);
  return cost.peakMb.worker;
}
