import { join } from 'node:path';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import {
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  TransportError,
  UnexpectedError,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import { migrateDatabase, openDatabase } from '../../db/client';
import { type TemporalConnectionOptions, temporalConnectionOptions } from '../engine/temporal-connection';
import { createLogger } from '../logging';
import { readServiceSettings } from '../settings';
import { keepHeapSmall } from './heap';
import { temporalLogger } from './temporal-logger';
import { whenThere } from './when-there';
import { createWorker } from './worker';

/** Activities are told to stop as soon as the worker is: they break off reads, and end at the border of a batch. */
const GRACE = '1 millisecond';

/** The process of a worker: it waits for what it needs, and ends when it is asked to, after the batches in flight. */
async function main(): Promise<void> {
  keepHeapSmall();
  const settings = readServiceSettings(process.env);
  const log = createLogger('worker', settings.logLevel);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const waiting = { log, signal: stopping.signal };
  const database = openDatabase(settings.databaseUrl, { max: 20 });
  const toClose: { close(): Promise<void> }[] = [database];
  try {
    await whenThere('the database', () => migrateDatabase(database, new Date().toISOString().slice(0, 10)), waiting);
    const options = await temporalConnectionOptions(settings.temporal);
    const native = await whenThere('Temporal', () => connectNatively(options, log), waiting);
    toClose.unshift(native);
    const connection = await whenThere('Temporal', () => Connection.connect(options), waiting);
    toClose.unshift(connection);
    const worker = await whenThere(
      'Temporal',
      () =>
        createWorker({
          database,
          client: new Client({ connection, namespace: settings.temporal.namespace }),
          connection: native,
          settings,
          log,
          bundlePath: join(__dirname, '../../workflow-bundle.js'),
          shutdownGrace: GRACE,
        }),
      { ...waiting, isWorthWaiting: isOfTemporal },
    );
    stopping.signal.addEventListener('abort', () => worker.shutdown(), { once: true });
    log.info('the worker runs');
    await worker.run();
  } catch (error) {
    // asked to end while it waited
    if (!stopping.signal.aborted) throw error;
  } finally {
    for (const each of toClose) await each.close();
  }
  log.info('the worker has stopped');
}

/** The runtime is installed for each try: one that fails takes it with it, and the next would have a runtime without our settings. */
function connectNatively(options: TemporalConnectionOptions, log: Logger): Promise<NativeConnection> {
  Runtime.install({
    shutdownSignals: [],
    logger: temporalLogger(log),
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
  });
  return NativeConnection.connect(options);
}

/** The server is away, or does not know the namespace yet. */
const isOfTemporal = (error: unknown): boolean =>
  error instanceof TransportError || error instanceof UnexpectedError || isGrpcServiceError(error);

main().catch((error: unknown) => {
  createLogger('worker').fatal({ err: error }, 'the worker cannot run');
  process.exitCode = 1;
});
