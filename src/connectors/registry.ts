import type { MarketoSettings, NewConnection, SalesforceSettings } from '../domain/connection';
import type { RateLimitRule } from '../domain/instance-limit';
import type { Connector } from './connector';
import type { ConnectorDeps } from './connector-deps';
import { createMarketoConnector, identityOf } from './marketo/connector';
import { createSalesforceConnector } from './salesforce/connector';

/** The kind of a connection with its settings, secrets included. */
export type ConnectorSettings =
  | { kind: 'marketo'; settings: MarketoSettings }
  | { kind: 'salesforce'; settings: SalesforceSettings };

/** The only place that knows which connector belongs to which kind. */
export function createConnector(stored: ConnectorSettings | NewConnection, deps: ConnectorDeps): Connector {
  switch (stored.kind) {
    case 'marketo':
      return createMarketoConnector(stored.settings, deps);
    case 'salesforce':
      return createSalesforceConnector(stored.settings, deps);
  }
}

/** Calls of all integrations together in 20 seconds, and at once (Marketo developer guide, "API limits"). */
const MARKETO_CALLS = 100;
const MARKETO_WINDOW_MS = 20_000;
const MARKETO_AT_ONCE = 10;
/** Long calls at once (Salesforce, "API Request Limits"); it limits calls by the day alone, not by a window. */
const SALESFORCE_AT_ONCE = 25;

/** Sync's share of what the system allows to all. */
export function rateLimitRule(stored: ConnectorSettings | NewConnection): RateLimitRule {
  const share = (whole: number) => Math.max(1, Math.floor(whole * stored.settings.quotaShare));
  switch (stored.kind) {
    case 'marketo':
      return { calls: share(MARKETO_CALLS), windowMs: MARKETO_WINDOW_MS, atOnce: share(MARKETO_AT_ONCE) };
    case 'salesforce':
      return { calls: Number.POSITIVE_INFINITY, windowMs: 0, atOnce: share(SALESFORCE_AT_ONCE) };
  }
}

/**
 * Names the instance whose limits a connection uses, whichever other connections lead there too. An org is known by its first sign-in;
 * until then the connection is taken for the only one.
 */
export function instanceOf(stored: ConnectorSettings & { connectionId: string; identity: string | null }): string {
  if (stored.kind === 'marketo') return `marketo ${identityOf(stored.settings)}`;
  return `salesforce ${stored.identity ?? stored.connectionId}`;
}
