import type { ConnectionKind } from '../../../../domain/connection';

/** What the systems are called. */
export const VENDORS: Record<ConnectionKind, string> = { marketo: 'Marketo', salesforce: 'Salesforce' };

/** The instance of a connection: what it was found to be, else the host of its address. */
export function hostOf({ settings }: { settings: Record<string, unknown> }): string {
  const url = String(settings.baseUrl ?? settings.loginUrl ?? '');
  return URL.canParse(url) ? new URL(url).host : url;
}
