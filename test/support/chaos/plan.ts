import { PHASES } from '../../../src/domain/outcome';
import type { FaultInput } from '../../../src/sandbox/faults';
import { Chance } from '../torture/events';
import { type World, worldsOf } from '../torture/world';

/** Which processes a blow hits. The working worker is the one that committed last. */
export const TARGETS = [
  'the working worker',
  'the other worker',
  'both workers',
  'the API',
  'Temporal',
  'PostgreSQL',
  'everything',
] as const;
export type Target = (typeof TARGETS)[number];

/** `kill`: kill -9. `end`: the signal by which it is asked to end. `freeze`: SIGSTOP, and SIGCONT after the wait. */
export const BLOWS = ['kill', 'end', 'freeze'] as const;

/** When a blow falls: while the sync is activated, when a phase is entered, or when the execution has been closed. */
export const MOMENTS = ['activation', ...PHASES, 'end'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface Blow {
  moment: Moment;
  /** After that moment. */
  afterMs: number;
  of: Target;
  how: (typeof BLOWS)[number];
  /** Then it is started again, or goes on. */
  forMs: number;
}

/** What befalls a run. */
export interface Plan {
  world: World;
  blows: Blow[];
  faults: { of: 'source' | 'destination'; fault: FaultInput }[];
}

/**
 * The worlds of the torture runs with as many records as asked for. A person without a key whose creation Marketo did not answer is
 * looked for in its activity log for ten minutes of the clock on the wall, so there such people are left to the torture runs.
 */
export const chaosWorlds = (records: number): World[] =>
  worldsOf(records).map((world) =>
    world.direction === 'toSalesforce'
      ? world
      : { ...world, source: world.source.filter(({ email }) => email !== null) },
  );

/** Longer than Temporal waits for a heartbeat. */
const FREEZE_MS = [11_000, 14_000] as const;
const MOST_FREEZES = 2;
const STRIDE = 7;

/** A blow in each phase, at some other moments too, and 3 to 6 faults of the vendors. */
export function planOf(seed: number, worlds: readonly World[]): Plan {
  const chance = new Chance(seed);
  // neighbouring seeds go in both directions
  const world = worlds[(seed * STRIDE) % worlds.length] as World;
  const moments: Moment[] = [...PHASES];
  if (chance.from(1, 3) === 1) moments.unshift('activation');
  if (chance.from(1, 2) === 1) moments.push('end');
  for (let left = chance.from(0, 2); left > 0; left -= 1) moments.push(chance.of(['extract', 'load', 'load'] as const));
  let freezes = 0;
  const blows = moments.map((moment) => {
    const blow = blowAt(moment, chance, freezes < MOST_FREEZES);
    if (blow.how === 'freeze') freezes += 1;
    return blow;
  });
  const faults = Array.from({ length: chance.from(3, 6) }, () => faultBy(chance, world));
  return { world, blows, faults };
}

function blowAt(moment: Moment, chance: Chance, mayFreeze: boolean): Blow {
  const of: Target =
    moment === 'activation'
      ? 'the API'
      : chance.of([
          ...(['the working worker', 'the working worker', 'the working worker', 'the working worker'] as const),
          ...(['Temporal', 'Temporal', 'PostgreSQL', 'PostgreSQL'] as const),
          ...TARGETS,
        ]);
  const any = chance.of(['kill', 'kill', 'end', 'freeze'] as const);
  const how = any === 'freeze' && (!mayFreeze || of === 'everything' || moment === 'activation') ? 'kill' : any;
  const isLong = moment === 'extract' || moment === 'load';
  return {
    moment,
    of,
    how,
    afterMs: chance.from(0, isLong ? 800 : 150),
    forMs: how === 'freeze' ? chance.from(...FREEZE_MS) : chance.from(200, 4_000),
  };
}

const SALESFORCE_ERRORS = ['REQUEST_LIMIT_EXCEEDED', 'UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE'] as const;
const MARKETO_ERRORS = ['606', '607', '611', '615'] as const;
const CUTS = ['letter', 'row', 'insideRow', 'quotedField'] as const;

function faultBy(chance: Chance, { direction }: World): Plan['faults'][number] {
  const of = chance.of(['source', 'destination', 'destination'] as const);
  const isSalesforce = (of === 'destination') === (direction === 'toSalesforce');
  const vendorError = {
    type: 'vendorError',
    code: chance.of(isSalesforce ? SALESFORCE_ERRORS : MARKETO_ERRORS),
  } as const;
  const action = chance.of<FaultInput['action']>([
    vendorError,
    vendorError,
    { type: 'respond', status: chance.of([500, 502, 503]), body: '<html>Down for maintenance</html>' },
    { type: 'respond', status: 500, body: '', afterEffect: true },
    { type: 'resetBefore' },
    { type: 'resetAfter' },
    { type: 'resetAfter' },
    { type: 'late', afterMs: chance.from(500, 5_000) },
    { type: 'slowBody', bytesPerSecond: chance.from(20_000, 200_000) },
    { type: 'cutBody', at: chance.of(CUTS), ending: 'reset' },
    { type: 'cutBody', at: chance.of(CUTS), ending: 'clean' },
    { type: 'expireTokens' },
  ]);
  const nth = chance.from(1, of === 'source' ? 8 : 16);
  if (of === 'source' || chance.from(1, 2) === 1) return { of, fault: { nth, action } };
  const path = isSalesforce ? chance.of(['*/jobs/ingest*', '*/composite*']) : '/rest/v1/leads.json';
  return { of, fault: { match: { path }, nth: chance.from(1, 4), action } };
}
