import crypto from 'node:crypto';
import { hashApiKey, isSameKey, looksLikeApiKey, makeApiKey } from '../../src/security/api-keys';

test('each key is new, is recognised by its beginning, and passes its own check (ASVS 11.5.1)', () => {
  const keys = Array.from({ length: 1_000 }, makeApiKey);

  expect(new Set(keys).size).toBe(1_000);
  expect(keys.every((key) => /^sync_[\w-]{49}$/.test(key) && looksLikeApiKey(key))).toBe(true);
});

test('a key with a wrong letter anywhere is told without looking it up', () => {
  const key = makeApiKey();
  const mistyped = [...key].map((letter, at) => `${key.slice(0, at)}${letter === 'x' ? 'y' : 'x'}${key.slice(at + 1)}`);

  expect(mistyped.filter(looksLikeApiKey)).toEqual([]);
  expect(['', 'sync_', `${key}x`, key.slice(1)].filter(looksLikeApiKey)).toEqual([]);
});

test.each([
  ['a'.repeat(16), 'a'.repeat(16), true],
  ['a'.repeat(16), 'a'.repeat(17), false],
  ['a'.repeat(16), `b${'a'.repeat(15)}`, false],
  ['', 'a', false],
])(
  'whether %s is %s is told by all that they hold, in a time that says nothing (ASVS 11.2.4)',
  (given, expected, isSame) => {
    const comparing = jest.spyOn(crypto, 'timingSafeEqual');

    expect(isSameKey(given, expected)).toBe(isSame);

    // of the same length, whatever the keys are
    expect(comparing.mock.calls.map((hashes) => hashes.map(({ byteLength }) => byteLength))).toEqual([[32, 32]]);
    comparing.mockRestore();
  },
);

test('what is stored of a key does not tell the key', () => {
  const key = makeApiKey();

  expect(hashApiKey(key)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashApiKey(key)).not.toContain(key.slice(5, 15));
});
