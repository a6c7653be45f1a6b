import { createHash } from 'node:crypto';
import { type Context, context, propagation, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import type { CallWatch } from '../connectors/call-watch';
import type { ConnectionKind } from '../domain/connection';
import { routeOf } from '../metrics/http-metrics';

const tracer = () => trace.getTracer('sync');

/** A span for each request, by the pattern of its route; it goes on a trace that the caller has begun (`traceparent`). */
export function traceRequests(): RequestHandler {
  return (request, response, next) => {
    const parent = propagation.extract(context.active(), request.headers);
    const { method } = request;
    const span = tracer().startSpan(
      method,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': method } },
      parent,
    );
    response.once('close', () => {
      const { statusCode } = response;
      const route = routeOf(request);
      span.updateName(`${method} ${route}`);
      span.setAttributes({ 'http.route': route, 'http.response.status_code': statusCode });
      if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    context.with(trace.setSpan(parent, span), next);
  };
}

/** Also makes a span of each request to a system: its status, never its address or what it carries. */
export function tracedCalls(system: ConnectionKind, watch?: CallWatch): CallWatch {
  return {
    answered(status, ms) {
      const span = tracer().startSpan(`call ${system}`, {
        kind: SpanKind.CLIENT,
        startTime: Date.now() - ms,
        attributes: { 'sync.system': system, ...(status === null ? {} : { 'http.response.status_code': status }) },
      });
      if (status === null || status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      watch?.answered(status, ms);
    },
    refused(code) {
      trace.getActiveSpan()?.addEvent('refused', { 'sync.code': code });
      watch?.refused(code);
    },
    permitted: (ms) => watch?.permitted(ms),
  };
}

/**
 * Does work as a span of a workflow's trace. The trace is known by the workflow's id, so that all workers and attempts write to one, however long
 * it runs, and nothing of it is in the workflow's history.
 */
export async function inTraceOf<Result>(
  workflowId: string,
  name: string,
  attributes: Record<string, string | number>,
  work: () => Promise<Result>,
): Promise<Result> {
  const asker = trace.getSpanContext(context.active());
  const span = tracer().startSpan(
    name,
    { attributes: { ...attributes, 'temporal.workflow_id': workflowId }, links: asker ? [{ context: asker }] : [] },
    contextOf(workflowId),
  );
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    // what it says is for the log: a trace is kept elsewhere
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

function contextOf(workflowId: string): Context {
  const hash = createHash('sha256').update(workflowId).digest('hex');
  const spanContext = { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48), traceFlags: TraceFlags.SAMPLED };
  return trace.setSpanContext(context.active(), { ...spanContext, isRemote: true });
}

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name;
}
