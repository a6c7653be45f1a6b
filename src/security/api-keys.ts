import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX = 'sync_';
/** 256 bits in base64url. */
const RANDOM_CHARACTERS = 43;
const CHECK_CHARACTERS = 6;

const checkOf = (random: string): string =>
  createHash('sha256').update(`${PREFIX}${random}`).digest('base64url').slice(0, CHECK_CHARACTERS);

/** A new key: 256 random bits, behind a prefix by which scanners recognise it, before characters that check it. */
export function makeApiKey(): string {
  const random = randomBytes(32).toString('base64url');
  return `${PREFIX}${random}${checkOf(random)}`;
}

/** True for what `makeApiKey` may have made; what is mistyped or guessed need not be looked up. */
export function looksLikeApiKey(key: string): boolean {
  const random = key.slice(PREFIX.length, PREFIX.length + RANDOM_CHARACTERS);
  return key === `${PREFIX}${random}${checkOf(random)}` && random.length === RANDOM_CHARACTERS;
}

/** What is stored of a key. It has as much entropy as the hash, so that a slow hash would add nothing. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Compares in constant time, whatever the lengths. */
export const isSameKey = (given: string, expected: string): boolean =>
  timingSafeEqual(Buffer.from(hashApiKey(given), 'hex'), Buffer.from(hashApiKey(expected), 'hex'));
