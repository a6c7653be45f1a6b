import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { hostCheck, isLoopback } from '../security/known-hosts';

export interface MetricsServer {
  /** Where it listens; a port that was left to the system is known then. */
  port: number;
  close(): Promise<void>;
}

/**
 * Serves what a worker measures, and how it is, to whoever reaches the address: `/metrics`, `/healthz` (the process lives) and `/readyz`
 * (it polls for work). There is nothing to change here, and no key: who may reach it is for the network to decide.
 * @throws Error that names the setting when it cannot listen there
 */
export async function serveMetrics(
  { host, port }: { host: string; port: number },
  registry: Registry,
  isReady: () => boolean,
): Promise<MetricsServer> {
  const isKnownHost = hostCheck({ publicUrl: `http://${bracketed(host)}`, host: bracketed(host) });
  const server = createServer((request, response) => {
    // a web page may have a name of its own resolve to this machine
    if (isLoopback(host) && !isKnownHost(request.headers.host))
      answer(response, 403, 'This host name is not answered.');
    else void reply(request, response, registry, isReady());
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(`SYNC_METRICS_ADDRESS: cannot listen on ${bracketed(host)}:${port}`, { cause: error });
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function reply(
  { url, method }: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
  isReady: boolean,
): Promise<void> {
  const path = (url ?? '').split('?')[0];
  if (method !== 'GET' && method !== 'HEAD') answer(response, 405, 'GET is taken here.');
  else if (path === '/healthz') answer(response, 200, 'ok');
  else if (path === '/readyz') answer(response, isReady ? 200 : 503, isReady ? 'ok' : 'The worker does not poll.');
  else if (path === '/metrics') answer(response, 200, await registry.metrics(), registry.contentType);
  else answer(response, 404, 'There is nothing here.');
}

function answer(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
