import { toKept } from './histories';
import type { MarketoSyncs } from './marketo-syncs';

/** The histories of all workflows of a sync, an event a member, with what they carry as text. */
export async function historyOf({ sync }: MarketoSyncs, syncId: string): Promise<Record<string, unknown>[]> {
  const { workflow } = sync.client;
  const events: Record<string, unknown>[] = [];
  for await (const { workflowId, runId } of workflow.list({ query: `WorkflowId STARTS_WITH 'sync/${syncId}'` })) {
    const kept = toKept(workflowId, await workflow.getHandle(workflowId, runId).fetchHistory());
    events.push(...(kept.history as { events: Record<string, unknown>[] }).events);
  }
  expect(events.length).toBeGreaterThan(20);
  return events;
}
