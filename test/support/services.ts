import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import { type PartCommand, spawnPart } from '../../src/local/part-command';
import { preparePostgres, whenPostgresAnswers } from '../../src/local/postgres';
import { findTemporal, temporalCommand } from '../../src/local/temporal-server';
import { makeTemplate } from './database';
import { freePort } from './ports';
import { provide, SERVICE_VARIABLES, say } from './service-variables';
import { buildWebUi } from './web-ui-build';
import { bundleWorkflows } from './workflow-bundle';

/** Folder of the tools that tests and `npm start` fetch, kept between runs. */
export const TOOLS_DIR = resolve('.tools');
const TEMPORAL_NAMESPACE = 'default';
/** The first start of either server on a busy machine. */
const START_TIMEOUT_MS = 60_000;

interface Service {
  child: ChildProcess;
  stopSignal: NodeJS.Signals;
}

/** One PostgreSQL and one Temporal server, shared by all tests of a run. */
export class SharedServices {
  static #current: SharedServices | undefined;
  readonly #services: Service[] = [];
  #postgres: Promise<void> | undefined;
  #temporal: Promise<void> | undefined;
  #bundle: Promise<void> | undefined;

  private constructor(readonly folder: string) {}

  /** Starts them, once in a run, however many projects ask for them. */
  static start = (): Promise<void> =>
    SharedServices.#having((services) =>
      Promise.all([services.#startedPostgres(), services.#startedTemporal(), services.#bundledWorkflows()]),
    );

  /** Starts them, and builds the web UI. */
  static startWithWebUi = async (): Promise<void> => {
    await SharedServices.start();
    await SharedServices.#having((services) => services.#builtWebUi());
  };

  /** Starts the database alone. */
  static startPostgres = (): Promise<void> => SharedServices.#having((services) => services.#startedPostgres());

  /** Starts the database, and bundles the workflow code. */
  static startForWorkflows = (): Promise<void> =>
    SharedServices.#having((services) => Promise.all([services.#startedPostgres(), services.#bundledWorkflows()]));

  static async #having(start: (services: SharedServices) => Promise<unknown>): Promise<void> {
    SharedServices.#current ??= new SharedServices(await mkdtemp(join(tmpdir(), 'sync-test-')));
    try {
      await start(SharedServices.#current);
    } catch (error) {
      await SharedServices.stop();
      throw error;
    }
  }

  /** Stops what runs, and forgets all data. */
  static async stop(): Promise<void> {
    const services = SharedServices.#current;
    SharedServices.#current = undefined;
    if (services) await services.#stop();
  }

  async #stop(): Promise<void> {
    await Promise.all(
      this.#services.map(async ({ child, stopSignal }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill(stopSignal);
        await once(child, 'exit');
      }),
    );
    await rm(this.folder, { recursive: true, force: true });
  }

  #startedPostgres = (): Promise<void> => (this.#postgres ??= this.#startPostgres());
  #startedTemporal = (): Promise<void> => (this.#temporal ??= this.#startTemporal());

  #bundledWorkflows = (): Promise<void> =>
    (this.#bundle ??= provide(SERVICE_VARIABLES.workflowBundle, () => bundleWorkflows(this.folder)));

  #builtWebUi(): Promise<void> {
    return provide(SERVICE_VARIABLES.webUi, () => buildWebUi(join(this.folder, 'web')));
  }

  async #startPostgres(): Promise<void> {
    const server = await preparePostgres({
      dataDir: join(this.folder, 'postgres'),
      port: await freePort(),
      // nothing has to survive a test run
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
    });
    await this.#run('postgres', server.command, 'SIGINT', (signal) => whenPostgresAnswers(server, 'postgres', signal));
    process.env[SERVICE_VARIABLES.databaseTemplate] = await makeTemplate(server.url('postgres'));
  }

  async #startTemporal(): Promise<void> {
    await provide(SERVICE_VARIABLES.temporalAddress, async () => {
      const program = await findTemporal(TOOLS_DIR, say);
      const port = await freePort();
      const file = join(this.folder, 'temporal.db');
      const uiPort = await freePort();
      const command = temporalCommand(program, { file, namespace: TEMPORAL_NAMESPACE, port, uiPort });
      process.env[SERVICE_VARIABLES.temporalUi] = `http://127.0.0.1:${uiPort}`;
      const address = `127.0.0.1:${port}`;
      await this.#run('temporal', command, 'SIGTERM', () => whenTemporalAnswers(address));
      return address;
    });
  }

  /** Starts a service and waits until it is ready; its end before that is an error that shows what it wrote. */
  async #run(
    name: string,
    command: PartCommand,
    stopSignal: NodeJS.Signals,
    isReady: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const logFile = join(this.folder, `${name}.log`);
    const log = await open(logFile, 'a+');
    try {
      const child = spawnPart(command, { output: log.fd, detached: false });
      this.#services.push({ child, stopSignal });
      const over = new AbortController();
      const ended = once(child, 'exit', { signal: over.signal }).then(async ([code]) => {
        throw new Error(`${name} ended with ${code}:\n${await log.readFile('utf8')}`);
      });
      await Promise.race([isReady(AbortSignal.timeout(START_TIMEOUT_MS)), ended]);
      over.abort();
      await ended.catch((error: unknown) => {
        if (!(error instanceof Error && error.name === 'AbortError')) throw error;
      });
    } finally {
      await log.close();
    }
  }
}

async function whenTemporalAnswers(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: START_TIMEOUT_MS });
  await connection.close();
}
