import { executionWorkflowId, previewWorkflowId, syncWorkflowId } from '../../workflows/messages';
import type { ApiDeps } from './deps';

/** Where a workflow is shown in the Temporal Web UI; null where no Web UI is known. */
export function temporalLink(deps: Pick<ApiDeps, 'settings'>, workflowId: string): string | null {
  const { uiUrl, namespace } = deps.settings.temporal;
  return uiUrl
    ? `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`
    : null;
}

export const syncLinks = (deps: Pick<ApiDeps, 'settings'>, syncId: string) => ({
  self: `/api/v1/syncs/${syncId}`,
  executions: `/api/v1/syncs/${syncId}/executions`,
  temporal: temporalLink(deps, syncWorkflowId(syncId)),
});

export const executionLinks = (
  deps: Pick<ApiDeps, 'settings'>,
  executionId: string,
  syncId: string,
  number: number,
) => ({
  self: `/api/v1/executions/${executionId}`,
  sync: `/api/v1/syncs/${syncId}`,
  records: `/api/v1/executions/${executionId}/records`,
  temporal: temporalLink(deps, executionWorkflowId(syncId, number)),
});

export const previewLinks = (deps: Pick<ApiDeps, 'settings'>, previewId: string, syncId: string) => ({
  self: `/api/v1/previews/${previewId}`,
  sync: `/api/v1/syncs/${syncId}`,
  records: `/api/v1/previews/${previewId}/records`,
  temporal: temporalLink(deps, previewWorkflowId(previewId)),
});
