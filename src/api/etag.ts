import { Problem } from './problem';

/**
 * The version that a change was made on: `"3"`, as the header of an earlier answer gave it, or `3`.
 * @throws Problem 412 where it is another one by now
 */
export function expectedVersion(what: string, ifMatch: string | null, present: number): number {
  if (ifMatch === null || ifMatch === '*') return present;
  const version = Number(ifMatch.replaceAll('"', ''));
  if (version !== present) {
    throw new Problem(
      412,
      `The ${what} has version ${present} by now, not ${ifMatch}. Read it again, and repeat your change.`,
    );
  }
  return version;
}

/** A version as a header tells it. */
export const etagOf = (version: number): string => `"${version}"`;

/** An answer that tells its version, for `If-Match`. */
export const withVersion = <Body>(status: number, version: number, body: Body) => ({
  status,
  headers: { ETag: etagOf(version) },
  body,
});
