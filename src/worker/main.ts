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
import { collectDefaultMetrics, Registry } from 'prom-client';
import { migrateDatabase, openDatabase } from '../../db/client';
import { type TemporalConnectionOptions, temporalConnectionOptions } from '../engine/temporal-connection';
import { tracedStarts } from '../engine/traced-starts';
import { createLogger } from '../logging';
import { serveMetrics } from '../metrics/metrics-server';
import { WorkerMetrics } from '../metrics/worker-metrics';
import { type BindAddress, readServiceSettings, type Settings } from '../settings';
import { startTracing } from '../tracing/tracing';
import { keepHeapSmall } from './heap';
import { temporalLogger } from './temporal-logger';
import { whenThere } from './when-there';
import { createWorker, type SyncWorker } from './worker';

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
  let worker: SyncWorker | undefined;
  const tracing = settings.tracesEndpoint === undefined ? null : startTracing(settings.tracesEndpoint, 'sync-worker');
  try {
    const measured = settings.metricsAddress
      ? await measure(settings.metricsAddress, () => worker?.isPolling() ?? false)
      : null;
    if (measured) toClose.unshift(measured.server);
    await whenThere('the database', () => migrateDatabase(database, new Date().toISOString().slice(0, 10)), waiting);
    const options = await temporalConnectionOptions(settings.temporal);
    const native = await whenThere('Temporal', () => connectNatively(options, settings, log), waiting);
    toClose.unshift(native);
    const connection = await whenThere('Temporal', () => Connection.connect(options), waiting);
    toClose.unshift(connection);
    worker = await whenThere(
      'Temporal',
      () =>
        createWorker({
          database,
          client: new Client({
            connection,
            namespace: settings.temporal.namespace,
            ...(tracing ? { interceptors: { workflow: [tracedStarts] } } : {}),
          }),
          isTraced: tracing !== null,
          connection: native,
          settings,
          log,
          ...(measured ? { metrics: measured.metrics } : {}),
          bundlePath: join(__dirname, '../../workflow-bundle.js'),
          shutdownGrace: GRACE,
        }),
      { ...waiting, isWorthWaiting: isOfTemporal },
    );
    const running = worker;
    stopping.signal.addEventListener('abort', () => running.shutdown(), { once: true });
    log.info('the worker runs');
    await running.run();
  } catch (error) {
    // asked to end while it waited
    if (!stopping.signal.aborted) throw error;
  } finally {
    for (const each of toClose) await each.close();
    await tracing?.stop();
  }
  log.info('the worker has stopped');
}

/** Counts what this process does, and serves that. */
async function measure(address: BindAddress, isReady: () => boolean) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return { metrics: new WorkerMetrics(registry), server: await serveMetrics(address, registry, isReady) };
}

/** The runtime is installed for each try: one that fails takes it with it, and the next would have a runtime without our settings. */
function connectNatively(
  options: TemporalConnectionOptions,
  { temporalMetricsAddress }: Pick<Settings, 'temporalMetricsAddress'>,
  log: Logger,
): Promise<NativeConnection> {
  Runtime.install({
    shutdownSignals: [],
    logger: temporalLogger(log),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(temporalMetricsAddress ? { metrics: prometheusAt(temporalMetricsAddress) } : {}),
    },
  });
  return NativeConnection.connect(options);
}

/** Names and units as Prometheus has them. */
const prometheusAt = ({ host, port }: BindAddress) => ({
  prometheus: {
    bindAddress: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
  },
});

/** The server is away, or does not know the namespace yet. */
const isOfTemporal = (error: unknown): boolean =>
  error instanceof TransportError || error instanceof UnexpectedError || isGrpcServiceError(error);

main().catch((error: unknown) => {
  createLogger('worker').fatal({ err: error }, 'the worker cannot run');
  process.exitCode = 1;
});
