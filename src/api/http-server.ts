import { createServer, type Server } from 'node:http';
import { problemBody, REFUSALS } from './problem';

/** How long a client may take before it is refused. */
export interface Patience {
  /** For its headers. */
  headersMs: number;
  /** For its whole request. */
  requestMs: number;
  /** How often is looked who is late. */
  checkEveryMs: number;
}

const PATIENCE: Patience = { headersMs: 15_000, requestMs: 120_000, checkEveryMs: 5_000 };
/** Longer than balancers and clients keep an idle connection, so that no request is sent into one that is just being closed. */
const KEEP_ALIVE_MS = 75_000;

/**
 * The HTTP server of the API; who answers what it could read is added by the caller.
 * @param patience with clients that are slow; that of the manual unless told otherwise
 */
export function createApiServer({ headersMs, requestMs, checkEveryMs } = PATIENCE): Server {
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkEveryMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  refuseUnreadRequests(server);
  return server;
}

/** What Node.js says of requests that it could not read (Node.js manual, `http`, Event: 'clientError'). */
const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
};

/** Requests that cannot even be read never reach the application; they are refused in the same shape as all others. */
function refuseUnreadRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = STATUSES[error.code ?? ''] ?? 400;
    const detail = status === 400 ? 'The request is not HTTP as it should be.' : REFUSALS[status];
    const body = problemBody(status, detail ?? 'The request could not be read.');
    const head = [
      `HTTP/1.1 ${status} ${REASONS[status]}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
