import { isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../client';
import { connections } from '../schema/definitions';
import { connectionSignIns } from '../schema/limits';
import { webhooks } from '../schema/webhooks';
import { placeOfSecrets, placeOfSession } from './connections';
import { placeOfSigningSecret } from './webhooks';

/** What seals secrets anew. */
interface Resealer {
  isOld(sealed: string): boolean;
  /** @returns null where none of the keys opens it */
  reseal(sealed: string, place: string): string | null;
}

/**
 * Seals everything anew that is sealed with a key that only decrypts any more, within a transaction. Workers that have a connection open
 * open it anew with their next call.
 * @returns how many secrets and sessions were sealed anew, and the names of the connections and webhooks that no key opens
 */
export async function resealSecrets(
  tx: Database,
  sealer: Resealer,
): Promise<{ connections: number; sessions: number; webhooks: number; closed: string[] }> {
  const stored = await tx
    .select({ id: connections.connectionId, name: connections.name, sealed: connections.secrets })
    .from(connections)
    .for('update');
  const secrets = resealed(stored, sealer, placeOfSecrets);
  const signing = await tx
    .select({ id: webhooks.webhookId, name: webhooks.name, sealed: webhooks.secret, previous: webhooks.previousSecret })
    .from(webhooks)
    .for('update');
  const signed = resealed(signing, sealer, placeOfSigningSecret);
  const closed = [
    ...stored.filter(({ id }) => secrets.get(id) === null),
    ...signing.filter(({ id }) => signed.get(id) === null),
  ].map(({ name }) => name);
  if (closed.length > 0) return { connections: 0, sessions: 0, webhooks: 0, closed };
  await tx.execute(sql`
    update ${connections} c set secrets = n.sealed from ${table(secrets)} where c.connection_id = n.id`);

  const running = await tx
    .select({ id: connectionSignIns.connectionId, sealed: sql<string>`${connectionSignIns.session}` })
    .from(connectionSignIns)
    .where(isNotNull(connectionSignIns.session))
    .for('update');
  // one that no key opens ends: the next call signs in
  const sessions = resealed(running, sealer, placeOfSession);
  await tx.execute(sql`
    update ${connectionSignIns} s set session = n.sealed, version = s.version + 1 from ${table(sessions)} where s.connection_id = n.id`);

  await tx.execute(sql`update ${webhooks} w set secret = n.sealed from ${table(signed)} where w.webhook_id = n.id`);
  // one that no key opens is forgotten: it signs for a day at most
  const previous = signing.flatMap(({ id, previous: sealed }) => (sealed === null ? [] : [{ id, sealed }]));
  await tx.execute(sql`
    update ${webhooks} w set previous_secret = n.sealed from ${table(resealed(previous, sealer, placeOfSigningSecret))} where w.webhook_id = n.id`);
  return { connections: secrets.size, sessions: sessions.size, webhooks: signed.size, closed };
}

/** What is sealed with an old key, sealed anew, by the connection's id. */
const resealed = (
  rows: readonly { id: string; sealed: string }[],
  sealer: Resealer,
  placeOf: (connectionId: string) => string,
): Map<string, string | null> =>
  new Map(
    rows.filter(({ sealed }) => sealer.isOld(sealed)).map(({ id, sealed }) => [id, sealer.reseal(sealed, placeOf(id))]),
  );

const table = (resealed: ReadonlyMap<string, string | null>) => {
  const rows = [...resealed].map(([id, sealed]) => ({ id, sealed }));
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as n (id uuid, sealed text)`;
};
