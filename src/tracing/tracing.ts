import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** Traces that are on their way out. */
export interface Tracing {
  /** Sends what is left. What cannot be sent is dropped: nobody waits for a collector. */
  stop(): Promise<void>;
}

/**
 * Starts to send traces to an OpenTelemetry collector, by OTLP over HTTP. Where this is not called, spans cost nothing and go nowhere.
 * @param endpoint without `/v1/traces`
 * @param service the part, as traces name it
 */
export function startTracing(endpoint: string, service: 'sync-api' | 'sync-worker'): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return { stop: () => provider.shutdown().catch(() => undefined) };
}
