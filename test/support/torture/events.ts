import { PHASES, type Phase } from '../../../src/domain/outcome';
import type { FaultInput } from '../../../src/sandbox/faults';
import { seededRandom } from '../../../src/sandbox/seeded-random';
import type { Strike } from './gate';
import { WORLDS, type World } from './world';

/** What befalls a run. */
export interface Schedule {
  seed: number;
  world: World;
  strikes: { phase: Phase; strike: Strike }[];
  /** Of the source and of the destination. */
  faults: { of: 'source' | 'destination'; fault: FaultInput }[];
}

/** One of a list, or a whole number of a range: the seed alone decides which. */
export class Chance {
  private readonly random: () => number;
  constructor(seed: number) {
    // neighbouring seeds would begin alike
    this.random = seededRandom(Math.imul(seed, 0x9e3779b1));
  }
  from(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }
  of<Item>(items: readonly Item[]): Item {
    return items[this.from(0, items.length - 1)] as Item; // never empty
  }
}

/** The kind of a strike, by which a summary counts it. */
export const nameOfStrike = (phase: Phase, { how, when }: Strike): string =>
  `${'kill' in how ? 'kill' : 'freeze'} ${when} a step of ${phase}`;

/** 3 to 8 events: the seed alone decides which and when. */
export function scheduleOf(seed: number): Schedule {
  const chance = new Chance(seed);
  const world = WORLDS[seed % WORLDS.length] as World;
  const schedule: Schedule = { seed, world, strikes: [], faults: [] };
  for (let left = chance.from(3, 8); left > 0; left -= 1) {
    if (chance.from(1, 2) === 1) schedule.strikes.push(strikeBy(chance));
    else schedule.faults.push(faultBy(chance, world));
  }
  return schedule;
}

function strikeBy(chance: Chance): Schedule['strikes'][number] {
  // most of what can go wrong goes wrong while it loads
  const phase = chance.of([...PHASES, 'load', 'load', 'load', 'load'] as const);
  const how = chance.from(1, 4) === 1 ? { freezeMs: chance.from(5, 200) } : { kill: true as const };
  const most = { extract: 40, filter: 12, dedupe: 6, map: 12, load: 120 }[phase];
  return { phase, strike: { at: chance.from(1, most), when: chance.of(['before', 'after'] as const), how } };
}

const SALESFORCE_ERRORS = [
  { code: 'REQUEST_LIMIT_EXCEEDED', status: 403 },
  { code: 'UNABLE_TO_LOCK_ROW', status: 400 },
  { code: 'SERVER_UNAVAILABLE', status: 503 },
  { code: 'INVALID_SESSION_ID', status: 401 },
] as const;
const MARKETO_ERRORS = ['601', '602', '606', '607', '611', '604', '615', '713'] as const;

function faultBy(chance: Chance, { direction }: World): Schedule['faults'][number] {
  const of = chance.of(['source', 'destination', 'destination'] as const);
  const isSalesforce = (of === 'destination') === (direction === 'toSalesforce');
  const nth = chance.from(1, of === 'source' ? 25 : 60);
  const effects: FaultInput['action'][] = [
    { type: 'resetBefore' },
    { type: 'resetAfter' },
    { type: 'resetAfter' },
    { type: 'late', afterMs: chance.of([5_000, 60_000, 540_000]) },
    { type: 'respond', status: chance.of([500, 502, 503]), body: '<html>Down for maintenance</html>' },
    { type: 'respond', status: 500, body: '', afterEffect: true },
    { type: 'cutBody', at: chance.of(['letter', 'row', 'insideRow', 'quotedField'] as const), ending: 'reset' },
    { type: 'cutBody', at: chance.of(['letter', 'row', 'insideRow', 'quotedField'] as const), ending: 'clean' },
    { type: 'expireTokens' },
    { type: 'delay', ms: 20, jitterMs: 100 },
    {
      type: 'vendorError',
      ...(isSalesforce ? chance.of(SALESFORCE_ERRORS) : { code: chance.of(MARKETO_ERRORS) }),
      afterEffect: false,
    },
  ];
  // codes of an envelope, which the sign-in does not have
  const anywhere = (action: FaultInput['action']): FaultInput =>
    !isSalesforce && action.type === 'vendorError' ? { match: { path: '/rest/*' }, nth, action } : { nth, action };
  if (of === 'source') return { of, fault: anywhere(chance.of(effects)) };
  const writes: FaultInput['match'] = isSalesforce
    ? { path: chance.of(['*/jobs/ingest*', '*/composite*']) }
    : { path: '/rest/v1/leads.json', bodyContains: chance.of(['createOnly', 'updateOnly', 'createDuplicate']) };
  const partial: FaultInput['action'] = { type: 'partial', records: chance.from(1, 60) };
  // half of them meet a write
  return chance.from(1, 2) === 1
    ? {
        of,
        fault: {
          match: writes,
          nth: chance.from(1, 6),
          action: chance.of([...effects, ...(isSalesforce ? [] : [partial])]),
        },
      }
    : { of, fault: anywhere(chance.of(effects)) };
}
