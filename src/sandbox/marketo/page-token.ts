import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-error';
import type { Meta } from './store-schema';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 Base32 with `=` padding, the alphabet of Marketo's page tokens. */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
  }
  if (bits > 0) text += ALPHABET[(held << (5 - bits)) & 31];
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=');
}

/** @returns `null` where the text is not Base32 */
export function fromBase32(text: string): Buffer | null {
  if (!/^[A-Z2-7]*=*$/.test(text)) return null;
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const letter of text.replace(/=+$/, '')) {
    held = ((held << 5) | ALPHABET.indexOf(letter)) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
  }
  return Buffer.from(bytes);
}

/** Position tokens: opaque, bound to the query that they continue, and dead after a while. Nothing is kept for them. */
export interface PageTokens {
  /** @param query everything that must be the same on the next page */
  issue(query: string, position: number): string;
  /**
   * @returns the position, 0 where no token was sent
   * @throws ApiError 1003 where the token is damaged, too old, or belongs to another query
   */
  read(query: string, token: string | null): number;
}

interface PageTokenOptions {
  meta: Meta;
  now: () => number;
  lifeMs: () => number;
}

/** Position, instant of issue and a signature over both and the query: 6 + 6 + 20 bytes, as long as the vendor's. */
export function createPageTokens({ meta, now, lifeMs }: PageTokenOptions): PageTokens {
  let secret = meta.get('pageTokenSecret');
  if (secret === undefined) {
    secret = randomBytes(20).toString('hex');
    meta.set('pageTokenSecret', secret);
  }
  const key = Buffer.from(secret, 'hex');
  const sign = (query: string, head: Buffer): Buffer =>
    createHmac('sha1', key).update(head).update(createHash('sha1').update(query).digest()).digest();
  return {
    issue(query, position) {
      const head = Buffer.alloc(12);
      head.writeUIntBE(position, 0, 6);
      head.writeUIntBE(now(), 6, 6);
      return toBase32(Buffer.concat([head, sign(query, head)]));
    },
    read(query, token) {
      if (token === null || token === '') return 0;
      const bytes = fromBase32(token);
      if (bytes?.length !== 32) throw invalidToken();
      const head = bytes.subarray(0, 12);
      if (!timingSafeEqual(sign(query, head), bytes.subarray(12))) throw invalidToken();
      if (now() - head.readUIntBE(6, 6) > lifeMs()) throw invalidToken();
      return head.readUIntBE(0, 6);
    },
  };
}

const invalidToken = (): ApiError => new ApiError('1003', 'Invalid nextPageToken');
