import type { Request, RequestHandler, Response } from 'express';
import { Gauge, Histogram, type Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Others are answered by 405; each name of its own would be a series that anybody can make. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Measures how long answers take, by method, status and the pattern of the route (`/api/v1/syncs/:syncId`), never by what was asked for.
 * Streams of events are counted while they are open, since they last as long as somebody looks.
 */
export function measureRequests(registry: Registry): RequestHandler {
  const registers = [registry];
  const durations = new Histogram({
    name: 'sync_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer, without streams of events.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  });
  const open = new Gauge({
    name: 'sync_http_requests_open',
    help: 'Requests whose answer has not ended, streams of events among them.',
    registers,
  });
  return (request, response, next) => {
    const startedAt = performance.now();
    open.inc();
    response.once('close', () => {
      open.dec();
      if (isEventStream(response)) return;
      const labels = { method: methodOf(request), route: routeOf(request), status: response.statusCode };
      durations.observe(labels, (performance.now() - startedAt) / 1_000);
    });
    next();
  };
}

const isEventStream = (response: Response): boolean =>
  String(response.getHeader('Content-Type') ?? '').startsWith('text/event-stream');

const methodOf = ({ method }: Request): string => (METHODS.has(method) ? method : 'other');

/** The pattern that the code gave to Express; the pages of the web UI and what is not there have none. */
export function routeOf(request: Request): string {
  const pattern: unknown = request.route?.path;
  return typeof pattern === 'string' ? pattern : 'other';
}
