import { createMarketoConnector } from '../../src/connectors/marketo/connector';
import { DEFAULT_TUNING as MARKETO_TUNING, type MarketoTuning } from '../../src/connectors/marketo/tuning';
import { createRateLimit } from '../../src/connectors/rate-limit';
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector';
import { DEFAULT_TUNING as SALESFORCE_TUNING, type SalesforceTuning } from '../../src/connectors/salesforce/tuning';
import { marketoSettings, salesforceSettings } from '../../src/domain/connection';
import type { Clock, Credentials } from '../../src/sandbox/core';
import { ActivityRuns } from './activity-runs';
import { connectorDeps } from './connector-deps';

/** Where an instance is, and who signs in there. */
export interface Host {
  url: string;
  credentials: Credentials;
}

export interface Hosts {
  marketo?: Record<string, Host>;
  salesforce?: Record<string, Host>;
  /** Sizes of connections to Salesforce, by their ids; everything else as in production. */
  tuning?: Record<string, Partial<SalesforceTuning>>;
  /** The same for all connections to Marketo. */
  marketoTuning?: Partial<MarketoTuning>;
}

/** What Marketo allows at once. Its calls of a window are counted by the sandbox's clock, which tests move. */
const MARKETO_AT_ONCE = { calls: 0, windowMs: 0, atOnce: 10 };

/**
 * Runs between instances of a sandbox, all by the sandbox's clock.
 * @param hosts the instances by the ids of their connections
 */
export function connectedRuns(
  { clock }: { clock: Pick<Clock, 'now'> },
  { marketo = {}, salesforce = {}, tuning: tunings = {}, marketoTuning = {} }: Hosts,
): Promise<ActivityRuns> {
  const deps = () => ({ ...connectorDeps(), now: () => clock.now() });
  const toMarketo = ({ url, credentials }: Host) => {
    const { clientId, clientSecret } = credentials;
    const settings = marketoSettings.parse({ baseUrl: url, clientId, clientSecret, quotaShare: 1 });
    const tuning = { ...MARKETO_TUNING, firstPollMs: 5, secondPollMs: 120, ...marketoTuning };
    const rateLimit = createRateLimit(MARKETO_AT_ONCE);
    return { kind: 'marketo' as const, connector: createMarketoConnector(settings, { ...deps(), rateLimit }, tuning) };
  };
  const toSalesforce = (id: string, { url, credentials }: Host) => {
    const { clientId, clientSecret } = credentials;
    const auth = { type: 'clientCredentials', clientId, clientSecret };
    const settings = salesforceSettings.parse({ loginUrl: url, quotaShare: 1, auth });
    const tuning = { ...SALESFORCE_TUNING, ...tunings[id] };
    return { kind: 'salesforce' as const, connector: createSalesforceConnector(settings, deps(), tuning) };
  };
  const connections = [
    ...Object.entries(marketo).map(([id, host]) => [id, toMarketo(host)] as const),
    ...Object.entries(salesforce).map(([id, host]) => [id, toSalesforce(id, host)] as const),
  ];
  return ActivityRuns.start(Object.fromEntries(connections), () => new Date(clock.now()).toISOString());
}
