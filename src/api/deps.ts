import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { OpenConnection } from '../../activities/run';
import type { DatabaseClient } from '../../db/client';
import type { Connector } from '../connectors/connector';
import type { NewConnection } from '../domain/connection';
import type { SyncEngine } from '../engine/engine';
import type { SecretBox } from '../security/secrets';
import type { Settings } from '../settings';
import type { SendEvent } from '../webhooks/event-sending';
import type { WebhookSender } from '../webhooks/send';
import type { StoredConnections } from '../worker/stored-connections';
import type { CallRates } from './call-rates';
import type { EventStreams } from './event-streams';
import type { ExecutionFeed } from './execution-feed';

/** What the API is handed; it makes none of it by itself. */
export interface ApiDeps {
  database: DatabaseClient;
  secrets: SecretBox;
  /** Opens a connection by its id. */
  connect(connectionId: string): Promise<OpenConnection>;
  /** A connector for settings that are not saved, to try them out. */
  createConnector(connection: NewConnection): Connector;
  /** Connections that a person consents to on Salesforce's own page. */
  consents: StoredConnections['consents'];
  /** How webhooks are told of events, and which addresses they may have. */
  webhooks: Pick<WebhookSender, 'whyNot'> & { send: SendEvent };
  engine: SyncEngine;
  settings: Pick<
    Settings,
    | 'apiKey'
    | 'callsPerMinute'
    | 'eventStreams'
    | 'retentionDays'
    | 'trustedProxies'
    | 'publicUrl'
    | 'host'
    | 'port'
    | 'timeZone'
  > & {
    temporal: { namespace: string; uiUrl?: string };
  };
  /** Where the web UI was built; without it the API is served alone. */
  webFolder?: string;
  /** Present time, ISO 8601 UTC. */
  now(): string;
  log: Logger;
  /** What the process measures of itself, to which the API adds its metrics. */
  registry?: Registry;
  /** Aborts when the process is to end: what would go on for ever ends then. */
  stopping?: AbortSignal;
}

/** What routes work with: what the API was handed, and what it makes of that once for all of them. */
export interface RouteDeps extends ApiDeps {
  feed: ExecutionFeed;
  rates: CallRates;
  streams: EventStreams;
}
