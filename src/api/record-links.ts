import type { ConnectionKind } from '../domain/connection';

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
