import { quietenTemporal } from '../support/quiet-temporal';
import { say } from '../support/service-variables';
import { scheduleOf } from '../support/torture/events';
import { differences, look, type Seen } from '../support/torture/oracle';
import { TortureRig } from '../support/torture/rig';
import type { Ended } from '../support/torture/stage';
import type { World } from '../support/torture/world';

/** Set by `npm run torture`: `17` or `1-2000`; else four for each world. */
const [first = 1, last = first] = (process.env.TORTURE_SEEDS ?? '1-100').split('-').map(Number);
const SEEDS = Array.from({ length: last - first + 1 }, (_none, index) => first + index);

// a run that was given up would go on in the sandbox of the next
jest.setTimeout(10 * 60_000);

let rig: TortureRig;
const undisturbed = new Map<World, Promise<Seen>>();

beforeAll(async () => {
  quietenTemporal();
  rig = await TortureRig.start();
});
afterAll(async () => {
  const events = [...rig.happened].sort().map(([event, times]) => `${event}: ${times}`);
  if (process.env.TORTURE_SEEDS) say(`What happened in ${SEEDS.length} runs: ${events.join(', ')}.`);
  await rig.stop();
});

/** Whole objects are read, the waits are shorter than a vendor wants, and each worker learns by itself that a token has expired. */
const lookAt = (world: World, ended: Ended) =>
  look(rig.sandbox, world, ended, ['unboundedQuery', 'pollingWithoutPause', 'expiredTokenUsedAgain']);

const expectedOf = (world: World): Promise<Seen> => {
  const known = undisturbed.get(world) ?? rig.run(world).then((ended) => lookAt(world, ended));
  undisturbed.set(world, known);
  return known;
};

test.each(SEEDS)('seed %i: nothing lost, nothing twice, and each outcome as if nothing had happened', async (seed) => {
  const schedule = scheduleOf(seed);
  const { world } = schedule;
  const expected = await expectedOf(world);

  const seen = await lookAt(world, await rig.run(world, schedule));

  expect({ seed, world: world.name, differences: differences(expected, seen, world) }).toEqual({
    seed,
    world: world.name,
    differences: [],
  });
});
