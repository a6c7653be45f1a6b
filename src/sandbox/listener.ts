import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate';

/** Longest request line and headers together (Salesforce: "URI and headers, 16,384 bytes"); Node.js answers 431 above. */
export const MAX_HEADER_BYTES = 16_384;
/** Some clients poll every few seconds on one connection and do not survive that it is closed meanwhile. */
const KEEP_ALIVE_MS = 75_000;

/** One port of the sandbox, which can go deaf and listen again. */
export interface Listener {
  readonly port: number;
  listen(): Promise<void>;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

/** The port is taken by another program. */
export class PortTakenError extends Error {
  constructor(readonly port: number) {
    super(`Port ${port} is in use`);
    this.name = 'PortTakenError';
  }
}

/**
 * Listens on a port.
 * @param port 0 for any free one, which is kept from then on
 * @throws PortTakenError
 */
export async function startListener(
  handler: RequestListener,
  host: string,
  port: number,
  certificate?: Certificate,
): Promise<Listener> {
  const options = { maxHeaderSize: MAX_HEADER_BYTES, keepAlive: true, noDelay: true };
  const server: Server = certificate
    ? createHttpsServer({ ...options, key: certificate.key, cert: certificate.cert }, handler)
    : createHttpServer(options, handler);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // large uploads over a slow line are the client's affair
  server.requestTimeout = 0;
  let boundPort = port;
  const listener: Listener = {
    get port() {
      return boundPort;
    },
    listen() {
      if (server.listening) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const onError = (error: NodeJS.ErrnoException): void => {
          reject(error.code === 'EADDRINUSE' ? new PortTakenError(boundPort) : error);
        };
        server.once('error', onError);
        server.listen(boundPort, host, () => {
          server.off('error', onError);
          boundPort = (server.address() as AddressInfo).port; // listening on TCP, so it is one
          resolve();
        });
      });
    },
    close() {
      if (!server.listening) return Promise.resolve();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  await listener.listen();
  return listener;
}
