import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { migrateDatabase, openDatabase } from '../../db/client';
import { temporalConnectionOptions } from '../engine/temporal-connection';
import { createLogger } from '../logging';
import { readServiceSettings } from '../settings';
import { keepHeapSmall } from './heap';
import { createWorker } from './worker';

/** Time that a worker has to bring its batches to their end before it is stopped all the same. */
const GRACE = '25 seconds';

/** The process of a worker: it ends when it is asked to, after the batches in flight. */
async function main(): Promise<void> {
  keepHeapSmall();
  const settings = readServiceSettings(process.env);
  const log = createLogger('worker', settings.logLevel);
  Runtime.install({ shutdownSignals: [] });
  const database = openDatabase(settings.databaseUrl, { max: 20 });
  await migrateDatabase(database, new Date().toISOString().slice(0, 10));
  const options = await temporalConnectionOptions(settings.temporal);
  const native = await NativeConnection.connect(options);
  const connection = await Connection.connect(options);
  const { namespace } = settings.temporal;
  const client = new Client({ connection, namespace });
  const worker = await createWorker({
    database,
    client,
    connection: native,
    settings,
    log,
    bundlePath: join(__dirname, '../../workflow-bundle.js'),
    shutdownGrace: GRACE,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  log.info('the worker runs');
  await worker.run();
  await connection.close();
  await native.close();
  await database.close();
  log.info('the worker has stopped');
}

main().catch((error: unknown) => {
  createLogger('worker').fatal({ err: error }, 'the worker cannot run');
  process.exitCode = 1;
});
