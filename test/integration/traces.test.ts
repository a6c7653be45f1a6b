import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { SyncEngine } from '../../src/engine/engine';
import { inTraceOf, tracedCalls } from '../../src/tracing/spans';
import { ActivitySpans } from '../../src/worker/activity-spans';
import { RunningApi } from '../support/running-api';

const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
beforeAll(() => provider.register());
afterAll(() => provider.shutdown());

test('a request, the start of a workflow, its activity and its call to a system can be followed, and tell no value', async () => {
  const engine = {
    readiness: () => inTraceOf('sync/1', 'start sync', {}, async () => ({ temporal: true, worker: true })),
  } as unknown as SyncEngine;
  const api = await RunningApi.start({ engine, allowedHosts: [] });
  const workflowExecution = { workflowId: 'sync/1', runId: 'a run' };
  const activity = new MockActivityEnvironment({ activityType: 'load', workflowExecution });

  await fetch(`${api.url}/readyz?email=ada@example.com`);
  await activity.run(() =>
    new ActivitySpans().execute({ args: [], headers: {} }, async () => tracedCalls('salesforce').answered(503, 20)),
  );
  await api.stop();

  const named = (name: string) => spans.getFinishedSpans().find((span) => span.name === name);
  const [request, start, load, call] = ['GET /readyz', 'start sync', 'activity load', 'call salesforce'].map(named);
  expect(start?.links.map(({ context }) => context.traceId)).toEqual([request?.spanContext().traceId]);
  expect(load?.spanContext().traceId).toBe(start?.spanContext().traceId);
  expect(call?.spanContext().traceId).toBe(load?.spanContext().traceId);
  expect(call?.parentSpanContext?.spanId).toBe(load?.spanContext().spanId);
  expect(JSON.stringify(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes]))).not.toContain(
    'ada',
  );
});
