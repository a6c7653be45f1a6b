import { and, eq, gt, lt } from 'drizzle-orm';
import type { Database } from '../client';
import { salesforceConsents } from '../schema/sessions';
import type { Sealer } from './connections';

/** What is kept of a consent while a person is away to give it; `given` is what they come back to, with secrets. */
export interface PendingConsent {
  stateHash: string;
  begunBy: string;
  given: string;
}

const placeOf = (stateHash: string): string => `salesforce_consents/${stateHash}`;

/** Remembers a consent, and forgets those that nobody came back from. */
export async function insertConsent(
  tx: Database,
  sealer: Sealer,
  { stateHash, begunBy, given }: PendingConsent,
  { now, expiresAt }: { now: string; expiresAt: string },
): Promise<void> {
  await tx.delete(salesforceConsents).where(lt(salesforceConsents.expiresAt, now));
  const sealed = sealer.seal(given, placeOf(stateHash));
  await tx.insert(salesforceConsents).values({ stateHash, begunBy, sealed, expiresAt });
}

/** Uses up a consent. @returns null where it was not begun by this caller, was used, or is too old */
export async function takeConsent(
  db: Database,
  sealer: Sealer,
  { stateHash, begunBy }: Omit<PendingConsent, 'given'>,
  now: string,
): Promise<string | null> {
  const [row] = await db
    .delete(salesforceConsents)
    .where(
      and(
        eq(salesforceConsents.stateHash, stateHash),
        eq(salesforceConsents.begunBy, begunBy),
        gt(salesforceConsents.expiresAt, now),
      ),
    )
    .returning({ sealed: salesforceConsents.sealed });
  return row ? sealer.open(row.sealed, placeOf(stateHash)) : null;
}
