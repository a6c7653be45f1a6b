import pino from 'pino';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { createMarketoConnector } from '../../src/connectors/marketo/connector';
import { DEFAULT_TUNING } from '../../src/connectors/marketo/tuning';
import type { RateLimit } from '../../src/connectors/rate-limit';
import { marketoSettings } from '../../src/domain/connection';
import type { RateLimitRule } from '../../src/domain/instance-limit';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { InstanceLimits } from '../../src/worker/instance-limits';
import { connectorDeps } from '../support/connector-deps';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** What the instance allows, scaled down, and Sync's whole share of it. */
const RULE: RateLimitRule = { calls: 30, windowMs: 1_500, atOnce: 4 };
const INSTANCE = 'marketo sample';
const HOUR_MS = 3_600_000;
const READS = 30;

let sandbox: Sandbox;
let testDatabase: TestDatabase;
/** Processes of their own, as far as the limits see: each has its connections to the one database. */
let processes: { database: DatabaseClient; limits: InstanceLimits }[];
/** When each call of any of them was let go. */
let letGoAtMs: number[];
beforeAll(async () => {
  sandbox = await startSandbox();
  testDatabase = await createTestDatabase();
});
afterAll(async () => {
  await sandbox.stop();
  await testDatabase.drop();
});
beforeEach(() => {
  sandbox.marketo.reset();
  // calls of a window are counted where they are let go: a busy machine holds some up on their way here
  sandbox.marketo.vendor.stores.settings.change({ callsPerWindow: 0, callsAtOnce: RULE.atOnce });
  processes = [];
  letGoAtMs = [];
});
afterEach(async () => {
  for (const { limits, database } of processes) {
    await limits.close();
    await database.close();
  }
  await oldestProcess(({ sql }) => sql`delete from instance_limits`);
});

async function oldestProcess(work: (database: DatabaseClient) => Promise<unknown>): Promise<void> {
  const database = openDatabase(testDatabase.url, { max: 1 });
  await work(database);
  await database.close();
}

function startProcess() {
  const database = openDatabase(testDatabase.url, { max: 2 });
  const process = { database, limits: new InstanceLimits(database.sql, pino({ level: 'silent' })) };
  processes.push(process);
  return process;
}

/** A connection in a process, as many calls of which run at once as may. */
function connectionIn({ limits }: { limits: InstanceLimits }, instance = INSTANCE) {
  const { url, credentials } = sandbox.marketo;
  const { clientId, clientSecret } = credentials;
  const settings = marketoSettings.parse({ baseUrl: url, clientId, clientSecret, quotaShare: 1 });
  const rateLimit = noting(limits.rateLimit(instance, RULE));
  const deps = { ...connectorDeps(), rateLimit, quota: limits.quota(instance) };
  const connector = createMarketoConnector(settings, deps, { ...DEFAULT_TUNING, rateWaitsMs: [200, 400, 1_000] });
  return {
    advance: deps.advance,
    read: (times: number) =>
      Promise.all(Array.from({ length: times }, () => connector.describe('Lead', AbortSignal.timeout(30_000)))),
  };
}

const noting = (limit: RateLimit): RateLimit => ({
  pauseFor: (ms, exceeded) => limit.pauseFor(ms, exceeded),
  take: async (signal) => {
    const release = await limit.take(signal);
    letGoAtMs.push(performance.now());
    return release;
  },
});

/** The most of these times that lie within one window. */
function mostInAWindow(timesMs: readonly number[]): number {
  const from = (startMs: number) => timesMs.filter((ms) => ms >= startMs && ms < startMs + RULE.windowMs).length;
  return Math.max(...timesMs.map(from));
}

const refusals = () => sandbox.marketo.violations().filter(({ count }) => count > 0);
/** As if so much time had passed since parts were renewed. */
const age = (ms: number) =>
  oldestProcess(
    ({ sql }) => sql`
      update instance_limits set version = version + 1, state = jsonb_set(state, '{holdings}', (
        select coalesce(jsonb_object_agg(owner, part || jsonb_build_object('untilMs', (part ->> 'untilMs')::float8 - ${ms}::float8)), '{}')
        from jsonb_each(state -> 'holdings') as h(owner, part)))`,
  );

test('two processes with a connection each never exceed the limits of their instance, and share its pace', async () => {
  const [first, second] = [startProcess(), startProcess()];
  const busy = [connectionIn(first), connectionIn(second)];

  const done = [0, 0];
  const whenFirstEnds: number[][] = [];
  const readAll = async (connection: ReturnType<typeof connectionIn>, index: number) => {
    const once = async () => {
      await connection.read(1);
      done[index] = (done[index] ?? 0) + 1;
    };
    await Promise.all(Array.from({ length: READS }, once));
    whenFirstEnds.push([...done]);
  };

  await Promise.all(busy.map(readAll));

  expect(refusals()).toEqual([]);
  expect(letGoAtMs.length).toBeGreaterThan(2 * READS);
  expect(mostInAWindow(letGoAtMs)).toBe(RULE.calls);
  // neither waited for the other's end
  expect(Math.min(...(whenFirstEnds[0] ?? []))).toBeGreaterThan(READS / 5);
}, 30_000);

test('a process alone has all of it: as many calls at once as the rule allows', async () => {
  const limit = startProcess().limits.rateLimit(INSTANCE, RULE);

  const permits = Array.from({ length: RULE.atOnce }, () => limit.take(AbortSignal.timeout(30_000)));

  for (const release of await Promise.all(permits)) release();
});

test('what a killed process held comes back', async () => {
  const killed = startProcess();
  const limit = killed.limits.rateLimit(INSTANCE, RULE);
  for (let call = 0; call < RULE.atOnce; call += 1) await limit.take(AbortSignal.timeout(30_000));
  processes = [];
  await killed.database.close();
  const heir = connectionIn(startProcess());
  let isThrough = false;
  const read = heir.read(3).then(() => {
    isThrough = true;
  });
  while (!(await hasSomebodyWithout())) await new Promise(setImmediate);
  expect(isThrough).toBe(false);

  await age(10_000);
  await read;

  expect(refusals()).toEqual([]);
});

/** Whether some process wants a permit and has none. */
async function hasSomebodyWithout(): Promise<boolean> {
  let waits = false;
  await oldestProcess(async ({ sql }) => {
    const rows = await sql`
      select from instance_limits, jsonb_each(state -> 'holdings') as h(owner, part)
      where part -> 'withoutSinceMs' ->> 'atOnce' is not null`;
    waits = rows.length > 0;
  });
  return waits;
}

test('a quota that one process found used up is asked for by no other, and by one of them when it is due', async () => {
  const [first, second] = [startProcess(), startProcess()];
  const used = sandbox.marketo.addFault({
    match: { path: '/rest/*' },
    count: 1_000,
    action: { type: 'vendorError', code: '607' },
  });

  const [one, other] = [connectionIn(first), connectionIn(second)];
  const acted = () => sandbox.marketo.faults.list().find(({ id }) => id === used.id)?.acted ?? 0;
  const outcomes = async (reads: Promise<unknown>[]) => (await Promise.allSettled(reads)).map(({ status }) => status);

  const found = await one.read(1).catch((error: unknown) => error);
  const actedAtFirst = acted();
  const meanwhile = await outcomes([one.read(5), other.read(5)]);
  const actedMeanwhile = acted() - actedAtFirst;
  for (const { advance } of [one, other]) advance(25 * HOUR_MS);
  const due = await outcomes([one.read(5), other.read(5)]);
  const actedWhenDue = acted() - actedAtFirst;
  sandbox.marketo.faults.remove(used.id);
  for (const { advance } of [one, other]) advance(25 * HOUR_MS);
  const back = await outcomes([one.read(5), other.read(5)]);

  expect(found).toMatchObject({ code: '607', advice: { retry: 'whenQuotaResets' } });
  expect([meanwhile, due]).toEqual([
    ['rejected', 'rejected'],
    ['rejected', 'rejected'],
  ]);
  expect(actedMeanwhile).toBe(0);
  expect(actedWhenDue).toBe(1);
  expect(back).toContain('fulfilled');
  while ((await outcomes([one.read(1), other.read(1)])).includes('rejected')) await new Promise(setImmediate);
});

test('an answer of the database that comes late does not bring back a quota that is over', async () => {
  const database = openDatabase(testDatabase.url, { max: 2 });
  const late = lateUpdates(database.sql);
  const limits = new InstanceLimits(late.sql, pino({ level: 'silent' }));
  processes.push({ database, limits });
  const quota = limits.quota(INSTANCE);
  const usedUp = { code: '607', message: 'Used up.', share: 1, untilMs: 0, waits: 1, probingUntilMs: 0 };
  await quota.change(() => usedUp);
  late.hold();
  const permit = limits.rateLimit(INSTANCE, RULE).take(AbortSignal.timeout(30_000));
  await late.held;

  await quota.change(() => null);
  late.release();
  (await permit)();

  expect(await quota.known()).toBeNull();
});

/** A database whose answer to the next change comes when it is released, although the change has long been made. */
function lateUpdates(sql: DatabaseClient['sql']) {
  let isHolding = false;
  let release: () => void = () => undefined;
  let tellHeld: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = new Promise<void>((resolve) => {
    tellHeld = resolve;
  });
  const slowed = new Proxy(sql, {
    apply(target, self, args: [TemplateStringsArray, ...unknown[]]) {
      const query = Reflect.apply(target, self, args) as Promise<unknown>;
      if (!isHolding || !args[0].join('').includes('update instance_limits')) return query;
      isHolding = false;
      return query.then(async (rows) => {
        tellHeld();
        await released;
        return rows;
      });
    },
  });
  const hold = () => {
    isHolding = true;
  };
  return { sql: slowed, hold, held, release: () => release() };
}

test('where the note of a used up quota is taken back, the very next call of the process that made it is let through', async () => {
  const connection = connectionIn(startProcess());
  const match = { path: '/rest/*' };
  sandbox.marketo.addFault({ match, count: 1, action: { type: 'vendorError', code: '607' } });
  await expect(connection.read(1)).rejects.toMatchObject({ code: '607' });

  await oldestProcess(
    ({ sql }) =>
      sql`update instance_limits set version = version + 1, state = jsonb_set(state, '{quota,untilMs}', '0')`,
  );

  await expect(connection.read(1)).resolves.toHaveLength(1);
});

test('while the database is away nobody calls, and afterwards it goes on', async () => {
  const process = startProcess();
  const connection = connectionIn(process);
  await connection.read(1);
  await oldestProcess(({ sql }) => sql`alter table instance_limits rename to instance_limits_away`);

  const reading = connection.read(12);
  await oldestProcess(({ sql }) => sql`alter table instance_limits_away rename to instance_limits`);

  await expect(reading).resolves.toHaveLength(12);
});
