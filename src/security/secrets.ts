import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { SecretError } from '../domain/secret-error';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
/** 96 bits, as GCM wants it; random, so that no counter has to be kept. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_CHARACTERS = 8;

/** Tells keys apart without telling anything of them. */
const keyId = (key: Buffer): string =>
  createHash('sha256').update('sync key id').update(key).digest('hex').slice(0, KEY_ID_CHARACTERS);

/**
 * Encrypts what is stored of secrets: AES-256-GCM, bound to the place where it is stored, so that a ciphertext that was moved to
 * another row does not open. The first key encrypts, all decrypt, which is how keys are rotated.
 */
export class SecretBox {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly newest: { id: string; key: Buffer };

  /** @param keys 32 bytes each, at least one */
  constructor(keys: readonly Buffer[]) {
    const [first] = keys;
    if (!first) throw new SecretError('There is no key to encrypt secrets with. Set SYNC_SECRET_KEY.');
    this.newest = { id: keyId(first), key: first };
    this.keys = new Map(keys.map((key) => [keyId(key), key]));
  }

  /**
   * @param place where it is stored, e.g. `connections/ROW/secrets`
   * @returns `v1.<key id>.<nonce>.<ciphertext and tag>`, in base64url
   */
  seal(secret: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const { id, key } = this.newest;
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(`${VERSION}/${id}/${place}`));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, id, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /** @throws SecretError when no key opens it, or it was altered or moved */
  open(sealed: string, place: string): string {
    const [version, id = '', nonce = '', body = ''] = sealed.split('.');
    const key = this.keys.get(id);
    if (version !== VERSION || !key) {
      throw new SecretError(
        'A stored secret was encrypted with a key that is not given. Add the old key to SYNC_SECRET_KEY.',
      );
    }
    const bytes = Buffer.from(body, 'base64url');
    try {
      const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(nonce, 'base64url'), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(`${VERSION}/${id}/${place}`))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new SecretError('A stored secret was altered, or moved to another place. Enter it again.', {
        cause: error,
      });
    }
  }

  /**
   * Seals a secret anew with the newest key.
   * @returns null where none of the keys opens it
   */
  reseal(sealed: string, place: string): string | null {
    try {
      return this.seal(this.open(sealed, place), place);
    } catch (error) {
      if (error instanceof SecretError) return null;
      throw error;
    }
  }

  /** True when it was encrypted with a key that only decrypts any more. */
  isOld(sealed: string): boolean {
    return sealed.split('.')[1] !== this.newest.id;
  }
}
