import { z } from 'zod';
import { keyedCall } from '../../src/api/change';
import { mergedSettings, signsInElsewhere } from '../../src/api/changed-settings';
import { fromCursor, page, toCursor } from '../../src/api/paging';
import { demandPlain } from '../../src/api/plain-input';
import { invalidInput, Problem } from '../../src/api/problem';
import { pageQuery } from '../../src/api/schemas/page';
import { newConnection } from '../../src/domain/connection';
import { draftDefinition } from '../../src/domain/definition';
import { hostCheck } from '../../src/security/known-hosts';

const problemOf = (work: () => unknown): Problem => {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};

const nested = (levels: number): unknown => {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level += 1) value = { not: value };
  return value;
};

describe('text and nesting', () => {
  test.each([
    ['NUL in a value', { a: [{ b: 'x\0' }] }, 'a[0].b'],
    ['NUL in a name', { 'a\0': 1 }, ''],
    ['half of a surrogate pair', { a: '\ud83d' }, 'a'],
    ['nesting without end', nested(100_000), 'not.not.not'],
  ])('when the input holds %s, it is refused with the path (ASVS 1.3.3)', (_what, input, path) => {
    expect(problemOf(() => demandPlain(input))).toMatchObject({ status: 422, errors: [{ path }] });
  });

  test('when the input holds what people write, it is taken', () => {
    expect(() => demandPlain({ name: '😀 Grüße', list: [1, null, true], filter: nested(20) }, undefined)).not.toThrow();
  });
});

describe('pages', () => {
  const names = z.tuple([z.string()]);

  test('a cursor leads back to the position that it was made of', () => {
    expect(fromCursor(toCursor('Ä "quoted"'), names)).toEqual(['Ä "quoted"']);
    expect(fromCursor(undefined, names)).toBeNull();
  });

  test.each([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['a cursor of another list', toCursor(3)],
    ['a cursor that would not be stored', toCursor('a\0')],
  ])('when the cursor is %s, it is refused', (_what, cursor) => {
    expect(problemOf(() => fromCursor(cursor, names))).toMatchObject({ status: 422 });
  });

  test('when there is one row more than asked for, the page says where the next one begins', () => {
    const whole = page([1, 2, 3], 2, String, (row) => [row]);
    const last = page([3], 2, String, (row) => [row]);

    expect(whole).toEqual({ items: ['1', '2'], nextCursor: toCursor(2) });
    expect(last).toEqual({ items: ['3'], nextCursor: null });
  });

  test.each(['0', '1001', '1.5', '1e2', '', 'ten'])(
    'when %j items are asked for, it is refused (ASVS 1.4.2)',
    (limit) => {
      expect(pageQuery.safeParse({ limit }).success).toBe(false);
    },
  );
});

test('when a branch of a union comes near, its own problem is told, with the whole path', () => {
  const parsed = draftDefinition.safeParse({
    name: 'x',
    filter: { all: [{ column: 'country', operator: 'soundsLike', value: 'DE' }] },
    mappings: [{ from: { field: '' }, to: 'LastName' }],
  });

  const { errors } = parsed.error ? invalidInput(parsed.error) : { errors: [] };

  expect(errors.map(({ path }) => path)).toEqual(['mappings[0].from.field', 'filter.all[0].operator']);
});

describe('Host', () => {
  const isKnown = hostCheck({ publicUrl: 'https://sync.example.com', host: '10.0.0.5' });

  test.each(['localhost:3000', 'LOCALHOST', '127.0.0.1:9', '[::1]:3000', 'sync.example.com', '10.0.0.5:3000'])(
    '%s is answered',
    (host) => expect(isKnown(host)).toBe(true),
  );

  test.each([
    undefined,
    '',
    'evil.example.com',
    'localhost.evil.example.com',
    'evil.example.com:3000',
    '127.0.0.1.evil.example.com',
    'localhost@evil.example.com',
    'evil.example.com#localhost',
    'evil.example.com/localhost',
    'evil.example.com?localhost',
    'sync.example.com.evil.example.com',
    'xsync.example.com',
    '127.0.0.2',
    '[::2]',
    '0.0.0.0',
    'localhost localhost',
    'localhost:port',
    '10.0.0.50',
    'example.com',
    'sync.example.com:80:80',
  ])('%s is not answered', (host) => expect(isKnown(host)).toBe(false));
});

test.each(['', ' ', 'a\tb', 'ü', 'x'.repeat(256)])('%j is no Idempotency-Key', (key) => {
  expect(problemOf(() => keyedCall({ key, callerId: 'c', path: '/p', body: null }))).toMatchObject({ status: 422 });
});

describe('a change of settings', () => {
  const settings = {
    baseUrl: 'https://a.mktorest.com',
    dailyQuota: 5,
    auth: { type: 'jwt', clientId: 'c', username: 'u' },
  };

  test('what is left out stays, null takes away, nested members are changed one by one', () => {
    const merged = mergedSettings(settings, { dailyQuota: null, auth: { username: 'v' } });

    expect(merged).toEqual({ baseUrl: 'https://a.mktorest.com', auth: { type: 'jwt', clientId: 'c', username: 'v' } });
  });

  test('another way to sign in replaces the one before', () => {
    const merged = mergedSettings(settings, { auth: { type: 'password', username: 'u', password: 'p' } });

    expect(merged.auth).toEqual({ type: 'password', username: 'u', password: 'p' });
  });

  test('a member named __proto__ becomes a member, and nothing else', () => {
    const merged = mergedSettings(settings, JSON.parse('{"__proto__": {"isAdmin": true}}'));

    expect(Object.keys(merged)).toContain('__proto__');
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });

  test('a share of the quota leads nowhere else, another secret may', () => {
    const given = (more: Record<string, unknown>) =>
      newConnection.parse({
        name: 'M',
        kind: 'marketo',
        settings: { baseUrl: 'https://a.mktorest.com', clientId: 'c', clientSecret: 's', ...more },
      });

    expect(signsInElsewhere(given({}), given({ quotaShare: 0.1 }))).toBe(false);
    expect(signsInElsewhere(given({}), given({ clientSecret: 't' }))).toBe(true);
  });
});
