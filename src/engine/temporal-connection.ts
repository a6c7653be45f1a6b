import { readFile } from 'node:fs/promises';
import type { TemporalSettings } from '../settings';

/** What both the client's and the worker's connection are opened with. */
export interface TemporalConnectionOptions {
  address: string;
  apiKey?: string;
  tls:
    | false
    | {
        serverNameOverride?: string;
        serverRootCACertificate?: Buffer;
        clientCertPair?: { crt: Buffer; key: Buffer };
      };
}

/** Reads the files that the settings name. @throws when one cannot be read */
export async function temporalConnectionOptions(
  settings: TemporalSettings & { address: string },
): Promise<TemporalConnectionOptions> {
  const { address, apiKey, tls } = settings;
  return {
    address,
    ...(apiKey ? { apiKey } : {}),
    // left out, it would be on where there is an API key, whatever was asked for
    tls: tls ? await tlsOptions(tls) : false,
  };
}

async function tlsOptions(
  tls: NonNullable<TemporalSettings['tls']>,
): Promise<Exclude<TemporalConnectionOptions['tls'], false>> {
  return {
    ...(tls.serverName ? { serverNameOverride: tls.serverName } : {}),
    ...(tls.serverCaPath ? { serverRootCACertificate: await readFile(tls.serverCaPath) } : {}),
    ...(tls.clientCertPath && tls.clientKeyPath
      ? { clientCertPair: { crt: await readFile(tls.clientCertPath), key: await readFile(tls.clientKeyPath) } }
      : {}),
  };
}
