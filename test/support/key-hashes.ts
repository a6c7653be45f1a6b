import { KeyHashes } from '../../src/security/key-hashes';

/** Hashes of keys for activities that a test runs; all of its workers have the same. */
export const KEY_HASHES = new KeyHashes([Buffer.alloc(32, 'test')]);
