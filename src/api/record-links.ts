import { findConnection } from '../../db/queries/connections';
import { loadDefinition } from '../../db/queries/syncs';
import type { ConnectionKind } from '../domain/connection';
import type { ApiDeps } from './deps';

interface Connected {
  kind: ConnectionKind;
  /** Without secrets. */
  settings: Readonly<Record<string, unknown>>;
}

/** Hosts that sign in to any organisation: what follows them is where to go after that. */
const SHARED_LOGIN_HOSTS = ['login.salesforce.com', 'test.salesforce.com'];

/**
 * Where people see a record in its system; null where that has no page of its own, or its address is not known. Salesforce leads from an Id
 * to the record's page; Marketo has pages of people, on a host that its API does not tell.
 */
export function recordLink({ kind, settings }: Connected, objectName: string, recordId: string): string | null {
  const id = encodeURIComponent(recordId);
  if (kind === 'marketo') {
    const { webUrl } = settings;
    return typeof webUrl === 'string' && objectName === 'Lead'
      ? `${webUrl}/leadDatabase/loadLeadDetail?leadId=${id}`
      : null;
  }
  const { origin, hostname, protocol } = new URL(String(settings.loginUrl));
  // what plays Salesforce on this machine has no pages
  if (protocol !== 'https:') return null;
  return SHARED_LOGIN_HOSTS.includes(hostname) ? `${origin}/?startURL=%2F${id}` : `${origin}/${id}`;
}

/** Leads from a record to its pages; null where there is no record, or no page is known. */
export type LinksOf = (record: { sourceId: string; destinationId: string | null }) => {
  source: string | null;
  destination: string | null;
};

/** How the records of a run or of a preview are found in their systems, by the version of the definition that it goes by. */
export async function recordLinksOf(
  { database: { db } }: ApiDeps,
  { syncId, version }: { syncId: string; version: number },
): Promise<LinksOf> {
  const { source, destination } = await loadDefinition(db, syncId, version);
  const linkTo = async (end: typeof source) => {
    const connection = end?.connectionId ? await findConnection(db, end.connectionId) : null;
    return (recordId: string | null) =>
      connection && end && recordId !== null ? recordLink(connection, end.object, recordId) : null;
  };
  const [toSource, toDestination] = [await linkTo(source), await linkTo(destination)];
  return ({ sourceId, destinationId }) => ({ source: toSource(sourceId), destination: toDestination(destinationId) });
}
