import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback } from '../security/known-hosts';
import type { Settings } from '../settings';
import { createDemoConnections } from './demo-connections';
import { newApiKey, newSecretKey, readOrMakeKey } from './keys';
import { LogFiles } from './log-files';
import { markOf, nodePart, PostgresPart, temporalPart } from './parts';
import { type NeededPort, requireFreePorts } from './ports';
import { requireSameMajor } from './postgres';
import { findProcesses, stopProcesses } from './processes';
import { makeSignInLink } from './sign-in-link';
import { PART_NAMES, type Part, type PartName, SupervisedPart } from './supervised-part';
import { findTemporal } from './temporal-server';
import type { Say } from './tool-ladder';

/** Each group ends before the next: the worker hands back its work while what it works with is still there. */
const STOP_ORDER: readonly (readonly PartName[])[] = [['api'], ['worker'], ['sandbox', 'temporal'], ['postgres']];
/** For what a killed start left running. Every part survives being killed, and a person waits for this start. */
const TAKE_OVER_PATIENCE_MS = 5_000;
const API_PATIENCE_MS = 15_000;
/** Longer than the grace that the worker gives its activities. */
const WORKER_PATIENCE_MS = 40_000;
const SANDBOX_PATIENCE_MS = 10_000;
/** Further instances of a vendor take the ports after its default one: see docs/sandbox.md. */
const FURTHER_SANDBOX_PORTS = 20;
const LOG_CHECK_EVERY_MS = 60_000;

export interface SupervisorOptions {
  settings: Settings;
  /** Folder of `src`, built. */
  programDir: string;
  /** Folder of the tools that were fetched; kept between starts. */
  toolsDir: string;
  say: Say;
}

/** Where a person finds what has been started. */
export interface Addresses {
  sync: string;
  /** Opens a session once; undefined where others than this machine can reach Sync. */
  signIn: string | undefined;
  apiDocuments: string;
  /** Undefined where Temporal is not ours and nobody told. */
  temporalUi: string | undefined;
  /** Undefined where the key was given, not made. */
  apiKeyFile: string | undefined;
}

/** Everything of Sync on one machine: starts the parts in order, keeps them running, and stops them in order. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #logs: LogFiles;
  readonly #parts = new Map<PartName, SupervisedPart>();
  readonly #stopping = new AbortController();
  #logCheck: NodeJS.Timeout | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#logs = new LogFiles(join(options.settings.dataDir, 'logs'));
  }

  /**
   * Returns when everything answers.
   * @throws OtherPostgresError, PortsTakenError, ToolMissingError, or the reason why a part does not start; `stop` is still to be called
   */
  async start(): Promise<Addresses> {
    const { settings } = this.#options;
    const { dataDir, sandbox } = settings;
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (settings.databaseUrl === undefined) await requireSameMajor(join(dataDir, 'postgres'));
    const keys = await this.#keys();
    await this.#takeOver();
    await requireFreePorts(neededPorts(settings));
    this.#logCheck = setInterval(() => void this.#checkLogs(), LOG_CHECK_EVERY_MS);

    const [databaseUrl, temporalAddress] = await Promise.all([
      this.#startPostgres(),
      this.#startTemporal(),
      sandbox.isOn ? this.#startPart(this.#sandbox()) : undefined,
    ]);
    const temporalUi = this.#temporalUi();
    const databaseFolder = settings.databaseUrl === undefined ? dataDir : settings.databaseFolder;
    const env = {
      SYNC_DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      ...(databaseFolder === undefined ? {} : { SYNC_DATABASE_FOLDER: databaseFolder }),
      TEMPORAL_ADDRESS: temporalAddress,
      ...(temporalUi === undefined ? {} : { TEMPORAL_UI_URL: temporalUi }),
      SYNC_SECRET_KEY: keys.secretKey,
      SYNC_API_KEY: keys.apiKey,
      SYNC_ALLOWED_HOSTS: (settings.allowedHosts ?? (sandbox.isOn ? sandboxHosts(sandbox) : [])).join(','),
    };
    await Promise.all([this.#startPart(this.#service('api', env)), this.#startPart(this.#service('worker', env))]);
    if (sandbox.isOn) await this.#makeDemoConnections(keys.apiKey);
    return {
      sync: settings.publicUrl,
      signIn: isLoopback(settings.host) ? await makeSignInLink(this.#localUrl, keys.apiKey) : undefined,
      apiDocuments: `${settings.publicUrl}/docs`,
      temporalUi,
      apiKeyFile: settings.apiKey === undefined ? this.#apiKeyFile : undefined,
    };
  }

  /** Stops every part, in order. What does not end in time is killed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#logCheck);
    for (const group of STOP_ORDER) {
      const parts = group.flatMap((name) => this.#parts.get(name) ?? []);
      if (parts.length === 0) continue;
      this.#options.say(`Stopping ${parts.map(({ part }) => part.name).join(' and ')}`);
      await Promise.all(parts.map((part) => part.stop()));
    }
  }

  /** Ends every part at once. Nothing is lost: the next start goes on from what was stored. */
  kill(): void {
    for (const part of this.#parts.values()) part.kill();
  }

  get #apiKeyFile(): string {
    return join(this.#options.settings.dataDir, 'api.key');
  }

  async #keys(): Promise<{ secretKey: string; apiKey: string }> {
    const { dataDir, secretKeys, apiKey } = this.#options.settings;
    return {
      secretKey:
        secretKeys?.map((key) => key.toString('base64')).join(',') ??
        (await readOrMakeKey(join(dataDir, 'secret.key'), newSecretKey)),
      apiKey: apiKey ?? (await readOrMakeKey(this.#apiKeyFile, newApiKey)),
    };
  }

  /** Ends what a killed start left running, so that the ports and files are free, and everything runs this version. */
  async #takeOver(): Promise<void> {
    const { settings, say } = this.#options;
    for (const name of STOP_ORDER.flat()) {
      const mark = markOf(name, settings.dataDir);
      const [left] = await findProcesses(mark);
      if (!left) continue;
      say(`Taking over ${name} (process ${left.pid}), which an earlier start left running`);
      await stopProcesses(mark, {
        signal: name === 'postgres' ? 'SIGINT' : 'SIGTERM',
        patienceMs: TAKE_OVER_PATIENCE_MS,
      });
    }
  }

  async #startPostgres(): Promise<string> {
    const { databaseUrl } = this.#options.settings;
    if (databaseUrl !== undefined) {
      this.#options.say('PostgreSQL: the one of DATABASE_URL');
      return databaseUrl;
    }
    const postgres = new PostgresPart(this.#options.settings);
    await this.#startPart(postgres);
    return postgres.databaseUrl;
  }

  async #startTemporal(): Promise<string> {
    const { settings, toolsDir, say } = this.#options;
    const { address } = settings.temporal;
    if (address !== undefined) {
      say(`Temporal server: the one of TEMPORAL_ADDRESS: ${address}`);
      return address;
    }
    const program = await findTemporal(toolsDir, say, this.#stopping.signal);
    await this.#startPart(temporalPart(settings, program));
    return `127.0.0.1:${settings.localPorts.temporal}`;
  }

  #temporalUi(): string | undefined {
    const { temporal, localPorts } = this.#options.settings;
    if (temporal.uiUrl !== undefined) return temporal.uiUrl;
    return temporal.address === undefined ? `http://127.0.0.1:${localPorts.temporalUi}` : undefined;
  }

  #sandbox(): Part {
    const { settings, programDir } = this.#options;
    return nodePart('sandbox', settings.dataDir, {
      script: join(programDir, 'sandbox', 'main.js'),
      env: () => ({ SYNC_DATA_DIR: settings.dataDir }),
      probe: `http://127.0.0.1:${settings.sandbox.ports.control}/status`,
      patienceMs: SANDBOX_PATIENCE_MS,
    });
  }

  /** The API is ready when it answers, the worker when the API sees it poll, and the database and Temporal are reached. */
  #service(name: 'api' | 'worker', env: Readonly<Record<string, string>>): Part {
    const { settings, programDir } = this.#options;
    return nodePart(name, settings.dataDir, {
      script: join(programDir, name, 'main.js'),
      env: () => env,
      probe: `${this.#localUrl}${name === 'api' ? '/healthz' : '/readyz'}`,
      patienceMs: name === 'api' ? API_PATIENCE_MS : WORKER_PATIENCE_MS,
    });
  }

  /** Where this machine reaches the API, whatever people use. */
  get #localUrl(): string {
    const { host, port } = this.#options.settings;
    const local = ({ '0.0.0.0': '127.0.0.1', '::': '[::1]' } as Record<string, string>)[host] ?? host;
    return `http://${local.includes(':') && !local.startsWith('[') ? `[${local}]` : local}:${port}`;
  }

  async #startPart(part: Part): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { settings, say } = this.#options;
    const startedAt = performance.now();
    const supervised = new SupervisedPart(part, {
      runDir: join(settings.dataDir, 'run'),
      logs: this.#logs,
      say,
    });
    this.#parts.set(part.name, supervised);
    await supervised.start();
    say(`${part.name} runs (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  }

  async #makeDemoConnections(apiKey: string): Promise<void> {
    const { settings, say } = this.#options;
    const created = await createDemoConnections(this.#localUrl, apiKey, settings.sandbox.ports);
    if (created.length > 0) say(`Created the connections ${created.join(' and ')}`);
  }

  async #checkLogs(): Promise<void> {
    try {
      await Promise.all(PART_NAMES.map((name) => this.#logs.setAsideIfLarge(name)));
    } catch (error) {
      this.#options.say(`A log could not be set aside: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function neededPorts({ host, port, databaseUrl, temporal, localPorts, sandbox }: Settings): NeededPort[] {
  const local = (setting: string, ...ports: number[]) =>
    ports.map((number) => ({ setting, host: '127.0.0.1', port: number }));
  return [
    { setting: 'PORT', host, port },
    ...(databaseUrl === undefined ? local('SYNC_POSTGRES_PORT', localPorts.postgres) : []),
    ...(temporal.address === undefined ? local('SYNC_TEMPORAL_PORTS', localPorts.temporal, localPorts.temporalUi) : []),
    ...(sandbox.isOn
      ? [
          ...local('SYNC_SANDBOX_PORTS', ...Object.values(sandbox.ports)),
          ...local('SYNC_SANDBOX_TLS_PORTS', ...Object.values(sandbox.tlsPorts ?? {})),
        ]
      : []),
  ];
}

/** Addresses of the sandbox's vendors, plain and over TLS: the default instances, and those that may follow them. */
function sandboxHosts({ ports, tlsPorts }: Settings['sandbox']): string[] {
  const first = [ports.salesforce, ports.marketo, ...Object.values(tlsPorts ?? {})];
  const following = first.flatMap((port) => Array.from({ length: FURTHER_SANDBOX_PORTS }, (_, at) => port + 1 + at));
  const vendors = [...new Set([...first, ...following])].filter((port) => port !== ports.control);
  return vendors.map((port) => `127.0.0.1:${port}`);
}
