import {
  type ForecastContext,
  forecast,
  type ReadingCosts,
  type Workload,
  type WritingCosts,
} from '../../src/domain/forecast';
import fc from '../support/fast-check';

const BY_FILE: ReadingCosts = { beforehand: 1, perPart: 4, recordsPerCall: null, bytesPerCall: 1_000_000 };
const BY_PAGE: ReadingCosts = { beforehand: 0, perPart: 0, recordsPerCall: 2_000, bytesPerCall: null };
/** Batches of 300, one call each, as of Marketo. */
const SMALL: WritingCosts = {
  lookup: { keys: 300, calls: 1 },
  batchSize: () => 300,
  costsOfBatch: () => ({ calls: 1, seconds: 2 }),
  batchesAtOnce: 4,
  callsPerSecond: null,
};
/** Few updates go by requests of 200; everything else by jobs, as of Salesforce. */
const BY_JOB: WritingCosts = {
  lookup: { keys: 2_000, calls: 1 },
  batchSize: (operation, remaining) => (operation === 'update' && remaining < 2_000 ? 200 : 10_000),
  costsOfBatch: (operation, records) =>
    operation === 'update' && records <= 200 ? { calls: 1, seconds: 1 } : { calls: 7, seconds: 5 },
  batchesAtOnce: 1,
  callsPerSecond: null,
};

const work = (more: Partial<Workload> = {}): Workload => ({
  read: 0,
  parts: 1,
  readBytes: 0,
  writtenBytes: 0,
  references: 0,
  rounds: [],
  secondsBefore: 0,
  ...more,
});
const context = (
  reading: ReadingCosts,
  writing: WritingCosts,
  more: Partial<ForecastContext> = {},
): ForecastContext => ({
  windowRecords: 10_000,
  source: { callsPerDay: 50_000, reading },
  destination: { callsPerDay: 100_000, writing },
  isOneSystem: false,
  ...more,
});

test.each([
  ['nothing of three parts: each is asked for, no file is read', { parts: 3 }, BY_FILE, 1 + 3 * 4],
  ['three parts with a small file each', { read: 900, parts: 3, readBytes: 9_000 }, BY_FILE, 1 + 3 * 4 + 3],
  ['one part with a file of several pages', { read: 9_000, readBytes: 5_500_000 }, BY_FILE, 1 + 4 + 6],
  ['an empty result is a page as well', { read: 0 }, BY_PAGE, 1],
  ['2,001 records are two pages', { read: 2_001 }, BY_PAGE, 2],
])('reading %s', (_what, more, reading, calls) => {
  const foretold = forecast(work(more), context(reading, SMALL));

  expect(foretold.source.apiCalls).toBe(calls);
});

test.each([
  ['301 keys are looked up in two calls and created in two', SMALL, [{ keys: 301, creates: 301, updates: 0 }], 2 + 2],
  ['keys without a change cost a look-up alone', SMALL, [{ keys: 600, creates: 0, updates: 0 }], 2],
  ['creates and updates go in batches of their own', SMALL, [{ keys: 20, creates: 10, updates: 10 }], 1 + 2],
  [
    'each round has its own',
    SMALL,
    [
      { keys: 10, creates: 10, updates: 0 },
      { keys: 2, creates: 0, updates: 2 },
    ],
    2 + 2,
  ],
  ['one create takes a job', BY_JOB, [{ keys: 1, creates: 1, updates: 0 }], 1 + 7],
  ['1,999 updates take ten requests', BY_JOB, [{ keys: 1_999, creates: 0, updates: 1_999 }], 1 + 10],
  ['2,000 updates take a job', BY_JOB, [{ keys: 2_000, creates: 0, updates: 2_000 }], 1 + 7],
  ['20,000 creates take a job for each window', BY_JOB, [{ keys: 20_000, creates: 20_000, updates: 0 }], 10 + 14],
])('writing: %s', (_what, writing, rounds, calls) => {
  const foretold = forecast(work({ rounds }), context(BY_PAGE, writing));

  expect(foretold.destination.apiCalls).toBe(calls);
  expect(foretold.apiCalls).toBe(1 + calls);
});

test('references are looked up besides the match keys', () => {
  const rounds = [{ keys: 100, creates: 0, updates: 0 }];

  const foretold = forecast(work({ rounds, references: 901 }), context(BY_PAGE, SMALL));

  expect(foretold.destination.apiCalls).toBe(1 + 4);
});

test('the share of the quota is that of the system of which more is taken; of one system, of both together', () => {
  const rounds = [{ keys: 300, creates: 300, updates: 0 }];
  const two = context(BY_PAGE, SMALL, { source: { callsPerDay: 100, reading: BY_PAGE } });
  const untold = context(BY_PAGE, SMALL, { destination: { callsPerDay: null, writing: SMALL } });
  const one = context(BY_PAGE, SMALL, { isOneSystem: true });

  expect(forecast(work({ rounds }), two)).toMatchObject({
    quotaShare: 0.01,
    source: { quotaShare: 0.01 },
    destination: { quotaShare: 0.00002 },
  });
  expect(forecast(work({ rounds }), untold)).toMatchObject({ quotaShare: 0.00002, destination: { quotaShare: null } });
  expect(forecast(work({ rounds }), one).quotaShare).toBe(3 / 50_000);
});

test('time is what was needed before the first write, and then the batches side by side, but no faster than calls are allowed', () => {
  const rounds = [{ keys: 3_000, creates: 3_000, updates: 0 }];
  const paced = { ...SMALL, callsPerSecond: 0.5 };

  expect(forecast(work({ rounds, secondsBefore: 7 }), context(BY_PAGE, SMALL)).seconds).toBe(7 + (10 * 2) / 4);
  expect(forecast(work({ rounds, secondsBefore: 7 }), context(BY_PAGE, paced)).seconds).toBe(7 + 10 / 0.5);
});

test('megabytes are what is read and what is written', () => {
  const foretold = forecast(work({ readBytes: 1_500_000, writtenBytes: 250_000 }), context(BY_PAGE, SMALL));

  expect(foretold.megabytes).toBe(1.75);
});

test('more records never cost less', () => {
  const count = fc.nat({ max: 50_000 });
  fc.assert(
    fc.property(count, count, count, fc.constantFrom(SMALL, BY_JOB), (creates, updates, more, writing) => {
      const calls = (extra: number) =>
        forecast(
          work({ read: creates, rounds: [{ keys: creates + updates + extra, creates: creates + extra, updates }] }),
          context(BY_PAGE, writing),
        ).apiCalls;

      expect(calls(more)).toBeGreaterThanOrEqual(calls(0));
    }),
  );
});
