import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import pino from 'pino';
import { openDatabase } from '../../db/client';
import { createWorker } from '../../src/worker/worker';
import { quietenTemporal } from './quiet-temporal';
import type { TestTemporal } from './temporal';

/** Everything that a worker in a process of its own needs to know. */
export interface WorkerTask {
  databaseUrl: string;
  /** In base64. */
  secretKeys: string[];
  allowedHosts: readonly string[];
  temporal: TestTemporal;
  bundlePath: string;
}

quietenTemporal();

/** Works until it is killed. */
async function main(): Promise<void> {
  const { databaseUrl, secretKeys, allowedHosts, temporal, bundlePath } = JSON.parse(
    process.env.SYNC_TEST_TASK ?? '',
  ) as WorkerTask; // written by the test
  const { address, namespace, taskQueue } = temporal;
  const worker = await createWorker({
    database: openDatabase(databaseUrl, { max: 10 }),
    client: new Client({ connection: await Connection.connect({ address }), namespace }),
    connection: await NativeConnection.connect({ address }),
    settings: {
      ...{ secretKeys: secretKeys.map((key) => Buffer.from(key, 'base64')), allowedHosts, timeZone: 'UTC' },
      ...{ retentionDays: 30, temporal, publicUrl: 'http://sync.example.com' },
    },
    log: pino({ level: 'silent' }),
    bundlePath,
    taskQueue,
    shutdownGrace: '1 millisecond',
  });
  process.send?.('works');
  await worker.run();
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exit(1);
});
