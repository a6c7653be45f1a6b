import type { Logger } from 'pino';
import type { OpenConnection } from '../../activities/run';
import type { Database, DatabaseClient } from '../../db/client';
import { noteAudit } from '../../db/queries/audit';
import {
  findConnection,
  loadConnection,
  rememberIdentity,
  type Sealer,
  storeRefreshToken,
} from '../../db/queries/connections';
import type { CallWatch } from '../connectors/call-watch';
import type { Connector } from '../connectors/connector';
import type { ConnectorDeps } from '../connectors/connector-deps';
import { ConnectorError } from '../connectors/connector-error';
import { createRateLimit, type RateLimit } from '../connectors/rate-limit';
import { createConnector, instanceOf, rateLimitRule } from '../connectors/registry';
import type { ConsentCode } from '../connectors/salesforce/sign-in';
import { consentUrl, redeemConsent, type WebClient } from '../connectors/salesforce/web-sign-in';
import type { ConnectionKind, NewConnection } from '../domain/connection';
import { SecretError } from '../domain/secret-error';
import { createUrlCheck } from '../security/allowed-urls';
import { guardedLookup } from '../security/guarded-lookup';
import { InstanceLimits } from './instance-limits';
import { openConnections } from './open-connections';
import { demandSameInstance } from './same-instance';
import { SharedSignIns } from './shared-sign-ins';

/** How a process gets at the systems. */
export interface StoredConnections {
  /** Opens a stored connection by its id; new refresh tokens are stored before they are used. */
  connect(connectionId: string): Promise<OpenConnection>;
  /** Makes a connector of settings that are not stored. */
  createConnector(connection: NewConnection): Connector;
  /** Connections that a person consents to on Salesforce's own page. */
  consents: {
    /** @throws ConnectorError for an address that connections may not use */
    url(client: WebClient, given: Parameters<typeof consentUrl>[1]): string;
    redeem(client: WebClient & { quotaShare: number }, consent: ConsentCode): ReturnType<typeof redeemConsent>;
  };
  /** Gives back what this process holds of the instances' limits. */
  close(): Promise<void>;
}

/**
 * @param allowedHosts `name` or `name:port` that connections may use besides the vendors' own
 * @param now milliseconds since 1970
 * @param watchOf who is told of the calls to a system
 */
export function storedConnections(
  { db, sql }: Pick<DatabaseClient, 'db' | 'sql'>,
  secrets: Sealer,
  allowedHosts: readonly string[],
  log: Pick<Logger, 'warn'>,
  now: () => number = Date.now,
  watchOf: (system: ConnectionKind) => CallWatch | undefined = () => undefined,
): StoredConnections {
  const outgoing = { checkUrl: createUrlCheck(allowedHosts), lookup: guardedLookup(allowedHosts) };
  const limits = new InstanceLimits(sql, log);
  const load = (connectionId: string) => loadConnection(db, secrets, connectionId).catch(rethrowLost);
  const open = openConnections(
    async (connectionId) => {
      const stored = await load(connectionId);
      const instance = instanceOf(stored);
      // where it leads shows at the first sign-in, and with that whose limits it shares
      return { ...stored, instance, fingerprint: `${stored.fingerprint} ${instance}` };
    },
    (stored) => {
      const { connectionId, settingsVersion, instance } = stored;
      const onTrouble = (err: unknown) => log.warn({ err, connectionId }, 'a sign-in could not be noted');
      const readRefreshToken = async () => refreshTokenOf(await load(connectionId));
      const deps: ConnectorDeps = {
        ...watchedBy(watchOf(stored.kind), limits.rateLimit(instance, rateLimitRule(stored))),
        quota: limits.quota(instance),
        signIns: new SharedSignIns({ sql, secrets, connectionId, settingsVersion, readRefreshToken, now, onTrouble }),
        ...outgoing,
        now,
        storeRefreshToken: (token) => storeRefreshToken(db, secrets, connectionId, token),
      };
      return createConnector(stored, deps);
    },
    now,
  );
  return {
    async connect(connectionId) {
      const opened = await open(connectionId);
      return {
        ...opened,
        demandSameInstance: (signal) => demandSameInstance(opened.connector, remembered(db, connectionId), signal),
      };
    },
    createConnector: (connection) =>
      createConnector(connection, {
        ...watchedBy(watchOf(connection.kind), createRateLimit(rateLimitRule(connection))),
        ...outgoing,
        now,
      }),
    consents: {
      url(client, given) {
        outgoing.checkUrl(client.loginUrl);
        return consentUrl(client, given);
      },
      redeem: (client, consent) =>
        redeemConsent(client, consent, { rateLimit: createRateLimit(ONE_CALL), ...outgoing, now }),
    },
    close: () => limits.close(),
  };
}

/** Secrets that no key opens are for a person to enter anew: nothing that is tried again opens them. */
function rethrowLost(error: unknown): never {
  if (!(error instanceof SecretError)) throw error;
  throw new ConnectorError(
    'The secrets of the connection cannot be opened: they were encrypted with a key that SYNC_SECRET_KEY lacks, or were altered. Give the key back, or enter them again under Connections; then resume.',
    'SECRETS_LOST',
    { retry: 'never' },
    { cause: error },
  );
}

/** A consent is redeemed by a single call, of which no limit of an organisation counts. */
const ONE_CALL = { calls: Number.POSITIVE_INFINITY, windowMs: 0, atOnce: 1 };

/** Also tells how long calls wait for their turn. */
function watchedBy(watch: CallWatch | undefined, rateLimit: RateLimit): { rateLimit: RateLimit; watch?: CallWatch } {
  if (!watch) return { rateLimit };
  const timed: RateLimit = {
    async take(signal, how) {
      const askedAt = performance.now();
      const release = await rateLimit.take(signal, how);
      watch.permitted(performance.now() - askedAt);
      return release;
    },
    pauseFor: (ms, exceeded) => rateLimit.pauseFor(ms, exceeded),
  };
  return { rateLimit: timed, watch };
}

const refreshTokenOf = ({ kind, settings }: NewConnection): string | null =>
  kind === 'salesforce' && settings.auth.type === 'refreshToken' ? settings.auth.refreshToken : null;

/** What the database remembers of where a connection leads. */
const remembered = (db: Database, connectionId: string) => ({
  async read() {
    const row = await findConnection(db, connectionId);
    if (!row) throw new Error(`Connection ${connectionId} is gone.`);
    return row;
  },
  remember: (identity: string) =>
    db.transaction(async (tx) => {
      if (!(await rememberIdentity(tx, connectionId, identity))) return;
      const subject = `connection/${connectionId}`;
      const entry = { who: 'worker', address: null, action: 'connection.identify', subject, details: { identity } };
      await noteAudit(tx, entry);
    }),
});
