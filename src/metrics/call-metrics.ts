import { Counter, Histogram, type Registry } from 'prom-client';
import type { CallWatch } from '../connectors/call-watch';
import type { ConnectionKind } from '../domain/connection';

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** A vendor may invent codes without end; series are not made without end. */
const MOST_CODES = 100;

/** What a process with connectors measures of its calls to the systems. */
export class CallMetrics {
  private readonly calls: Histogram<'system' | 'status'>;
  private readonly refusals: Counter<'system' | 'code'>;
  private readonly permits: Histogram<'system'>;
  private readonly codes = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.calls = new Histogram({
      name: 'sync_vendor_request_duration_seconds',
      help: 'Time of requests to Marketo and Salesforce, by the status of the answer (none: there was none).',
      labelNames: ['system', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.refusals = new Counter({
      name: 'sync_vendor_refusals_total',
      help: 'Calls that a system refused, by its code.',
      labelNames: ['system', 'code'],
      registers,
    });
    this.permits = new Histogram({
      name: 'sync_vendor_permit_wait_seconds',
      help: 'Time that calls waited for their turn under the shared limits of an instance.',
      labelNames: ['system'],
      buckets: SECONDS,
      registers,
    });
  }

  readonly watchOf = (system: ConnectionKind): CallWatch => ({
    answered: (status, ms) => this.calls.observe({ system, status: status ?? 'none' }, ms / 1_000),
    refused: (code) => this.refusals.inc({ system, code: this.bounded(code) }),
    permitted: (ms) => this.permits.observe({ system }, ms / 1_000),
  });

  private bounded(code: string): string {
    if (this.codes.size < MOST_CODES && /^\w{1,60}$/.test(code)) this.codes.add(code);
    return this.codes.has(code) ? code : 'other';
  }
}
