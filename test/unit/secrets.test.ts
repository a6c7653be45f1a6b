import { randomBytes } from 'node:crypto';
import { SecretError } from '../../src/domain/secret-error';
import { SecretBox } from '../../src/security/secrets';
import fc from '../support/fast-check';

const key = randomBytes(32);
const box = new SecretBox([key]);
const PLACE = 'connections/1/secrets';

test('what was sealed opens to the same text, at its own place (ASVS 11.3.2)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (secret) => box.open(box.seal(secret, PLACE), PLACE) === secret),
  );
});

test('a sealed secret that was moved to another row does not open (ASVS 11.3.3)', () => {
  const sealed = box.seal('secret', PLACE);

  expect(() => box.open(sealed, 'connections/2/secrets')).toThrow(SecretError);
});

test('a sealed secret that was altered or cut anywhere does not open (ASVS 11.2.5, 11.3.3)', () => {
  const sealed = box.seal('secret', PLACE);
  const flip = (at: number) => sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);

  for (let at = 0; at < sealed.length - 1; at += 1) {
    expect(() => box.open(flip(at), PLACE)).toThrow(SecretError);
    expect(() => box.open(sealed.slice(0, at), PLACE)).toThrow(SecretError);
  }
});

test('an old key still opens what it sealed, and the new one seals (ASVS 11.2.2)', () => {
  const sealed = box.seal('secret', PLACE);
  const rotated = new SecretBox([randomBytes(32), key]);

  expect(rotated.open(sealed, PLACE)).toBe('secret');
  expect(rotated.isOld(sealed)).toBe(true);
  expect(rotated.isOld(rotated.seal('secret', PLACE))).toBe(false);
});

test('without the key that sealed it, a secret does not open, and the message says what to do', () => {
  const other = new SecretBox([randomBytes(32)]);

  expect(() => other.open(box.seal('secret', PLACE), PLACE)).toThrow('Add the old key to SYNC_SECRET_KEY');
  expect(() => new SecretBox([])).toThrow('Set SYNC_SECRET_KEY');
});

test('the same secret never looks the same twice (ASVS 11.3.4)', () => {
  const sealed = new Set(Array.from({ length: 10_000 }, () => box.seal('secret', PLACE)));

  expect(sealed.size).toBe(10_000);
});
