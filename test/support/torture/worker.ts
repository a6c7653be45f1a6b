import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pino from 'pino';
import { type Activities, createActivities } from '../../../activities';
import type { OpenConnection, PhaseResult } from '../../../activities/run';
import { type DatabaseClient, openDatabase } from '../../../db/client';
import { createMarketoConnector } from '../../../src/connectors/marketo/connector';
import { DEFAULT_TUNING as MARKETO_TUNING } from '../../../src/connectors/marketo/tuning';
import { createSalesforceConnector } from '../../../src/connectors/salesforce/connector';
import { DEFAULT_TUNING as SALESFORCE_TUNING } from '../../../src/connectors/salesforce/tuning';
import { marketoSettings, salesforceSettings } from '../../../src/domain/connection';
import type { Definition } from '../../../src/domain/definition';
import type { Phase } from '../../../src/domain/outcome';
import type { Sandbox } from '../../../src/sandbox/sandbox';
import { connectorDeps } from '../connector-deps';
import { KEY_HASHES } from '../key-hashes';
import { openConnection } from '../open-connection';
import { type CallWindow, Gate, gatedCalls, gatedSql } from './gate';
import { PAGES_GROW } from './world';

/** The connections of a run, by id. */
export const CONNECTIONS = {
  marketo: '11111111-1111-4111-8111-111111111111',
  salesforce: '33333333-3333-4333-8333-333333333333',
} as const;

/** What is killed has nothing to say. */
const QUIET = new DefaultLogger('ERROR');

/** A worker of its own: activities, connections with their tokens, and the gate through which all it does passes. */
export class Worker {
  readonly gate = new Gate();
  private readonly activities: Activities;

  private readonly database: DatabaseClient;

  constructor(
    { clock, marketo, salesforce }: Sandbox,
    databaseUrl: string,
    window: CallWindow,
    definitionOf: (syncId: string) => Definition,
  ) {
    this.database = openDatabase(databaseUrl, { max: 8 });
    const deps = { ...connectorDeps(), now: () => clock.now(), rateLimit: gatedCalls(this.gate, window) };
    const { clientId, clientSecret } = salesforce.credentials;
    const auth = { type: 'clientCredentials', clientId, clientSecret };
    const connections: Record<string, OpenConnection> = {
      // so small that a run has many pages and batches, and so that no wait is longer than it has to be
      [CONNECTIONS.marketo]: openConnection(
        createMarketoConnector(
          marketoSettings.parse({ baseUrl: marketo.url, ...marketo.credentials, quotaShare: 1 }),
          deps,
          {
            ...MARKETO_TUNING,
            ...{
              pageBytes: Math.round(8_192 * PAGES_GROW),
              firstPollMs: 5,
              secondPollMs: 5,
              missingFileMs: 5,
              concurrencyWaitMs: 5,
            },
            ...{ rateWaitsMs: [5, 5, 5, 5], tokenWaitMs: 5, queueWaitMs: 50 },
          },
        ),
      ),
      [CONNECTIONS.salesforce]: openConnection(
        createSalesforceConnector(salesforceSettings.parse({ loginUrl: salesforce.url, quotaShare: 1, auth }), deps, {
          ...SALESFORCE_TUNING,
          ...{
            bulkFrom: 25,
            pageRows: Math.round(100 * PAGES_GROW),
            stepRows: Math.round(40 * PAGES_GROW),
            jobRecords: Math.round(60 * PAGES_GROW),
          },
          ...{ firstPollMs: 5, longestPollMs: 20 },
        }),
      ),
    };
    this.activities = createActivities({
      sql: gatedSql(this.database.sql, this.gate),
      async connect(connectionId) {
        const connection = connections[connectionId];
        if (!connection) throw new Error(`There is no connection ${connectionId}.`);
        return connection;
      },
      definitionOf: async (syncId) => definitionOf(syncId),
      routeOf: async () => 'A → B',
      now: () => new Date(clock.now()).toISOString(),
      defaultTimeZone: 'UTC',
      keyHashes: KEY_HASHES,
      log: pino({ level: 'silent' }),
    });
  }

  close(): Promise<void> {
    return this.database.close();
  }

  phase(phase: Phase, executionId: string): Promise<PhaseResult> {
    return new MockActivityEnvironment({}, { logger: QUIET }).run(this.activities[phase], { executionId });
  }

  openRun(syncId: string, now: string): ReturnType<Activities['openRun']> {
    return this.activities.openRun({ syncId, activation: 1, dueAt: null, now });
  }

  finish(executionId: string): ReturnType<Activities['finish']> {
    return this.activities.finish({ executionId, cancelled: false });
  }
}
