import { type Amounts, type Ask, FRESH_LIMIT, type InstanceLimit, shareOut } from '../../src/domain/instance-limit';
import fc from '../support/fast-check';

const RULE = { calls: 50, windowMs: 20_000, atOnce: 5 };
const NOTHING = { calls: 0, atOnce: 0 };
const ALL = { calls: 50, atOnce: 5 };

/** Owners that ask one after the other, at moments of the database's clock. */
class Owners {
  nowMs = 1_000_000;
  limit: InstanceLimit = FRESH_LIMIT;

  ask(owner: string, wants: Amounts, more: Partial<Ask> = {}): Amounts & { isContended: boolean; pauseMs: number } {
    const told: Ask = { owner, rule: RULE, uses: NOTHING, wants, ages: [], fresh: RULE.calls, ...more };
    const { limit, grant } = shareOut(this.limit, told, this.nowMs);
    // as it is stored
    this.limit = JSON.parse(JSON.stringify(limit)) as InstanceLimit;
    const { calls, atOnce, isContended, pauseMs } = grant;
    return { calls, atOnce, isContended, pauseMs };
  }
}

test('whoever is alone gets all that it wants', () => {
  expect(new Owners().ask('a', ALL)).toMatchObject({ ...ALL, isContended: false });
});

test('when a second owner wants as much, both soon have about half', () => {
  const owners = new Owners();
  owners.ask('a', ALL);

  expect(owners.ask('b', ALL)).toMatchObject({ ...NOTHING, isContended: true });
  const first = owners.ask('a', ALL);
  const second = owners.ask('b', ALL);

  expect([first.calls, second.calls]).toEqual([25, 25]);
  expect([first.atOnce, second.atOnce]).toEqual([3, 2]);
});

test('when an owner uses more than its new part, the rest is free for others once it is not used any more', () => {
  const owners = new Owners();
  owners.ask('a', ALL);
  owners.ask('b', ALL);

  owners.ask('a', ALL, { uses: { calls: 40, atOnce: 5 } });
  expect(owners.ask('b', ALL)).toMatchObject({ calls: 10, atOnce: 0 });
  owners.ask('a', ALL, { uses: { calls: 25, atOnce: 3 } });
  expect(owners.ask('b', ALL)).toMatchObject({ calls: 25, atOnce: 2 });
});

/** Calls of the last window by twentieths of it, the latest first. */
const ages = (...counts: number[]) => [...counts, ...Array<number>(20 - counts.length).fill(0)];

test('the calls at once of a killed owner come back after its lease', () => {
  const owners = new Owners();
  owners.ask('killed', ALL);

  owners.nowMs += 5_999;
  expect(owners.ask('b', ALL).atOnce).toBe(0);
  owners.nowMs += 1;
  expect(owners.ask('b', ALL).atOnce).toBe(5);
});

test('the calls of the window that a killed owner told of come back when each is a window old', () => {
  const owners = new Owners();
  owners.ask('killed', ALL, { uses: ALL, ages: ages(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 30), fresh: 0 });

  // those of fifteen seconds ago are gone six seconds and one, for the way that a call may take, later; the others after five more
  const has = [6_000, 0, 4_999, 1].map((laterMs) => {
    owners.nowMs += laterMs;
    return owners.ask('b', ALL).calls;
  });

  expect(has).toEqual([30, 30, 30, 50]);
});

test('the calls that a killed owner may have made since it told count from the end of its lease, and no more than it promised', () => {
  const owners = new Owners();
  owners.ask('killed', ALL, { fresh: 8 });

  owners.nowMs += 6_000;
  expect(owners.ask('b', ALL).calls).toBe(42);
  owners.nowMs += 19_999;
  expect(owners.ask('b', ALL).calls).toBe(42);
  owners.nowMs += 1;
  expect(owners.ask('b', ALL).calls).toBe(50);
});

test('of a killed owner of an older version, which told no ages, all calls count a window longer', () => {
  const owners = new Owners();
  owners.ask('killed', ALL);
  for (const holding of Object.values(owners.limit.holdings)) {
    delete holding.ages;
    delete holding.fresh;
    delete holding.toldAtMs;
  }

  owners.nowMs += 25_999;
  expect(owners.ask('b', ALL).calls).toBe(0);
  owners.nowMs += 1;
  expect(owners.ask('b', ALL).calls).toBe(50);
});

test('what an owner does not use when it ends is there for others at once', () => {
  const owners = new Owners();
  owners.ask('a', ALL);

  owners.ask('a', NOTHING, { uses: { calls: 7, atOnce: 0 }, ages: ages(7), leaves: true });

  expect(owners.ask('b', ALL)).toMatchObject({ calls: 43, atOnce: 5 });
});

test('where there is less than one for each, it goes round', () => {
  const owners = new Owners();
  const one = { calls: 1, atOnce: 1 };
  const turns: string[] = [];
  for (let round = 0; round < 12; round += 1) {
    for (const owner of ['a', 'b', 'c']) {
      owners.nowMs += 100;
      if (owners.ask(owner, one, { rule: { ...RULE, atOnce: 1 } }).atOnce === 1) turns.push(owner);
    }
  }

  for (const owner of ['a', 'b', 'c']) expect(turns.filter((turn) => turn === owner).length).toBeGreaterThan(2);
});

test('after the instance said that too many calls run at once, all pause, and fewer run for a while', () => {
  const owners = new Owners();
  owners.ask('a', ALL);

  expect(owners.ask('a', ALL, { pause: { ms: 500, exceeded: 'atOnce' } })).toMatchObject({ atOnce: 2, pauseMs: 500 });
  expect(owners.ask('b', NOTHING).pauseMs).toBe(500);
  // those that were on their way as well do not halve it again
  expect(owners.ask('a', ALL, { pause: { ms: 500, exceeded: 'atOnce' } }).atOnce).toBe(2);
  owners.nowMs += 60_000;
  expect(owners.ask('a', ALL)).toMatchObject({ atOnce: 5, pauseMs: 0 });
});

test('whatever owners ask for, in whatever order, together they never have more than the rule allows', () => {
  const amounts = fc.record({ calls: fc.integer({ min: 0, max: 60 }), atOnce: fc.integer({ min: 0, max: 8 }) });
  const step = fc.record({
    owner: fc.constantFrom('a', 'b', 'c', 'd'),
    wants: amounts,
    /** Of what it has, in per cent. */
    uses: fc.integer({ min: 0, max: 100 }),
    laterMs: fc.integer({ min: 0, max: 3_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const owners = new Owners();
      const has = new Map<string, Amounts & { untilMs: number }>();
      for (const { owner, wants, uses, laterMs } of steps) {
        owners.nowMs += laterMs;
        const before = has.get(owner);
        const mayUse = before && owners.nowMs < before.untilMs ? before : NOTHING;
        const used = {
          calls: Math.floor((mayUse.calls * uses) / 100),
          atOnce: Math.floor((mayUse.atOnce * uses) / 100),
        };
        const grant = owners.ask(owner, wants, { uses: used });
        has.set(owner, {
          calls: Math.max(grant.calls, used.calls),
          atOnce: Math.max(grant.atOnce, used.atOnce),
          untilMs: owners.nowMs + 6_000,
        });
        const living = [...has.values()].filter(({ untilMs }) => owners.nowMs < untilMs);
        expect(living.reduce((sum, { calls }) => sum + calls, 0)).toBeLessThanOrEqual(RULE.calls);
        expect(living.reduce((sum, { atOnce }) => sum + atOnce, 0)).toBeLessThanOrEqual(RULE.atOnce);
      }
    }),
    { numRuns: 300 },
  );
});
