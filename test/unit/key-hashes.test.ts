import { KeyHashes } from '../../src/security/key-hashes';
import fc from '../support/fast-check';

const key = (letter: string) => Buffer.alloc(32, letter);
const hashes = new KeyHashes([key('a')]);

test('equal keys of a sync have equal hashes, in every process; others differ', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(new KeyHashes([key('a')]).of('sync', one)).toBe(hashes.of('sync', one));
      expect(hashes.of('sync', one) === hashes.of('sync', other)).toBe(one === other);
    }),
  );
});

test('the same key has another hash in another sync, and with another secret key', () => {
  const ofOneSync = hashes.of('one', 'ana@example.com');

  expect(hashes.of('other', 'ana@example.com')).not.toBe(ofOneSync);
  expect(new KeyHashes([key('b')]).of('one', 'ana@example.com')).not.toBe(ofOneSync);
  expect(ofOneSync).toMatch(/^[\w-]{22}$/);
});

test('the first secret key counts, and is told apart from others without being told', () => {
  expect(new KeyHashes([key('a'), key('b')]).id).toBe(hashes.id);
  expect(new KeyHashes([key('b'), key('a')]).id).not.toBe(hashes.id);
});
