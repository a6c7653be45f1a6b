import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { chaosWorlds, planOf } from '../support/chaos/plan';
import { ChaosRig } from '../support/chaos/rig';
import { say } from '../support/service-variables';
import { differences, type Seen } from '../support/torture/oracle';
import type { World } from '../support/torture/world';

/** Set by `npm run chaos`: `17`, `1-20` or `kills`. */
const WANTED = process.env.CHAOS;
/** In every run of all tests: two that are over soon, with fewer records. */
const SHORT_SEEDS = [39263, 6467];
const RECORDS = WANTED ? 3_000 : 500;
const WORLDS = chaosWorlds(RECORDS);
const RUN_TIMEOUT_MS = 20 * 60_000;
const START_TIMEOUT_MS = 5 * 60_000;

/** Slow enough for five minutes, by calls that take as long as those of a busy instance. */
const KILLS = {
  world: chaosWorlds(210_000)[14] as World,
  pace: { marketo: { latencyMs: 1_000, jobMs: 500 }, salesforce: { bulkStartDelayMs: 400, bulkFinishDelayMs: 400 } },
  everyMs: 60_000,
  least: 5,
};

let rig: ChaosRig;
const undisturbed = new Map<World, Promise<Seen>>();

beforeAll(async () => {
  execFileSync(process.execPath, [join('scripts', 'build.mjs')]);
  rig = await ChaosRig.start();
}, START_TIMEOUT_MS);
afterAll(async () => {
  if (!rig) return; // its start has failed, and says why
  const { records, folder } = rig;
  const hasFailed = records.failures.length > 0;
  if (WANTED) say(records.summary());
  if (hasFailed) say(`Logs of all processes: ${folder}/logs`);
  await rig.stop(hasFailed);
}, START_TIMEOUT_MS);

const expectedOf = (world: World): Promise<Seen> => {
  const known = undisturbed.get(world) ?? rig.run(world).then(({ seen }) => seen);
  undisturbed.set(world, known);
  return known;
};

const seedsOf = (wanted: string): number[] => {
  const [first = 1, last = first] = wanted.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_none, index) => first + index);
};

if (WANTED === 'kills') {
  test(
    'a run whose worker is killed every minute ends with the same destination and the same outcomes',
    async () => {
      const { world, pace, everyMs, least } = KILLS;
      const calm = await rig.run(world, { pace });

      const killed = await rig.run(world, { pace, killEveryMs: everyMs });

      const lines = differences(calm.seen, killed.seen, world);
      const seconds = (ms: number) => (ms / 1_000).toFixed(0);
      say(
        `${rig.records.kills} kills: ${seconds(killed.tookMs)} s, undisturbed ${seconds(calm.tookMs)} s, ` +
          `ratio ${(killed.tookMs / calm.tookMs).toFixed(2)} (mark 1.6); ${lines.length === 0 ? 'equal' : 'NOT equal'}.`,
      );
      expect(lines).toEqual([]);
      expect(rig.records.kills).toBeGreaterThanOrEqual(least);
    },
    2 * RUN_TIMEOUT_MS,
  );
} else {
  test.each(WANTED ? seedsOf(WANTED) : SHORT_SEEDS)(
    'seed %i: processes are killed and frozen, vendors fail, and all is as if nothing had happened',
    async (seed) => {
      const { world, ...plan } = planOf(seed, WORLDS);
      rig.records.begin(seed);
      const expected = await expectedOf(world);

      const { seen, tookMs } = await rig.run(world, plan);

      const found = { seed, world: world.name, differences: differences(expected, seen, world) };
      if (WANTED) say(`${JSON.stringify(found)} after ${(tookMs / 1_000).toFixed(0)} s`);
      expect(found).toEqual({ seed, world: world.name, differences: [] });
      rig.records.passed(seed);
    },
    RUN_TIMEOUT_MS,
  );
}
