import { resolve } from 'node:path';
import { z } from 'zod';

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'a port is a number from 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'a port is a number from 1 to 65535');

/** So many ports, comma-separated, all different. */
const ports = <const Names extends readonly string[]>(names: Names) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(port).length(names.length, `give ${names.length} ports, comma-separated: ${names.join(', ')}`))
    .refine((list) => new Set(list).size === list.length, 'the ports must differ')
    .transform(
      (list) => Object.fromEntries(names.map((name, at) => [name, list[at]])) as Record<Names[number], number>,
    );

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `a whole number from ${least} to ${most}`);

const bindAddress = z
  .string()
  .regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d{1,5}$/i, 'an IP address and a port, such as 127.0.0.1:9464')
  .transform((text) => {
    const [, host = '', port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? [];
    return { host, port: Number(port) };
  })
  .refine(({ port }) => port >= 1 && port <= 65_535, 'a port is a number from 1 to 65535');

const onOff = z.enum(['on', 'off'], 'either on or off').transform((value) => value === 'on');

const webUrl = z
  .url({ protocol: /^https?$/, error: 'an address that starts with http:// or https://' })
  .transform((url) => url.replace(/\/+$/, ''));

const KEY_BYTES = 32;
const secretKeys = z
  .string()
  .transform((text) => text.split(',').map((part) => Buffer.from(part.trim(), 'base64')))
  .refine(
    (keys) => keys.every((key) => key.length === KEY_BYTES),
    `each key is ${KEY_BYTES} bytes in base64; make one with: openssl rand -base64 ${KEY_BYTES}`,
  );

const hosts = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim().toLowerCase()))
  .pipe(z.array(z.string().regex(/^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/, 'each is a name or name:port')));

const networks = z
  .string()
  .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
  .pipe(
    z.array(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'each is an address or a network, such as 10.0.0.0/8'),
    ),
  );

const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}, 'not a time zone; use a name such as Europe/Vienna');

/** Every environment variable that Sync reads, with its default. What has none may be absent: see `Settings`. */
const environment = z.object({
  PORT: port.prefault('3000'),
  HOST: z.string().default('127.0.0.1'),
  SYNC_DATA_DIR: z.string().default('.sync'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'an address such as postgres://user:password@host:5432/database' })
    .optional(),
  SYNC_DATABASE_FOLDER: z.string().optional(),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-f:.]+\]:\d{1,5}$/i, 'give host:port, without http://')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_TLS: onOff.optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_UI_URL: webUrl.optional(),
  SYNC_SECRET_KEY: secretKeys.optional(),
  SYNC_API_KEY: z.string().min(16, 'at least 16 characters').optional(),
  SYNC_CALLS_PER_MINUTE: wholeNumber(1, 10_000_000).prefault('12000'),
  SYNC_EVENT_STREAMS: wholeNumber(1, 1_000_000).prefault('1000'),
  SYNC_EVENT_STREAMS_EACH: wholeNumber(1, 1_000_000).prefault('50'),
  SYNC_TRUSTED_PROXIES: networks.prefault(''),
  SYNC_ALLOWED_HOSTS: hosts.optional(),
  SYNC_SANDBOX: onOff.prefault('off'),
  SYNC_SANDBOX_PORTS: ports(['salesforce', 'marketo', 'control']).prefault('4100,4200,4300'),
  SYNC_SANDBOX_TLS_PORTS: z
    .union([z.literal('off').transform(() => undefined), ports(['salesforce', 'marketo'])])
    .prefault('4143,4243'),
  SYNC_SANDBOX_PEOPLE: wholeNumber(0, 5_000_000).prefault('5000'),
  SYNC_TEMPORAL_PORTS: ports(['server', 'ui']).prefault('7233,8233'),
  SYNC_POSTGRES_PORT: port.prefault('5433'),
  SYNC_PUBLIC_URL: webUrl.optional(),
  SYNC_RETENTION_DAYS: wholeNumber(1, 36_500).prefault('30'),
  SYNC_TIME_ZONE: timeZone.default('UTC'),
  SYNC_METRICS_ADDRESS: bindAddress.optional(),
  SYNC_TEMPORAL_METRICS_ADDRESS: bindAddress.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: webUrl.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** The names of all settings, as the manual lists them. */
export const SETTING_NAMES: readonly string[] = Object.keys(environment.shape);

type Environment = Readonly<Record<string, string | undefined>>;

/** Where something listens: an IP address without brackets, and a port. */
export interface BindAddress {
  host: string;
  port: number;
}

/** How to reach Temporal. Paths are those of PEM files. */
export interface TemporalSettings {
  /** `host:port`; absent where a local dev server is to be started. */
  address?: string;
  namespace: string;
  apiKey?: string;
  /** Present when the connection is encrypted: asked for, implied by an API key, or by any of the files. */
  tls?: { serverCaPath?: string; clientCertPath?: string; clientKeyPath?: string; serverName?: string };
  /** Base of the Web UI without a trailing slash; absent where none is known, then there are no links. */
  uiUrl?: string;
}

export interface Settings {
  host: string;
  port: number;
  /** Where people reach the UI, without a trailing slash. */
  publicUrl: string;
  /** Absolute path. */
  dataDir: string;
  /** Absent where the embedded PostgreSQL is to be started. */
  databaseUrl?: string;
  /** Where the database's files lie, if that is on this machine: runs look whether there is room on that disk. */
  databaseFolder?: string;
  temporal: TemporalSettings;
  /** 32 bytes each: the first encrypts, all decrypt. Absent where one is to be made at first start. */
  secretKeys?: readonly Buffer[];
  /** An admin's API key. Absent where one is to be made at first start, or keys are in the database alone. */
  apiKey?: string;
  /** How many calls one caller may make in a minute. */
  callsPerMinute: number;
  /** Most streams of events that are open at once in a process of the API: by one key or session, and by all. */
  eventStreams: { ofOne: number; ofAll: number };
  /** Addresses and networks of proxies whose `X-Forwarded-For` tells who calls. */
  trustedProxies: readonly string[];
  /** `name` or `name:port`, lower case. Absent where the setting is: then the sandbox's, if it is started, else none. */
  allowedHosts?: readonly string[];
  sandbox: {
    isOn: boolean;
    ports: { salesforce: number; marketo: number; control: number };
    /** Absent where the sandbox does not serve TLS. */
    tlsPorts?: { salesforce: number; marketo: number };
    /** How many people the demo data of Marketo has. */
    people: number;
  };
  localPorts: { temporal: number; temporalUi: number; postgres: number };
  retentionDays: number;
  /** IANA name: the zone where a definition names none. */
  timeZone: string;
  /** Where a worker serves its metrics and its health; absent where it does not. */
  metricsAddress?: BindAddress;
  /** Where Temporal's SDK serves its metrics of the worker; absent where it does not. */
  temporalMetricsAddress?: BindAddress;
  /** Where traces are sent, without `/v1/traces`; absent where there are none. */
  tracesEndpoint?: string;
  logLevel: z.output<typeof environment>['LOG_LEVEL'];
}

/** The settings of a part that runs by itself, where nothing is started or made for it. */
export type ServiceSettings = Settings &
  Required<Pick<Settings, 'databaseUrl' | 'secretKeys' | 'allowedHosts'>> & {
    temporal: TemporalSettings & Required<Pick<TemporalSettings, 'address'>>;
  };

/** A setting is missing or wrong. The message names each, and never its value, which may be a secret. */
export class SettingsError extends Error {
  override name = 'SettingsError';
  constructor(problems: readonly string[]) {
    super(`Settings that need your attention:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/**
 * Reads all settings from the environment. An empty variable counts as absent, as container files write it.
 * @throws SettingsError that names every setting that is wrong
 */
export function readSettings(env: Environment): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new SettingsError(parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`));
  }
  const values = parsed.data;
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.SYNC_PUBLIC_URL ?? `http://${bracketed(values.HOST)}:${values.PORT}`,
    dataDir: resolve(values.SYNC_DATA_DIR),
    ...present({
      databaseUrl: values.DATABASE_URL,
      databaseFolder: values.SYNC_DATABASE_FOLDER,
      secretKeys: values.SYNC_SECRET_KEY,
      apiKey: values.SYNC_API_KEY,
      allowedHosts: values.SYNC_ALLOWED_HOSTS,
      metricsAddress: values.SYNC_METRICS_ADDRESS,
      temporalMetricsAddress: values.SYNC_TEMPORAL_METRICS_ADDRESS,
      tracesEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    }),
    temporal: temporalSettings(values),
    sandbox: {
      isOn: values.SYNC_SANDBOX,
      ports: values.SYNC_SANDBOX_PORTS,
      ...present({ tlsPorts: values.SYNC_SANDBOX_TLS_PORTS }),
      people: values.SYNC_SANDBOX_PEOPLE,
    },
    localPorts: {
      temporal: values.SYNC_TEMPORAL_PORTS.server,
      temporalUi: values.SYNC_TEMPORAL_PORTS.ui,
      postgres: values.SYNC_POSTGRES_PORT,
    },
    callsPerMinute: values.SYNC_CALLS_PER_MINUTE,
    eventStreams: { ofOne: values.SYNC_EVENT_STREAMS_EACH, ofAll: values.SYNC_EVENT_STREAMS },
    trustedProxies: values.SYNC_TRUSTED_PROXIES,
    retentionDays: values.SYNC_RETENTION_DAYS,
    timeZone: values.SYNC_TIME_ZONE,
    logLevel: values.LOG_LEVEL,
  };
}

/**
 * Reads the settings of the API or the worker, which start nothing by themselves: the database, Temporal and the secret key
 * must be given.
 * @throws SettingsError that names every setting that is wrong or missing
 */
export function readServiceSettings(env: Environment): ServiceSettings {
  const settings = readSettings(env);
  const { databaseUrl, secretKeys, temporal } = settings;
  const { address } = temporal;
  if (databaseUrl && secretKeys && address) {
    const allowedHosts = settings.allowedHosts ?? [];
    return { ...settings, databaseUrl, secretKeys, allowedHosts, temporal: { ...temporal, address } };
  }
  const needed = { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: address, SYNC_SECRET_KEY: secretKeys };
  throw new SettingsError(
    Object.entries(needed)
      .filter(([, value]) => !value)
      .map(([name]) => `${name}: needed, since this part starts nothing by itself ("npm start" sets it)`),
  );
}

function temporalSettings(values: z.output<typeof environment>): TemporalSettings {
  const files = present({
    serverCaPath: values.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
    clientCertPath: values.TEMPORAL_TLS_CLIENT_CERT_PATH,
    clientKeyPath: values.TEMPORAL_TLS_CLIENT_KEY_PATH,
    serverName: values.TEMPORAL_TLS_SERVER_NAME,
  });
  if ('clientCertPath' in files !== 'clientKeyPath' in files) {
    throw new SettingsError(['TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH: give both or none']);
  }
  const isEncrypted = values.TEMPORAL_TLS ?? (Boolean(values.TEMPORAL_API_KEY) || Object.keys(files).length > 0);
  return {
    namespace: values.TEMPORAL_NAMESPACE,
    ...present({ address: values.TEMPORAL_ADDRESS, apiKey: values.TEMPORAL_API_KEY, uiUrl: values.TEMPORAL_UI_URL }),
    ...(isEncrypted ? { tls: files } : {}),
  };
}

/** The same object without the members that are undefined. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** An IPv6 address stands in brackets in a URL. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
