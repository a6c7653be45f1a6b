import type { Logger } from 'pino';
import type { OpenConnection } from '../../activities/run';
import type { DatabaseClient } from '../../db/client';
import type { SyncEngine } from '../engine/engine';
import type { SecretBox } from '../security/secrets';
import type { Settings } from '../settings';

/** What the API is handed; it makes none of it by itself. */
export interface ApiDeps {
  database: DatabaseClient;
  secrets: SecretBox;
  /** Opens a connection by its id. */
  connect(connectionId: string): Promise<OpenConnection>;
  engine: SyncEngine;
  settings: Pick<Settings, 'apiKey' | 'publicUrl' | 'host' | 'port' | 'timeZone'> & {
    temporal: { namespace: string; uiUrl?: string };
  };
  /** Present time, ISO 8601 UTC. */
  now(): string;
  log: Logger;
}
