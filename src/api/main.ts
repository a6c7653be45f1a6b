import { once } from 'node:events';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type DatabaseClient, migrateDatabase, openDatabase } from '../../db/client';
import { forgetKeys } from '../../db/queries/idempotency';
import { forgetSessions } from '../../db/queries/sessions';
import type { ConnectionKind } from '../domain/connection';
import { temporalConnectionOptions } from '../engine/temporal-connection';
import { TemporalEngine } from '../engine/temporal-engine';
import { tracedStarts } from '../engine/traced-starts';
import { createLogger } from '../logging';
import { CallMetrics } from '../metrics/call-metrics';
import { SecretBox } from '../security/secrets';
import { readServiceSettings } from '../settings';
import { tracedCalls } from '../tracing/spans';
import { startTracing } from '../tracing/tracing';
import { eventSending } from '../webhooks/event-sending';
import { webhookSender } from '../webhooks/send';
import { Repeating } from '../worker/repeating';
import { storedConnections } from '../worker/stored-connections';
import { whenThere } from '../worker/when-there';
import { createApp } from './app';
import { createApiServer } from './http-server';
import { sessionsSince } from './session';
import { hasWebUi } from './web-ui';

/** Beside the API in what was built. */
const WEB_FOLDER = join(__dirname, '..', 'web');

/** What is asked when the API ends gets its answer, if that takes no longer; what follows an execution ends at once. */
const LAST_ANSWERS_MS = 7_000;
/** So long an `Idempotency-Key` is known. */
const ANSWERS_KEPT_MS = 24 * 3_600_000;
const FORGET_EVERY_MS = 3_600_000;

/** The process of the API. It answers at once; what it needs and is not there yet is told by `/readyz`, and waited for. */
async function main(): Promise<void> {
  const settings = readServiceSettings(process.env);
  const log = createLogger('api', settings.logLevel);
  const database = openDatabase(settings.databaseUrl);
  const secrets = new SecretBox(settings.secretKeys);
  const connection = Connection.lazy(await temporalConnectionOptions(settings.temporal));
  const tracing = settings.tracesEndpoint === undefined ? null : startTracing(settings.tracesEndpoint, 'sync-api');
  const client = new Client({
    connection,
    namespace: settings.temporal.namespace,
    ...(tracing ? { interceptors: { workflow: [tracedStarts] } } : {}),
  });
  const stopping = new AbortController();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = new CallMetrics(registry);
  const watchOf = tracing ? (system: ConnectionKind) => tracedCalls(system, calls.watchOf(system)) : calls.watchOf;
  const connections = storedConnections(database, secrets, settings.allowedHosts, log, Date.now, watchOf);
  const sender = webhookSender(settings.allowedHosts);
  const app = createApp({
    database,
    secrets,
    ...connections,
    webhooks: { whyNot: sender.whyNot, send: eventSending({ db: database.db, secrets, sender, settings }) },
    engine: new TemporalEngine(client),
    settings,
    ...(hasWebUi(WEB_FOLDER) ? { webFolder: WEB_FOLDER } : {}),
    now: () => new Date().toISOString(),
    log,
    registry,
    stopping: stopping.signal,
  });
  const preparing = prepareDatabase(database, { log, signal: stopping.signal });
  const server = createApiServer().on('request', app);
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  log.info({ host: settings.host, port: settings.port }, 'the API listens');
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  stopping.abort();
  server.close();
  // those whose answers have just ended become idle one after the other
  const closing = setInterval(() => server.closeIdleConnections(), 100);
  setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS).unref();
  await once(server, 'close');
  clearInterval(closing);
  await (await preparing)?.stop();
  await connections.close();
  await connection.close();
  await database.close();
  await tracing?.stop();
  log.info('the API has stopped');
}

async function forget({ db }: DatabaseClient): Promise<void> {
  await forgetKeys(db, new Date(Date.now() - ANSWERS_KEPT_MS).toISOString());
  const now = new Date().toISOString();
  await forgetSessions(db, now, sessionsSince(now));
}

/**
 * The database may come after the API. Once it is there and has the newest schema, what has to be forgotten is.
 * @returns null when the signal came first
 */
async function prepareDatabase(
  database: DatabaseClient,
  waiting: { log: Logger; signal: AbortSignal },
): Promise<Repeating | null> {
  try {
    await whenThere('the database', () => migrateDatabase(database, new Date().toISOString().slice(0, 10)), waiting);
  } catch (error) {
    if (waiting.signal.aborted) return null;
    throw error;
  }
  const forgetting = new Repeating('forget answers and sessions', FORGET_EVERY_MS, () => forget(database), waiting.log);
  forgetting.start();
  return forgetting;
}

main().catch((error: unknown) => {
  createLogger('api').fatal({ err: error }, 'the API cannot run');
  process.exitCode = 1;
});
