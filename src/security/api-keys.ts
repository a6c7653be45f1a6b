import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX = 'sync_';

/** A new key: 256 random bits behind a prefix by which scanners recognise it. */
export const makeApiKey = (): string => `${PREFIX}${randomBytes(32).toString('base64url')}`;

/** What is stored of a key. It has as much entropy as the hash, so that a slow hash would add nothing. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Compares in constant time, whatever the lengths. */
export const isSameKey = (given: string, expected: string): boolean =>
  timingSafeEqual(Buffer.from(hashApiKey(given), 'hex'), Buffer.from(hashApiKey(expected), 'hex'));
