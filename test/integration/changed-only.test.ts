import { DEDUPLICATE_RULES } from '../../src/domain/definition';
import { addsUp, PHASES } from '../../src/domain/outcome';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import type { ActivityRuns, Ran } from '../support/activity-runs';
import { type ChangingSource, changingSources } from '../support/changing-sources';
import { connectedRuns } from '../support/connected-runs';
import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';
import { marketoPeople } from '../support/vendor-rows';

/** Both sources, and one destination for each of the twins. */
const SOURCES = {
  marketo: '11111111-1111-4111-8111-111111111111',
  salesforce: '22222222-2222-4222-8222-222222222222',
} as const;
const CHANGED = '33333333-3333-4333-8333-333333333333';
const FULL = '44444444-4444-4444-8444-444444444444';

let sandbox: Sandbox;
let ofChanged: MarketoHost;
let ofFull: MarketoHost;
let runs: ActivityRuns;

beforeAll(async () => {
  sandbox = await startSandbox({});
  ofChanged = await sandbox.createInstance('marketo', { name: 'changed' });
  ofFull = await sandbox.createInstance('marketo', { name: 'full' });
  runs = await connectedRuns(sandbox, {
    marketo: { [SOURCES.marketo]: sandbox.marketo, [CHANGED]: ofChanged, [FULL]: ofFull },
    salesforce: { [SOURCES.salesforce]: sandbox.salesforce },
  });
}, 60_000);

afterAll(async () => {
  await runs.stop();
  await sandbox.stop();
});

const RUNS = 10;

/** The same sync twice: one reads what changed, the other everything. */
interface Twins {
  changed: string;
  full: string;
  /** Several records may be written into one. */
  overwrites: boolean;
}

async function twins(
  kind: keyof typeof SOURCES,
  { object, fields }: ChangingSource,
  { filter, ...given }: { deduplicate: string; importRule: string; filter: string | null },
): Promise<Twins> {
  const { email, note, name, score, country } = fields;
  const pairs = { [email]: 'email', [name]: 'firstName', [note]: 'title', [score]: 'department' };
  const definition = (destination: string) => ({
    name: 'Copy people',
    source: { connectionId: SOURCES[kind], object },
    destination: { connectionId: destination, object: 'Lead' },
    mappings: Object.entries(pairs).map(([field, to]) => ({ from: { field }, to })),
    ...(filter === null ? {} : { filter: { column: country, operator: 'equals', value: filter } }),
    ...given,
  });
  return {
    changed: await runs.sync({ ...definition(CHANGED), records: 'changed' }),
    full: await runs.sync(definition(FULL)),
    overwrites: given.deduplicate === 'importEverything',
  };
}

function reset(): void {
  for (const host of [sandbox.marketo, sandbox.salesforce, ofChanged, ofFull]) host.reset();
  sandbox.marketo.vendor.stores.settings.change({ jobMs: 1 });
  sandbox.clock.set(Date.now());
}

/** What people see of a destination. */
const shown = (host: MarketoHost): string[] =>
  marketoPeople(host)
    .map(({ email, firstName, title, department }) => JSON.stringify([email, firstName, title, department]))
    .sort();

/** Time passes at the vendors and for Sync alike, and with it the window in which calls are counted. */
const pass = (seconds: number) => sandbox.clock.advance(seconds * 1_000);

/** More than the destination's job title holds. */
const TOO_LONG = 'x'.repeat(300);

const told = {
  email: fc.constantFrom('ann@example.com', 'Ben@Example.com', 'ben@example.com', 'cy@example.com', null),
  country: fc.constantFrom('Austria', 'Italy'),
  note: fc.constantFrom('one', 'two', 'three', null, TOO_LONG),
  name: fc.constantFrom('A', 'B', 'C'),
  score: fc.constantFrom(1, 2, 3),
};
const person = fc.record(told);
const edits = fc.record(told, { requiredKeys: [] });
const which = fc.nat({ max: 11 });
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('create' as const), person }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('edit' as const), which, edits }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('remove' as const), which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('merge' as const), which, into: which }) },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;
const round = fc.record({
  steps: fc.array(step, { maxLength: 4 }),
  mishap: fc.constantFrom('none', 'none', 'none', 'cancelled', 'repeated'),
  /** Within the overlap of two runs, or beyond it. */
  secondsAfter: fc.constantFrom(1, 30, 1_200, 7_200),
});
const sync = fc.record({
  deduplicate: fc.constantFrom(...DEDUPLICATE_RULES),
  importRule: fc.constantFrom('create', 'createAndUpdate', 'createAndUpdate'),
  filter: fc.constantFrom(null, 'Austria'),
});

async function play(source: ChangingSource, ids: string[], steps: readonly Step[]): Promise<void> {
  for (const each of steps) {
    // later than all before, by the seconds that the vendors' stamps know
    pass(2);
    if (each.does === 'create') {
      ids.push(await source.create(each.person));
      continue;
    }
    const id = ids[each.which % ids.length];
    if (id === undefined) continue;
    if (each.does === 'edit') {
      await source.edit(id, each.edits);
      continue;
    }
    const others = ids.filter((other) => other !== id);
    const winner = each.does === 'merge' ? others[each.into % others.length] : undefined;
    if (winner === undefined) await source.remove(id);
    else await source.merge(winner, id);
    ids.splice(ids.indexOf(id), 1);
  }
}

/** Runs both: what one has looked at became of it what the other says, and their destinations are the same. */
async function compare({ changed, full, overwrites }: Twins, mishap = 'none'): Promise<void> {
  const some = await runs.run(changed, mishap === 'repeated' ? { twice: PHASES } : {});
  const all = await runs.run(full);
  const expected = [...some.ledger].map(([id, became]) => {
    // what the source itself filters is never seen by reading everything
    return [id, all.ledger.get(id) ?? (became.outcome === 'filteredOut' ? became : null)];
  });
  expect(addsUp(some.counts)).toBe(true);
  expect([...some.ledger]).toEqual(expected);
  // where all are imported, reading everything writes those of one key one over the other each time, to no effect
  if (!overwrites) expect(touched(all).filter((id) => !some.ledger.has(id))).toEqual([]);
  expect(shown(ofChanged)).toEqual(shown(ofFull));
}

/** What a run has written, or failed to write. */
const touched = ({ ledger }: Ran): string[] =>
  [...ledger].flatMap(([id, { outcome }]) => (['created', 'updated', 'failed'].includes(outcome) ? [id] : []));

test.each(['marketo', 'salesforce'] as const)(
  'whatever happens in %s, reading what changed gives what reading everything gives, in choice and values',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        sync,
        fc.array(person, { minLength: 4, maxLength: 12 }),
        fc.array(round, { minLength: 2, maxLength: 5 }),
        async (given, people, rounds) => {
          reset();
          const source = changingSources(sandbox)[kind];
          const both = await twins(kind, source, given);
          const ids: string[] = [];
          await play(
            source,
            ids,
            people.map((each) => ({ does: 'create' as const, person: each })),
          );
          await compare(both);
          for (const { steps, mishap, secondsAfter } of rounds) {
            pass(20);
            await play(source, ids, steps);
            if (mishap === 'cancelled') await runs.run(both.changed, { until: 'map' });
            else await compare(both, mishap);
            pass(secondsAfter);
          }
          await compare(both);
          // behind the overlap, in which what the filter leaves out is seen twice
          pass(1_200);
          await runs.run(both.changed);
          pass(1_200);
          const { read, failed } = (await runs.run(both.changed)).counts;
          // what failed is due, and where all are imported what follows it under its key; nothing else is looked at again
          if (given.deduplicate !== 'importEverything' || failed === 0) expect(read).toBe(failed);
        },
      ),
      { ...propertyRuns(RUNS), endOnFailure: true },
    );
  },
  300_000,
);
