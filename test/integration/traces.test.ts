import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { z } from 'zod';
import type { SyncEngine } from '../../src/engine/engine';
import { inTraceOf, tracedCalls } from '../../src/tracing/spans';
import { startTracing, type Tracing } from '../../src/tracing/tracing';
import { ActivitySpans } from '../../src/worker/activity-spans';
import { RunningApi } from '../support/running-api';

const spanSchema = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  links: z.array(z.object({ traceId: z.string() })).default([]),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
});
const exportSchema = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});
type Span = z.output<typeof spanSchema>;

/** A collector of traces, as far as we use one. */
let collector: Server;
let received: Span[];
let tracing: Tracing;
beforeEach(async () => {
  received = [];
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { resourceSpans } = exportSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    received.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterEach(async () => {
  collector.closeAllConnections();
  collector.close();
  await once(collector, 'close');
});

test('a request, the start of a workflow, its activity and its call to a system can be followed, and tell no value', async () => {
  const { port } = collector.address() as AddressInfo;
  tracing = startTracing(`http://127.0.0.1:${port}`, 'sync-api');
  const engine = {
    readiness: () => inTraceOf('sync/1', 'start sync', {}, async () => ({ temporal: true, worker: true })),
  } as unknown as SyncEngine;
  const api = await RunningApi.start({ engine, allowedHosts: [] });
  const answered = tracedCalls('salesforce').answered;
  const activity = new MockActivityEnvironment({
    activityType: 'load',
    workflowExecution: { workflowId: 'sync/1', runId: 'r' },
  });

  await fetch(`${api.url}/readyz?email=ada@example.com`);
  await activity.run(() =>
    new ActivitySpans().execute({ args: [], headers: {} }, async () => {
      await sleep(1);
      answered(503, 20);
    }),
  );
  await api.stop();
  await tracing.stop();

  const named = (name: string) => received.find((span) => span.name === name);
  const [request, start, load, call] = ['GET /readyz', 'start sync', 'activity load', 'call salesforce'].map(named);
  expect(start?.links.map(({ traceId }) => traceId)).toEqual([request?.traceId]);
  expect(load?.traceId).toBe(start?.traceId);
  expect(call).toMatchObject({ traceId: load?.traceId, parentSpanId: load?.spanId });
  expect(JSON.stringify(received)).not.toContain('ada@example.com');
});
