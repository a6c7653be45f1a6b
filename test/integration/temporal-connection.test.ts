import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer, type Http2SecureServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { generate } from 'selfsigned';
import { temporalConnectionOptions } from '../../src/engine/temporal-connection';
import { readServiceSettings } from '../../src/settings';

const folder = mkdtempSync(join(tmpdir(), 'temporal-tls-'));
const fileOf = (name: string) => join(folder, name);
/** A name that no resolver knows: the certificate is for it alone. */
const NAME = 'temporal.example.com';

let server: Http2SecureServer;
let address: string;
let calls: IncomingHttpHeaders[];

/** Takes connections with our client certificate alone, and answers each call with an empty message, as Temporal may. */
beforeAll(async () => {
  const certificate = async (name: string, commonName: string, usage: 'serverAuth' | 'clientAuth') => {
    const made = await generate([{ name: 'commonName', value: commonName }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        // one of an authority is no server's, says the worker
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', [usage]: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: commonName }] },
      ],
    });
    writeFileSync(fileOf(`${name}.crt`), made.cert);
    writeFileSync(fileOf(`${name}.key`), made.private);
    return { cert: made.cert, key: made.private };
  };
  const own = await certificate('server', NAME, 'serverAuth');
  const client = await certificate('client', 'sync', 'clientAuth');
  server = createSecureServer({ ...own, ca: client.cert, requestCert: true, rejectUnauthorized: true });
  server.on('stream', (stream, headers) => {
    calls.push(headers);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    // a frame: not compressed, no bytes
    stream.end(Buffer.alloc(5));
  });
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  calls = [];
});

const optionsFor = (more: Record<string, string>) =>
  temporalConnectionOptions(
    readServiceSettings({
      DATABASE_URL: 'postgres://localhost/sync',
      SYNC_SECRET_KEY: Buffer.alloc(32).toString('base64'),
      TEMPORAL_ADDRESS: address,
      ...more,
    }).temporal,
  );

const SETTINGS = {
  TEMPORAL_API_KEY: 'the key of a namespace',
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: fileOf('server.crt'),
  TEMPORAL_TLS_CLIENT_CERT_PATH: fileOf('client.crt'),
  TEMPORAL_TLS_CLIENT_KEY_PATH: fileOf('client.key'),
  TEMPORAL_TLS_SERVER_NAME: NAME,
};

type Options = Awaited<ReturnType<typeof optionsFor>>;
const CONNECTIONS = [
  ['the API', (options: Options) => Connection.connect({ ...options, connectTimeout: '5 seconds' })],
  ['the worker', (options: Options) => NativeConnection.connect(options)],
] as const;

test.each(CONNECTIONS)('%s reaches Temporal over TLS, with its certificate and its API key', async (_who, connect) => {
  const connection = await connect(await optionsFor(SETTINGS));
  await connection.close();

  expect(calls[0]?.authorization).toBe('Bearer the key of a namespace');
  expect(calls[0]?.[':scheme']).toBe('https');
});

test.each(CONNECTIONS)(
  '%s does not talk to a Temporal whose certificate is of somebody else (ASVS 12.3.2)',
  async (_who, connect) => {
    const { TEMPORAL_TLS_SERVER_CA_CERT_PATH: _ca, ...withoutAuthority } = SETTINGS;

    const connecting = connect(await optionsFor(withoutAuthority));

    await expect(connecting).rejects.toThrow();
    expect(calls).toEqual([]);
  },
);

test('an API key alone means TLS, unless that is switched off', async () => {
  const key = { TEMPORAL_API_KEY: 'the key of a namespace' };

  const byDefault = await optionsFor(key);
  const off = await optionsFor({ ...key, TEMPORAL_TLS: 'off' });

  expect([byDefault.tls, off.tls]).toEqual([{}, false]);
});

test('a file that is missing is named', async () => {
  const missing = optionsFor({ ...SETTINGS, TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' });

  await expect(missing).rejects.toThrow('/nowhere/ca.pem');
});
