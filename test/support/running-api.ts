import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { loadConnection } from '../../db/queries/connections';
import { createApp } from '../../src/api/app';
import { refuseUnreadRequests } from '../../src/api/unread-requests';
import { createRateLimit } from '../../src/connectors/rate-limit';
import { createConnector, rateLimitRule } from '../../src/connectors/registry';
import type { NewConnection } from '../../src/domain/connection';
import type { SyncEngine } from '../../src/engine/engine';
import { createUrlCheck } from '../../src/security/allowed-urls';
import { SecretBox } from '../../src/security/secrets';
import { openConnections } from '../../src/worker/open-connections';
import { createTestDatabase, type TestDatabase } from './database';

export interface ApiReply {
  status: number;
  type: string;
  headers: Headers;
  // the shape of an answer is what tests look at
  body: Record<string, never> & { [member: string]: unknown };
}

/** The API over a database of the test's own, listening on this machine. */
export class RunningApi {
  readonly key = `test-key-${randomBytes(8).toString('hex')}`;

  private constructor(
    readonly database: DatabaseClient,
    readonly url: string,
    private readonly server: Server,
    private readonly testDatabase: TestDatabase | null,
  ) {}

  /** @param given.allowedHosts `host:port` of the sandbox's instances; `database` is shared when given, and left as it is */
  static async start(given: {
    engine: SyncEngine;
    allowedHosts: readonly string[];
    shared?: { database: DatabaseClient; secretKeys: readonly Buffer[] };
  }): Promise<RunningApi> {
    const testDatabase = given.shared ? null : await createTestDatabase();
    const database = given.shared?.database ?? openDatabase(testDatabase?.url ?? '');
    const secrets = new SecretBox(given.shared?.secretKeys ?? [randomBytes(32)]);
    const checkUrl = createUrlCheck(given.allowedHosts);
    const connectorOf = (stored: NewConnection) =>
      createConnector(stored, { rateLimit: createRateLimit(rateLimitRule(stored)), checkUrl, now: Date.now });
    const connect = openConnections(
      (connectionId) => loadConnection(database.db, secrets, connectionId),
      (stored) => connectorOf(stored),
      Date.now,
    );
    const server = createServer();
    refuseUnreadRequests(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const api = new RunningApi(database, url, server, testDatabase);
    const settings = {
      apiKey: api.key,
      publicUrl: url,
      host: '127.0.0.1',
      port,
      timeZone: 'UTC',
      temporal: { namespace: 'default' },
    };
    const log = pino({ level: 'silent' });
    server.on(
      'request',
      createApp({
        database,
        secrets,
        connect,
        createConnector: connectorOf,
        engine: given.engine,
        settings,
        now: () => new Date().toISOString(),
        log,
      }),
    );
    return api;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    if (!this.testDatabase) return;
    await this.database.close();
    await this.testDatabase.drop();
  }

  /** Calls a path below `/api/v1`. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiReply> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    const parsed = type.includes('json') && text !== '' ? JSON.parse(text) : { text };
    return { status: answer.status, type, headers: answer.headers, body: parsed };
  }
}
