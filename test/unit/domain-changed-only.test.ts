import { canBeBuiltOn, decidingParts, isRelative, OVERLAP_MS, readingOf } from '../../src/domain/changed-only';
import { type Definition, definition as definitionSchema, type Filter } from '../../src/domain/definition';

const ACCOUNT = '11111111-1111-4111-8111-111111111111';
const OTHER_ACCOUNT = '22222222-2222-4222-8222-222222222222';
const LAST = '2026-03-01T09:00:00.000Z';

const given = (more: Record<string, unknown> = {}): Definition =>
  definitionSchema.parse({
    name: 'People',
    source: { connectionId: ACCOUNT, object: 'Lead' },
    destination: { connectionId: OTHER_ACCOUNT, object: 'Contact' },
    match: { source: 'email', destination: 'Email' },
    deduplicate: 'youngestByLastUpdate',
    mappings: [{ from: { field: 'email' }, to: 'Email' }],
    filter: { column: 'country', operator: 'equals', value: 'Austria' },
    records: 'changed',
    schedule: { type: 'interval', every: { amount: 1, unit: 'hour' }, start: '2026-01-01T00:00' },
    ...more,
  });
/** What the next run reads after a complete run of `before`. */
const after = (before: Definition, next: Definition, zone = 'UTC') =>
  readingOf(next, decidingParts(next, zone), { asOf: LAST, signature: decidingParts(before, 'UTC') });

test('after a complete run of the same rules only what changed since is read, from ten minutes before that run began', () => {
  const reading = after(given(), given());

  expect(reading).toMatchObject({ changedSince: '2026-03-01T08:50:00.000Z', readsAllBecause: null });
  expect(OVERLAP_MS).toBe(600_000);
});

test('deletions, which are logged late, are asked for from hours before', () => {
  expect(after(given(), given()).deletedSince).toBe('2026-03-01T03:00:00.000Z');
});

test('the first run reads everything', () => {
  const first = given();

  expect(readingOf(first, decidingParts(first, 'UTC'), null)).toEqual({
    changedSince: null,
    deletedSince: null,
    readsAllBecause: 'firstRun',
  });
});

test('a sync that reads all gives no reason for it', () => {
  const all = given({ records: 'all' });

  expect(after(given(), all)).toEqual({ changedSince: null, deletedSince: null, readsAllBecause: null });
});

test.each<[string, Record<string, unknown>]>([
  ['the filter', { filter: { column: 'country', operator: 'equals', value: 'Italy' } }],
  ['the filter, which was taken away', { filter: undefined }],
  ['the match', { match: { source: 'externalId', destination: 'Email' } }],
  ['a mapping', { mappings: [{ from: { field: 'email' }, to: 'Email', default: 'none@example.com' }] }],
  ['the duplicate rule', { deduplicate: 'oldestByCreation' }],
  ['the import rule', { importRule: 'update' }],
  ['the policy for blanks', { blankValues: 'clear' }],
  ['the source', { source: { connectionId: ACCOUNT, object: 'Company' } }],
  ['the destination', { destination: { connectionId: ACCOUNT, object: 'Contact' } }],
])('when %s has changed, everything is read once', (_what, changed) => {
  expect(after(given(), given(changed))).toMatchObject({ changedSince: null, readsAllBecause: 'definitionChanged' });
});

test('days begin elsewhere in another time zone, so everything is read', () => {
  expect(after(given(), given(), 'Europe/Vienna').readsAllBecause).toBe('definitionChanged');
});

test.each<[string, Record<string, unknown>]>([
  ['name', { name: 'Other people' }],
  ['description', { description: 'For the newsletter' }],
  ['schedule', { schedule: { type: 'now' } }],
])('a new %s changes nothing in what becomes of a record', (_what, changed) => {
  expect(after(given(), given(changed)).readsAllBecause).toBeNull();
});

test('the order in which members were stored does not matter', () => {
  const { source, destination, ...rest } = given();
  const reordered = { destination: { ...destination }, ...rest, source: { object: 'Lead', connectionId: ACCOUNT } };

  expect(decidingParts({ ...reordered, source: { ...source } }, 'UTC')).toBe(decidingParts(given(), 'UTC'));
  expect(decidingParts(reordered, 'UTC')).toBe(decidingParts(given(), 'UTC'));
});

const lastDays: Filter = { column: 'updatedAt', operator: 'inLast', value: { amount: 3, unit: 'day' } };
const nextDays: Filter = { column: 'birthday', operator: 'inNext', value: { amount: 3, unit: 'day' } };
const fixed: Filter = { column: 'country', operator: 'equals', value: 'Austria' };

test.each<[Filter, boolean]>([
  [lastDays, true],
  [nextDays, true],
  [{ not: lastDays }, true],
  [{ all: [fixed, { any: [fixed, { not: nextDays }] }] }, true],
  [fixed, false],
  [{ all: [fixed, { any: [fixed, { not: fixed }] }] }, false],
])('a filter %j moves with time: %s', (filter, relative) => {
  expect(isRelative(filter)).toBe(relative);
});

test('under a filter that moves with time each run reads everything, and none can be built on', () => {
  const relative = given({ filter: { all: [fixed, lastDays] } });

  expect(after(relative, relative).readsAllBecause).toBe('relativeFilter');
  expect(canBeBuiltOn(relative)).toBe(false);
  expect(canBeBuiltOn(given())).toBe(true);
  expect(canBeBuiltOn(given({ records: 'all' }))).toBe(false);
});

test('with another secret key everything is read, since what is remembered of keys compares with nothing', () => {
  const last = { asOf: LAST, signature: 'key1.rules' };

  expect(readingOf(given(), 'key1.rules', last).readsAllBecause).toBeNull();
  expect(readingOf(given(), 'key2.rules', last).readsAllBecause).toBe('secretKeyChanged');
  expect(readingOf(given(), 'key2.others', last).readsAllBecause).toBe('definitionChanged');
});

test('what an earlier release left, with the keys themselves, is not built on', () => {
  expect(readingOf(given(), 'key1.rules', { asOf: LAST, signature: 'rules' }).readsAllBecause).toBe(
    'definitionChanged',
  );
});
