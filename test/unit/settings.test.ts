import { resolve } from 'node:path';
import { readServiceSettings, readSettings, SETTING_NAMES, SettingsError } from '../../src/settings';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

test('when nothing is set, it has the defaults of one machine', () => {
  const settings = readSettings({});

  expect(settings).toEqual({
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://127.0.0.1:3000',
    dataDir: resolve('.sync'),
    callsPerMinute: 12_000,
    eventStreams: { ofOne: 50, ofAll: 1_000 },
    trustedProxies: [],
    temporal: { namespace: 'default' },
    sandbox: {
      isOn: false,
      ports: { salesforce: 4100, marketo: 4200, control: 4300 },
      tlsPorts: { salesforce: 4143, marketo: 4243 },
      people: 5000,
    },
    localPorts: { temporal: 7233, temporalUi: 8233, postgres: 5433 },
    retentionDays: 30,
    timeZone: 'UTC',
    logLevel: 'info',
  });
});

test('a variable that is set to nothing counts as absent', () => {
  const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, '']));

  expect(readSettings(empty)).toEqual(readSettings({}));
});

test('the sandbox can do without TLS', () => {
  expect(readSettings({ SYNC_SANDBOX_TLS_PORTS: 'off' }).sandbox).not.toHaveProperty('tlsPorts');
});

test('everything that is set is read', () => {
  const settings = readSettings({
    HOST: '::1',
    PORT: '8080',
    DATABASE_URL: 'postgres://u:p@db:5432/sync',
    SYNC_SECRET_KEY: `${KEY}, ${OTHER_KEY}`,
    SYNC_API_KEY: 'sixteen letters!',
    SYNC_ALLOWED_HOSTS: 'Example.COM:8080, 127.0.0.1,[::1]:4100',
    SYNC_SANDBOX: 'on',
    SYNC_SANDBOX_PORTS: '1, 2 ,3',
    TEMPORAL_UI_URL: 'https://temporal.example.com/',
  });

  expect(settings).toMatchObject({
    publicUrl: 'http://[::1]:8080',
    databaseUrl: 'postgres://u:p@db:5432/sync',
    apiKey: 'sixteen letters!',
    allowedHosts: ['example.com:8080', '127.0.0.1', '[::1]:4100'],
    sandbox: { isOn: true, ports: { salesforce: 1, marketo: 2, control: 3 } },
    temporal: { uiUrl: 'https://temporal.example.com' },
  });
  expect(settings.secretKeys?.map((key) => key.toString('base64'))).toEqual([KEY, OTHER_KEY]);
});

test.each([
  ['an API key implies it', { TEMPORAL_API_KEY: 'k' }, {}],
  ['a CA file implies it', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'ca.pem' }, { serverCaPath: 'ca.pem' }],
  ['it is asked for', { TEMPORAL_TLS: 'on' }, {}],
  ['it is refused although there is an API key', { TEMPORAL_TLS: 'off', TEMPORAL_API_KEY: 'k' }, undefined],
])('the connection to Temporal is encrypted when %s', (_why, env, tls) => {
  expect(readSettings(env).temporal.tls).toEqual(tls);
});

test.each([
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', 'http'],
  ['SYNC_POSTGRES_PORT', '-1'],
  ['SYNC_SANDBOX_PORTS', '4100,4200'],
  ['SYNC_SANDBOX_PORTS', '4100,4100,4300'],
  ['SYNC_TEMPORAL_PORTS', '7233'],
  ['SYNC_SANDBOX', 'yes'],
  ['SYNC_SANDBOX_PEOPLE', '1e3'],
  ['SYNC_RETENTION_DAYS', '0'],
  ['DATABASE_URL', 'mysql://db/sync'],
  ['TEMPORAL_ADDRESS', 'http://temporal:7233'],
  ['TEMPORAL_ADDRESS', 'temporal'],
  ['TEMPORAL_UI_URL', 'temporal:8233'],
  ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'only-half.pem'],
  ['SYNC_PUBLIC_URL', 'ftp://sync.example.com'],
  ['SYNC_SECRET_KEY', 'c2hvcnQ='],
  ['SYNC_SECRET_KEY', `${KEY},`],
  ['SYNC_API_KEY', 'fifteen letters'],
  ['SYNC_ALLOWED_HOSTS', 'http://example.com'],
  ['SYNC_ALLOWED_HOSTS', 'a,,b'],
  ['SYNC_TIME_ZONE', 'Europe/Entenhausen'],
  ['LOG_LEVEL', 'loud'],
])('when %s is %s, the error names the setting and not its value', (name, value) => {
  const read = () => readSettings({ [name]: value });

  expect(read).toThrow(SettingsError);
  expect(read).toThrow(name);
  expect(read).not.toThrow(value.length > 4 ? value : `"${value}"`);
});

test('when several settings are wrong, the error names each', () => {
  expect(() => readSettings({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT: .*\n.*LOG_LEVEL: /);
});

test('a part that starts nothing by itself needs the database, Temporal and the secret key, and says which is missing', () => {
  const complete = {
    DATABASE_URL: 'postgres://u:p@db/sync',
    TEMPORAL_ADDRESS: 'temporal:7233',
    SYNC_SECRET_KEY: KEY,
  };

  expect(readServiceSettings(complete)).toMatchObject({ allowedHosts: [], temporal: { address: 'temporal:7233' } });
  for (const name of Object.keys(complete)) {
    const read = () => readServiceSettings({ ...complete, [name]: undefined });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(name);
  }
});

test('where metrics are served is an IP address and a port, and nothing by default', () => {
  const { metricsAddress, temporalMetricsAddress } = readSettings({
    SYNC_METRICS_ADDRESS: '0.0.0.0:9464',
    SYNC_TEMPORAL_METRICS_ADDRESS: '[::1]:9465',
  });

  expect([metricsAddress, temporalMetricsAddress]).toEqual([
    { host: '0.0.0.0', port: 9464 },
    { host: '::1', port: 9465 },
  ]);
  expect(readSettings({})).not.toHaveProperty('metricsAddress');
  for (const address of ['9464', 'localhost:9464', '127.0.0.1:0', '127.0.0.1:70000'])
    expect(() => readSettings({ SYNC_METRICS_ADDRESS: address })).toThrow('SYNC_METRICS_ADDRESS');
});
