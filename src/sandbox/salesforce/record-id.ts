/**
 * Ids of Salesforce: 3 characters of key prefix, 3 that name the org's server, 9 digits to the base of 62, and 3 of suffix
 * that make the Id safe where case is lost. Inside, a record is its *reference*, a number: prefix × 2^35 + sequence. It is
 * smaller and faster than text, sorts as the text does, and needs no index of its own.
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SUFFIX_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const SEQUENCE_LIMIT = 2 ** 35;
const VALUE_OF_CODE = new Int8Array(128).fill(-1);
for (let value = 0; value < DIGITS.length; value += 1) VALUE_OF_CODE[DIGITS.charCodeAt(value)] = value;

export type RecordReference = number;
/** A well-formed Id of another org, or one whose number was never given out: it can be asked for, and is never found. */
export const UNKNOWN_RECORD: RecordReference = -1;

export function referenceOf(keyPrefix: string, sequence: number): RecordReference {
  return firstReference(keyPrefix) + sequence;
}

/** The reference with sequence 0 of a prefix; all of the prefix follow it. */
export function firstReference(keyPrefix: string): number {
  return prefixValue(keyPrefix) * SEQUENCE_LIMIT;
}

export function sequenceOf(reference: RecordReference): number {
  return reference % SEQUENCE_LIMIT;
}

const prefixes = new Map<number, string>();

export function keyPrefixOf(reference: RecordReference): string {
  const value = Math.floor(reference / SEQUENCE_LIMIT);
  let prefix = prefixes.get(value);
  if (prefix === undefined) {
    prefix = base62(value, 3);
    prefixes.set(value, prefix);
  }
  return prefix;
}

function prefixValue(keyPrefix: string): number {
  let value = 0;
  for (let index = 0; index < 3; index += 1) value = value * 62 + (VALUE_OF_CODE[keyPrefix.charCodeAt(index)] ?? 0);
  return value;
}

function base62(value: number, digits: number): string {
  let text = '';
  for (let rest = value, place = 0; place < digits; place += 1) {
    text = DIGITS[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** The three letters that follow 15 characters: for each five, which of them are capitals. */
export function suffixOf(id15: string): string {
  let suffix = '';
  for (let group = 0; group < 15; group += 5) {
    let flags = 0;
    for (let place = 0; place < 5; place += 1) {
      const code = id15.charCodeAt(group + place);
      if (code >= 65 && code <= 90) flags |= 1 << place;
    }
    suffix += SUFFIX_LETTERS[flags];
  }
  return suffix;
}

/** Turns references into the Ids of one org and back. */
export class IdCodec {
  /** @param pod three characters to the base of 62, e.g. `5g0`: different in each org, so that a mix-up shows */
  constructor(readonly pod: string) {}

  /** 18 characters. */
  encode(reference: RecordReference): string {
    const id15 = this.encode15(reference);
    return id15 + suffixOf(id15);
  }

  encode15(reference: RecordReference): string {
    return keyPrefixOf(reference) + this.pod + base62(reference % SEQUENCE_LIMIT, 9);
  }

  /**
   * Reads 15 or 18 characters.
   * @returns `undefined` when it is no Id (length, characters or suffix), UNKNOWN_RECORD when it is of another org
   */
  parse(text: string): RecordReference | undefined {
    if (text.length !== 15 && text.length !== 18) return undefined;
    let sequence = 0;
    for (let index = 0; index < 15; index += 1) {
      const code = text.charCodeAt(index);
      const digit = code < 128 ? (VALUE_OF_CODE[code] as number) : -1; // the table has an entry for each code below 128
      if (digit < 0) return undefined;
      if (index >= 6) sequence = sequence * 62 + digit;
    }
    if (text.length === 18 && text.slice(15).toUpperCase() !== suffixOf(text)) return undefined;
    if (text.slice(3, 6) !== this.pod || sequence >= SEQUENCE_LIMIT) return UNKNOWN_RECORD;
    return referenceOf(text, sequence);
  }
}

/** The three characters that name an org's server: `5g0` for the default org, others by the org's name. */
export function podOf(orgName: string): string {
  if (orgName === 'default') return '5g0';
  let hash = 7;
  for (const letter of orgName) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return base62(hash % 3844, 2) + base62(1 + (hash % 61), 1);
}
