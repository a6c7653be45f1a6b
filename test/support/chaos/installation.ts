import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogFiles } from '../../../src/local/log-files';
import { nodePart, PostgresPart, temporalPart } from '../../../src/local/parts';
import { findTemporal } from '../../../src/local/temporal-server';
import type { Sandbox } from '../../../src/sandbox/sandbox';
import { readSettings } from '../../../src/settings';
import { freePort } from '../ports';
import { say } from '../service-variables';
import { TOOLS_DIR } from '../services';
import { PartProcess } from './part-process';

export const WORKERS = ['worker-1', 'worker-2'] as const;
export const PROCESS_NAMES = ['postgres', 'temporal', 'api', ...WORKERS] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];

const PATIENCE_MS = 40_000;
const CALL_TIMEOUT_MS = 10_000;
const CALL_PAUSE_MS = 200;
/** A client gives up after so long. */
const CALL_DEADLINE_MS = 300_000;

interface Wanted {
  body?: unknown;
  /** A call that changes something is repeated with the same one until it is answered. */
  key?: string;
}

/** All of Sync as processes of this machine: API, two workers, PostgreSQL and Temporal, in a folder and on ports of their own. */
export class Installation {
  private constructor(
    readonly processes: Readonly<Record<ProcessName, PartProcess>>,
    /** Address of the database, once PostgreSQL has been started. */
    readonly databaseUrl: () => string,
    readonly temporalAddress: string,
    readonly apiUrl: string,
    /** What its parts are handed that nobody else may know. */
    readonly secrets: { apiKey: string; secretKey: string },
  ) {}

  /** @param variables further ones for API and workers */
  static async start(
    folder: string,
    { marketo, salesforce }: Sandbox,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Installation> {
    const port = await freePort();
    const settings = readSettings({
      SYNC_DATA_DIR: folder,
      PORT: String(port),
      SYNC_POSTGRES_PORT: String(await freePort()),
      SYNC_TEMPORAL_PORTS: `${await freePort()},${await freePort()}`,
    });
    const temporalAddress = `127.0.0.1:${settings.localPorts.temporal}`;
    const apiUrl = `http://127.0.0.1:${port}`;
    const apiKey = randomBytes(16).toString('hex');
    const secretKey = randomBytes(32).toString('base64');
    const postgres = new PostgresPart(settings);
    const common = {
      TEMPORAL_ADDRESS: temporalAddress,
      SYNC_SECRET_KEY: secretKey,
      SYNC_API_KEY: apiKey,
      SYNC_ALLOWED_HOSTS: [marketo, salesforce].map(({ url }) => new URL(url).host).join(),
      PORT: String(port),
      ...variables,
    };
    const logs = new LogFiles(join(folder, 'logs'));
    const program = (name: 'api' | (typeof WORKERS)[number], script: string, probe: string) => {
      let starts = 0;
      const part = nodePart(name === 'api' ? 'api' : 'worker', join(folder, name), {
        script: resolve('dist', 'src', script, 'main.js'),
        // each start has a name of its own, by which the database tells who has written
        env: () => ({ ...common, DATABASE_URL: namedUrl(postgres.databaseUrl, `${name}.${++starts}`) }),
        probe: `${apiUrl}${probe}`,
        patienceMs: PATIENCE_MS,
      });
      return new PartProcess(name, part, logs);
    };
    const processes = {
      postgres: new PartProcess('postgres', postgres, logs),
      temporal: new PartProcess('temporal', temporalPart(settings, await findTemporal(TOOLS_DIR, say)), logs),
      api: program('api', 'api', '/healthz'),
      'worker-1': program('worker-1', 'worker', '/readyz'),
      'worker-2': program('worker-2', 'worker', '/readyz'),
    };
    const installation = new Installation(
      processes,
      () => namedUrl(postgres.databaseUrl, 'rig'),
      temporalAddress,
      apiUrl,
      { apiKey, secretKey },
    );
    try {
      for (const names of [['postgres', 'temporal'], ['api'], WORKERS] as const) await installation.startAll(names);
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  async stop(): Promise<void> {
    const { postgres, ...others } = this.processes;
    await Promise.all(Object.values(others).map((each) => each.kill()));
    await postgres.kill();
  }

  /** Calls a path below `/api/v1`, again until it is answered. @throws what no repeat makes right */
  async call<Answer>(method: string, path: string, wanted: Wanted = {}): Promise<Answer> {
    const deadline = performance.now() + CALL_DEADLINE_MS;
    for (;;) {
      const answer = await this.tryToCall<Answer>(method, path, wanted);
      if (answer !== null) return answer;
      if (performance.now() > deadline) throw new Error(`${method} ${path} was not answered.`);
      await sleep(CALL_PAUSE_MS);
    }
  }

  /** @returns null when nothing, or an answer of 500 and above, came @throws when the call was refused */
  async tryToCall<Answer>(method: string, path: string, { body, key }: Wanted = {}): Promise<Answer | null> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.secrets.apiKey}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (key !== undefined) headers['idempotency-key'] = key;
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${this.apiUrl}/api/v1${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await answer.text();
    } catch {
      return null; // killed, frozen or starting
    }
    if (answer.status >= 500) return null;
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  private async startAll(names: readonly ProcessName[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        await this.processes[name].start();
        await this.processes[name].whenReady();
      }),
    );
  }
}

/** The driver takes what stands behind the question mark for settings of the connection. */
function namedUrl(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', name);
  return url.href;
}
