import { existsSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../../activities';
import { ConnectorFailures } from '../../activities/failures';
import { SignsOfLife } from '../../activities/signs-of-life';
import { webhookActivities } from '../../activities/webhooks';
import type { DatabaseClient } from '../../db/client';
import { watchCommits } from '../../db/queries/committed';
import { connectionNames } from '../../db/queries/connections';
import type { OpenPreview } from '../../db/queries/previews';
import type { LiveExecution, LiveSync } from '../../db/queries/reconciliation';
import { loadDefinition } from '../../db/queries/syncs';
import { asRun, type Definition, definition as definitionSchema } from '../domain/definition';
import { isFollowUp } from '../domain/outcome';
import { describeSchedule } from '../domain/schedule';
import type { FollowUpStart, SyncStart } from '../engine/engine';
import { routeOf } from '../engine/route';
import { TASK_QUEUE, TemporalEngine } from '../engine/temporal-engine';
import type { WorkerMetrics } from '../metrics/worker-metrics';
import { KeyHashes } from '../security/key-hashes';
import { SecretBox } from '../security/secrets';
import type { ServiceSettings } from '../settings';
import { tracedCalls } from '../tracing/spans';
import { eventSending } from '../webhooks/event-sending';
import { webhookSender } from '../webhooks/send';
import { ActivitySpans } from './activity-spans';
import { ActivityWatch } from './activity-watch';
import { DatabaseClock } from './database-clock';
import { freeSpaceOf } from './free-space';
import { opensNamed } from './named-connections';
import { reconciling } from './reconcile';
import { retaining } from './retention';
import { storedConnections } from './stored-connections';
import { announcingEvents, tellingOverdue } from './webhook-events';
import { deliveringWishes } from './wish-delivery';

export interface WorkerDeps {
  database: DatabaseClient;
  client: Client;
  connection: NativeConnection;
  settings: Pick<
    ServiceSettings,
    'secretKeys' | 'allowedHosts' | 'timeZone' | 'retentionDays' | 'databaseFolder' | 'publicUrl'
  > & {
    temporal: { namespace: string; uiUrl?: string };
  };
  log: Logger;
  /** Told of what is done; where it is left out, nothing is counted. */
  metrics?: WorkerMetrics;
  /** Activities and calls to the systems are made spans of; false where left out. */
  isTraced?: boolean;
  /** Workflow code that was bundled ahead; where it is missing, it is bundled from `workflowsPath`. */
  bundlePath?: string;
  workflowsPath?: string;
  taskQueue?: string;
  shutdownGrace: Duration;
}

/** A worker with all that it does beside workflows and activities: it delivers wishes and reconciles. */
export interface SyncWorker {
  /** Ends when `shutdown` was called and everything has come to its end. */
  run(): Promise<void>;
  shutdown(): void;
  /** It polls for work. */
  isPolling(): boolean;
}

/** Wires everything that workflows need. */
export async function createWorker(deps: WorkerDeps): Promise<SyncWorker> {
  const { database, log, settings, metrics, isTraced = false } = deps;
  const { sql, db } = database;
  const taskQueue = deps.taskQueue ?? TASK_QUEUE;
  const engine = new TemporalEngine(deps.client, taskQueue);
  const secrets = new SecretBox(settings.secretKeys);
  const clock = await DatabaseClock.of(sql, log);
  const { now } = clock;
  // connectors compare the moments of batches with it
  const nowMs = () => Date.parse(now());
  const { connect, close } = storedConnections(database, secrets, settings.allowedHosts, log, nowMs, (system) =>
    isTraced ? tracedCalls(system, metrics?.calls.watchOf(system)) : metrics?.calls.watchOf(system),
  );
  const definitionOf = async (syncId: string, version: number): Promise<Definition> =>
    definitionSchema.parse(asRun(await loadDefinition(db, syncId, version)));
  const nameOf = connectionNames(db);
  const watchedSql = metrics ? watchCommits(sql, metrics.committed) : sql;
  const sendEvent = eventSending({ db, secrets, sender: webhookSender(settings.allowedHosts), settings });
  const activities = createActivities({
    sql: watchedSql,
    connect: opensNamed(connect, nameOf),
    definitionOf,
    routeOf: (definition) => routeOf(definition, nameOf),
    now,
    defaultTimeZone: settings.timeZone,
    keyHashes: new KeyHashes(settings.secretKeys),
    freeBytes: freeSpaceOf(settings.databaseFolder, log),
    log,
  });
  const startOf = async (sync: LiveSync): Promise<SyncStart | null> => {
    const parsed = definitionSchema.safeParse(asRun(await loadDefinition(db, sync.syncId, sync.version)));
    if (!parsed.success) return null;
    return {
      syncId: sync.syncId,
      activation: sync.activation,
      name: sync.name,
      route: await routeOf(parsed.data, nameOf),
      scheduleInWords: describeSchedule(parsed.data.schedule, settings.timeZone),
    };
  };
  const previewStartOf = async ({ previewId, syncId, version, syncName, sampling }: OpenPreview) => ({
    previewId,
    syncId,
    name: syncName,
    route: await routeOf(await definitionOf(syncId, version), nameOf),
    sampling,
  });
  const followUpStartOf = async (execution: LiveExecution): Promise<FollowUpStart | null> => {
    const { executionId, syncId, number, trigger, version, syncName: name } = execution;
    if (!isFollowUp(trigger)) return null;
    const route = await routeOf(await definitionOf(syncId, version), nameOf);
    return { executionId, syncId, number, trigger, name, route };
  };
  // before anything is started: this asks the server
  await engine.isSearchable();
  const bundled =
    deps.bundlePath && existsSync(deps.bundlePath) ? { workflowBundle: { codePath: deps.bundlePath } } : null;
  const worker = await Worker.create({
    connection: deps.connection,
    namespace: settings.temporal.namespace,
    taskQueue,
    ...(bundled ?? { workflowsPath: deps.workflowsPath ?? require.resolve('../../workflows') }),
    activities: { ...activities, ...webhookActivities({ sql: watchedSql, sendEvent }) },
    interceptors: {
      // the first stands outermost
      activity: [
        ...(isTraced ? [() => ({ inbound: new ActivitySpans() })] : []),
        ...(metrics ? [() => ({ inbound: new ActivityWatch(metrics) })] : []),
        () => ({ inbound: new ConnectorFailures() }),
        () => ({ inbound: new SignsOfLife() }),
      ],
    },
    maxConcurrentActivityTaskExecutions: 40,
    // each one goes out: it also brings the news that an activity is cancelled
    maxHeartbeatThrottleInterval: '1 second',
    defaultHeartbeatThrottleInterval: '1 second',
    shutdownGraceTime: deps.shutdownGrace,
  });
  return {
    async run() {
      const background = [
        clock,
        deliveringWishes(sql, engine, log),
        announcingEvents(sql, engine, log),
        tellingOverdue(sql, now, log),
        ...reconciling({ sql, engine, startOf, previewStartOf, followUpStartOf, now, log }),
        retaining({ sql, retentionDays: settings.retentionDays, now, log }),
      ];
      for (const work of background) work.start();
      try {
        await worker.run();
      } finally {
        await Promise.all([...background.map((work) => work.stop()), close()]);
      }
    },
    shutdown: () => worker.shutdown(),
    isPolling: () => worker.getState() === 'RUNNING',
  };
}
