import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, loadCertificate } from './certificate';
import { createClock } from './clock';
import { createControlApi } from './control-api';
import type { Clock, VendorKind } from './core';
import { loadDemoData } from './demo/demo-data';
import { type Defect, type InstanceHost, startInstance } from './instance-host';
import { PortTakenError, startListener } from './listener';
import { createMarketoInstance } from './marketo/instance';
import { createSalesforceInstance } from './salesforce/instance';
import { openSandboxState, type SandboxState } from './sandbox-state';
import { seededRandom } from './seeded-random';
import { addFaults, declareObjects } from './start-files';

export interface SandboxOptions {
  /** Where everything is kept. Absent: a temporary folder, removed when the sandbox stops. */
  dataDir?: string | undefined;
  /** 0 (the default) takes any free port at first, and the same one at each restart. */
  ports?: { salesforce?: number; marketo?: number; control?: number } | undefined;
  /** Present: the default instances are served over TLS too. */
  tlsPorts?: { salesforce?: number; marketo?: number } | undefined;
  /** Size of the demo data in people, loaded at the first start alone. 0 (the default) leaves the instances empty. */
  people?: number | undefined;
  /** Decides all chance: demo data, faults by chance, the order of results. Default 1. */
  seed?: number | undefined;
  /** JSON file of faults to begin with: `[{"instance": "salesforce/default", …fault}]`. */
  faultFile?: string | undefined;
  /** JSON file of custom objects and fields of Salesforce orgs, which are declared unless they are there. */
  objectFile?: string | undefined;
  /** Default 127.0.0.1. */
  host?: string | undefined;
  /** Sets the clock to an instant, milliseconds since 1970. Absent: the machine's time, or where the last run was. */
  startAt?: number | undefined;
  /** Told of each failure of the sandbox itself; they are kept in `defects` anyway. */
  onDefect?: ((defect: Defect) => void) | undefined;
}

export type SalesforceHost = InstanceHost<ReturnType<typeof createSalesforceInstance>>;
export type MarketoHost = InstanceHost<ReturnType<typeof createMarketoInstance>>;
/** The kind of host that belongs to a kind of vendor. */
export type HostOf<Kind extends VendorKind> = Kind extends 'salesforce' ? SalesforceHost : MarketoHost;

export interface CreateInstanceOptions {
  /** Lower-case letters, digits and hyphens. */
  name: string;
  /** Fills it with demo data of that size. */
  people?: number | undefined;
  port?: number | undefined;
  /** Serves it over TLS too. */
  tls?: boolean | undefined;
}

export interface Sandbox {
  /** The default instances. */
  readonly salesforce: SalesforceHost;
  readonly marketo: MarketoHost;
  readonly controlUrl: string;
  readonly clock: Clock;
  readonly dataDir: string;
  /** Path of the certificate (PEM) that TLS clients have to trust, once anything is served over TLS. */
  readonly certificatePath: string | undefined;
  /** Failures of the sandbox itself since it started: always empty, or there is a bug to report. */
  readonly defects: readonly Defect[];
  instances(): InstanceHost[];
  instance<Kind extends VendorKind>(kind: Kind, name: string): HostOf<Kind> | undefined;
  /** @throws InstanceNameError when the name is taken or malformed, PortTakenError */
  createInstance<Kind extends VendorKind>(kind: Kind, options: CreateInstanceOptions): Promise<HostOf<Kind>>;
  /** Ends an instance and forgets its data. The default instances cannot be removed. */
  removeInstance(kind: VendorKind, name: string): Promise<boolean>;
  stop(): Promise<void>;
}

export const DEFAULT_INSTANCE = 'default';
/**
 * Where the default instances have fixed ports, further ones take the first free of so many that follow, plain and over
 * TLS, so that who restricts the addresses that may be called can allow them beforehand. docs/sandbox.md says so.
 */
const FURTHER_PORTS = 20;
const INSTANCE_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Kept instead of a size while demo data are being loaded: a start that finds it begins anew. */
const LOADING = -1;

/** The name of a new instance is malformed or taken. */
export class InstanceNameError extends Error {
  override name = 'InstanceNameError';
}

/** Starts both vendors' default instances, all further instances of the data folder, and the control API. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const isTemporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'sync-sandbox-'));
  mkdirSync(dataDir, { recursive: true });
  const state = openSandboxState(join(dataDir, 'sandbox.sqlite'));
  const clock = createClock(state.clockOffsetMs(), (offsetMs) => state.saveClockOffset(offsetMs));
  if (options.startAt !== undefined) clock.set(options.startAt);
  const running = new RunningInstances(options, dataDir, state, clock);
  const end = async (): Promise<void> => {
    await running.closeAll();
    clock.stop();
    state.close();
    if (isTemporary) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await running.startAll();
    const control = createControlApi({
      clock,
      instances: () => running.all(),
      instance: (kind, name) => running.get(kind, name),
      createInstance: (kind, wanted) => running.create(kind, wanted),
      removeInstance: (kind, name) => running.remove(kind, name),
      defects: () => running.defects,
    });
    const host = options.host ?? '127.0.0.1';
    const listener = await startListener(control, host, options.ports?.control || (state.controlPort() ?? 0));
    state.saveControlPort(listener.port);
    return {
      get salesforce() {
        return running.require('salesforce', DEFAULT_INSTANCE);
      },
      get marketo() {
        return running.require('marketo', DEFAULT_INSTANCE);
      },
      controlUrl: `http://${host}:${listener.port}`,
      clock,
      dataDir,
      get certificatePath() {
        return running.certificate?.certPath;
      },
      defects: running.defects,
      instances: () => running.all(),
      instance: (kind, name) => running.get(kind, name),
      createInstance: (kind, wanted) => running.create(kind, wanted),
      removeInstance: (kind, name) => running.remove(kind, name),
      async stop() {
        await listener.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The instances of one sandbox, by kind and name. */
class RunningInstances {
  readonly defects: Defect[] = [];
  certificate: Certificate | undefined;
  private readonly hosts = new Map<string, SalesforceHost | MarketoHost>();

  constructor(
    private readonly options: SandboxOptions,
    private readonly dataDir: string,
    private readonly state: SandboxState,
    private readonly clock: Clock,
  ) {}

  all(): (SalesforceHost | MarketoHost)[] {
    return [...this.hosts.values()];
  }

  get<Kind extends VendorKind>(kind: Kind, name: string): HostOf<Kind> | undefined {
    return this.hosts.get(`${kind}/${name}`) as HostOf<Kind> | undefined; // the key says which kind it is
  }

  require<Kind extends VendorKind>(kind: Kind, name: string): HostOf<Kind> {
    const host = this.get(kind, name);
    if (!host) throw new Error(`The sandbox has no instance ${kind}/${name}`);
    return host;
  }

  async startAll(): Promise<void> {
    const stored = this.state.instances();
    const isHalfLoaded = stored.some(({ name, people }) => name === DEFAULT_INSTANCE && people === LOADING);
    for (const kind of ['salesforce', 'marketo'] as const) {
      const before = stored.find((one) => one.kind === kind && one.name === DEFAULT_INSTANCE);
      if (isHalfLoaded) this.removeFiles(kind, DEFAULT_INSTANCE);
      const wantsTls = this.options.tlsPorts !== undefined;
      await this.start(kind, {
        name: DEFAULT_INSTANCE,
        port: this.options.ports?.[kind] || (before?.port ?? 0),
        tlsPort: wantsTls ? this.options.tlsPorts?.[kind] || (before?.tlsPort ?? 0) : undefined,
        people: isHalfLoaded ? 0 : (before?.people ?? 0),
      });
    }
    await this.fillDefaults();
    for (const { kind, name, port, tlsPort, people } of stored)
      if (name !== DEFAULT_INSTANCE) await this.start(kind, { name, port, tlsPort: tlsPort ?? undefined, people });
    const { faultFile, objectFile } = this.options;
    if (objectFile !== undefined) declareObjects(objectFile, (instance) => this.orgOf(instance));
    if (faultFile !== undefined) addFaults(faultFile, (instance) => this.hosts.get(instance));
  }

  async create<Kind extends VendorKind>(kind: Kind, wanted: CreateInstanceOptions): Promise<HostOf<Kind>> {
    const { name, people = 0, port, tls = false } = wanted;
    if (!INSTANCE_NAME.test(name))
      throw new InstanceNameError('The name must be 1 to 40 lower-case letters, digits or hyphens');
    if (this.get(kind, name)) throw new InstanceNameError(`There is an instance ${kind}/${name} already`);
    this.removeFiles(kind, name);
    const host = await this.startOnFreePort(kind, { name, port, tls, people });
    if (people > 0) await this.fillOne(kind, name, people);
    return host;
  }

  async remove(kind: VendorKind, name: string): Promise<boolean> {
    const host = this.get(kind, name);
    if (!host || name === DEFAULT_INSTANCE) return false;
    this.hosts.delete(`${kind}/${name}`);
    await host.close();
    this.state.removeInstance(kind, name);
    this.removeFiles(kind, name);
    return true;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.all().map((host) => host.close()));
    this.hosts.clear();
  }

  /** Where no port is wanted, those that are taken by other programs are passed over. */
  private async startOnFreePort<Kind extends VendorKind>(
    kind: Kind,
    { name, port, tls, people }: { name: string; port: number | undefined; tls: boolean; people: number },
  ): Promise<HostOf<Kind>> {
    const passedOver = new Set<number>();
    for (;;) {
      const plain = port ?? this.followingPort(this.options.ports?.[kind], passedOver);
      const secure = tls ? this.followingPort(this.options.tlsPorts?.[kind], passedOver) : undefined;
      try {
        return await this.start(kind, { name, port: plain, tlsPort: secure, people });
      } catch (error) {
        if (!(error instanceof PortTakenError) || error.port === port) throw error;
        passedOver.add(error.port);
      }
    }
  }

  /** The first port after a vendor's fixed one that is not in use here; 0, any free one, where there is none. */
  private followingPort(first: number | undefined, passedOver: ReadonlySet<number>): number {
    if (!first) return 0;
    const own = [...Object.values(this.options.ports ?? {}), ...Object.values(this.options.tlsPorts ?? {})];
    const used = this.all().flatMap(({ ports }) => [ports.plain, ports.tls]);
    for (let port = first + 1; port <= first + FURTHER_PORTS; port += 1) {
      if (!own.includes(port) && !used.includes(port) && !passedOver.has(port)) return port;
    }
    return 0;
  }

  private async start<Kind extends VendorKind>(
    kind: Kind,
    { name, port, tlsPort, people }: { name: string; port: number; tlsPort: number | undefined; people: number },
  ): Promise<HostOf<Kind>> {
    if (tlsPort !== undefined) this.certificate ??= await loadCertificate(this.dataDir);
    const common = {
      name,
      file: this.fileOf(kind, name),
      clock: this.clock,
      random: this.randomOf(`${kind}/${name}`),
      host: this.options.host ?? '127.0.0.1',
      port,
      tls: tlsPort !== undefined && this.certificate ? { port: tlsPort, certificate: this.certificate } : undefined,
      initialFaults: this.state.faults(kind, name),
      onFaultsChange: (faults: Parameters<SandboxState['saveFaults']>[2]) => this.state.saveFaults(kind, name, faults),
      onDefect: (defect: Defect) => {
        this.defects.push(defect);
        this.options.onDefect?.(defect);
      },
    };
    const host =
      kind === 'salesforce'
        ? await startInstance({ ...common, kind: 'salesforce', createVendor: createSalesforceInstance })
        : await startInstance({ ...common, kind: 'marketo', createVendor: createMarketoInstance });
    this.hosts.set(`${kind}/${name}`, host);
    this.state.saveInstance({ kind, name, port: host.ports.plain, tlsPort: host.ports.tls ?? null, people });
    return host as HostOf<Kind>; // made by the branch of that kind
  }

  /** Demo data of both default instances belong together, and are loaded once. */
  private async fillDefaults(): Promise<void> {
    const people = this.options.people ?? 0;
    const salesforce = this.require('salesforce', DEFAULT_INSTANCE);
    const marketo = this.require('marketo', DEFAULT_INSTANCE);
    const isFilled = this.state.instances().some((one) => one.name === DEFAULT_INSTANCE && one.people > 0);
    if (people === 0 || isFilled) return;
    const note = (host: SalesforceHost | MarketoHost, size: number): void =>
      this.state.saveInstance({
        kind: host.kind,
        name: host.name,
        port: host.ports.plain,
        tlsPort: host.ports.tls ?? null,
        people: size,
      });
    for (const host of [salesforce, marketo]) note(host, LOADING);
    await loadDemoData({
      salesforce: salesforce.vendor,
      marketo: marketo.state,
      people,
      seed: this.options.seed ?? 1,
      now: this.clock.now(),
    });
    for (const host of [salesforce, marketo]) note(host, people);
  }

  private async fillOne(kind: VendorKind, name: string, people: number): Promise<void> {
    const plan = { people, seed: this.options.seed ?? 1, now: this.clock.now() };
    if (kind === 'salesforce') await loadDemoData({ ...plan, salesforce: this.require(kind, name).vendor });
    else await loadDemoData({ ...plan, marketo: this.require(kind, name).state });
  }

  private orgOf(instance: string) {
    const [kind, name = ''] = instance.split('/');
    return kind === 'salesforce' ? this.get(kind, name)?.vendor.org : undefined;
  }

  private fileOf(kind: VendorKind, name: string): string {
    return join(this.dataDir, `${kind}-${name}.sqlite`);
  }

  private removeFiles(kind: VendorKind, name: string): void {
    for (const suffix of ['', '-wal', '-shm']) {
      const file = this.fileOf(kind, name) + suffix;
      if (existsSync(file)) rmSync(file);
    }
  }

  private randomOf(label: string): () => number {
    let hash = this.options.seed ?? 1;
    for (const letter of label) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
    return seededRandom(hash);
  }
}
