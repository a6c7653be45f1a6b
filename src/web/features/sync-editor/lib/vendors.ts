import type { ConnectionKind } from '../../../../domain/connection';

/** What the systems are called. */
export const VENDORS: Record<ConnectionKind, string> = { marketo: 'Marketo', salesforce: 'Salesforce' };

/** Hosts by which Salesforce tells its sandboxes from production; Marketo's say nothing of the kind. */
const SALESFORCE_HOSTS = [
  { host: /^test\.salesforce\.com$|\.sandbox\.my\.salesforce\.com$/, environment: 'sandbox' },
  { host: /^login\.salesforce\.com$|\.my\.salesforce\.com$/, environment: 'production' },
] as const;

/** What a connection leads to, where its address tells. */
export const environmentOf = (connection: Connected): 'sandbox' | 'production' | null =>
  SALESFORCE_HOSTS.find(({ host }) => host.test(hostOf(connection)))?.environment ?? null;

/** What is looked at of a connection. */
interface Connected {
  settings: Record<string, unknown>;
}

/** The instance of a connection: what it was found to be, else the host of its address. */
export function hostOf({ settings }: Connected): string {
  const url = String(settings.baseUrl ?? settings.loginUrl ?? '');
  return URL.canParse(url) ? new URL(url).host : url;
}
