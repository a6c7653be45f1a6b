import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { chaosWorlds, planOf } from '../support/chaos/plan';
import { ChaosRig } from '../support/chaos/rig';
import { say } from '../support/service-variables';
import { differences, type Seen } from '../support/torture/oracle';
import type { World } from '../support/torture/world';

/** Set by `npm run chaos`: `17` or `1-20`; else two that are over soon. */
const [first = 1, last = first] = (process.env.CHAOS_SEEDS ?? '1-2').split('-').map(Number);
const SEEDS = Array.from({ length: last - first + 1 }, (_none, index) => first + index);
const RUN_TIMEOUT_MS = 20 * 60_000;
const WORLDS = chaosWorlds(3_000);

let rig: ChaosRig;
const undisturbed = new Map<World, Promise<Seen>>();

beforeAll(async () => {
  execFileSync(process.execPath, [join('scripts', 'build.mjs')]);
  rig = await ChaosRig.start();
}, 180_000);
afterAll(async () => {
  const { records, folder } = rig;
  const hasFailed = records.failures.length > 0;
  if (process.env.CHAOS_SEEDS) say(records.summary());
  if (hasFailed) say(`Logs of all processes: ${folder}/logs`);
  await rig.stop(hasFailed);
}, 60_000);

const expectedOf = (world: World): Promise<Seen> => {
  const known = undisturbed.get(world) ?? rig.run(world).then(({ seen }) => seen);
  undisturbed.set(world, known);
  return known;
};

test.each(SEEDS)(
  'seed %i: processes are killed and frozen, vendors fail, and all is as if nothing had happened',
  async (seed) => {
    const { world, ...plan } = planOf(seed, WORLDS);
    rig.records.runs += 1;
    rig.records.failures.push(seed);
    const expected = await expectedOf(world);

    const { seen } = await rig.run(world, plan);

    expect({ seed, world: world.name, differences: differences(expected, seen, world) }).toEqual({
      seed,
      world: world.name,
      differences: [],
    });
    rig.records.failures.pop();
  },
  RUN_TIMEOUT_MS,
);
