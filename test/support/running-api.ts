import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import pino, { type Logger } from 'pino';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { createApp } from '../../src/api/app';
import type { MostStreams } from '../../src/api/event-streams';
import { createApiServer, type Patience } from '../../src/api/http-server';
import type { SyncEngine } from '../../src/engine/engine';
import type { MarketoHost } from '../../src/sandbox/sandbox';
import { SecretBox } from '../../src/security/secrets';
import { eventSending } from '../../src/webhooks/event-sending';
import { webhookSender } from '../../src/webhooks/send';
import { storedConnections } from '../../src/worker/stored-connections';
import { createTestDatabase, type TestDatabase } from './database';

export interface ApiReply {
  status: number;
  type: string;
  headers: Headers;
  // the shape of an answer is what tests look at
  body: Record<string, never> & { [member: string]: unknown };
}

/** So long, at least, lies between two looks of `until`: each takes a processor for some milliseconds, which what is looked at needs as well. */
export const LOOK_EVERY_MS = 100;

/** The API over a database of the test's own, listening on this machine. */
export class RunningApi {
  readonly key = `test-key-${randomBytes(8).toString('hex')}`;
  private closeConnections = async (): Promise<void> => undefined;

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
    log?: Logger;
    webFolder?: string;
    callsPerMinute?: number;
    eventStreams?: MostStreams;
    trustedProxies?: readonly string[];
    now?: () => string;
    publicUrl?: string;
    patience?: Patience;
  }): Promise<RunningApi> {
    const testDatabase = given.shared ? null : await createTestDatabase();
    const database = given.shared?.database ?? openDatabase(testDatabase?.url ?? '');
    const secrets = new SecretBox(given.shared?.secretKeys ?? [randomBytes(32)]);
    const server = createApiServer(given.patience);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const api = new RunningApi(database, url, server, testDatabase);
    const settings = {
      apiKey: api.key,
      publicUrl: given.publicUrl ?? url,
      host: '127.0.0.1',
      port,
      timeZone: 'UTC',
      callsPerMinute: given.callsPerMinute ?? 12_000,
      eventStreams: given.eventStreams ?? { ofOne: 50, ofAll: 1_000 },
      trustedProxies: given.trustedProxies ?? [],
      retentionDays: 30,
      temporal: { namespace: 'default' },
    };
    const log = given.log ?? pino({ level: 'silent' });
    const sender = webhookSender(given.allowedHosts);
    const connections = storedConnections(database, secrets, given.allowedHosts, log);
    api.closeConnections = connections.close;
    server.on(
      'request',
      createApp({
        database,
        secrets,
        ...connections,
        webhooks: { whyNot: sender.whyNot, send: eventSending({ db: database.db, secrets, sender, settings }) },
        engine: given.engine,
        settings,
        ...(given.webFolder === undefined ? {} : { webFolder: given.webFolder }),
        now: given.now ?? (() => new Date().toISOString()),
        log,
      }),
    );
    return api;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    await this.closeConnections();
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
      ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    const parsed = type.includes('json') && text !== '' ? JSON.parse(text) : { text };
    return { status: answer.status, type, headers: answer.headers, body: parsed };
  }

  /** Looks until a sync is as it should be; the test's own time limit ends it. */
  async until(syncId: string, holds: (sync: ApiReply['body']) => boolean): Promise<ApiReply['body']> {
    for (;;) {
      const { body } = await this.call('GET', `/syncs/${syncId}`);
      if (holds(body)) return body;
      await setTimeout(LOOK_EVERY_MS);
    }
  }
}

const isRaw = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array;

/** The settings of a connection to an instance of the sandbox, with all of its calls. */
export const settingsOf = (host: MarketoHost) => ({ baseUrl: host.url, ...host.credentials, quotaShare: 1 });
