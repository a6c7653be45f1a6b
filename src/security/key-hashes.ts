import { createHash, createHmac, hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;
/** 128 bits: no two keys of a sync are taken for one. */
const HASH_BYTES = 16;
const ID_CHARACTERS = 8;

/**
 * Keyed hashes of match keys: what is remembered of a record beyond its run. Who has the database alone can neither read keys from them nor
 * try whether a key is among them, and equal keys of two syncs look different.
 */
export class KeyHashes {
  /** Tells which secret key they are made with; hashes of another one compare with nothing. */
  readonly id: string;
  private readonly key: Buffer;

  /** @param secretKeys as `SYNC_SECRET_KEY` gives them: the first one counts */
  constructor([first]: readonly Buffer[]) {
    if (!first) throw new Error('There is no key to hash match keys with. Set SYNC_SECRET_KEY.');
    this.key = Buffer.from(hkdfSync('sha256', first, '', 'sync match keys', KEY_BYTES));
    this.id = createHash('sha256').update('sync hash key id').update(this.key).digest('hex').slice(0, ID_CHARACTERS);
  }

  /** @param scope the sync that remembers the key */
  of(scope: string, matchKey: string): string {
    const hash = createHmac('sha256', this.key).update(`${scope}\n`).update(matchKey).digest();
    return hash.subarray(0, HASH_BYTES).toString('base64url');
  }
}
