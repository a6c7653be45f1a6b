import { executionWorkflowId, previewWorkflowId, syncWorkflowId } from '../../workflows/messages';

/** Where the Web UI of Temporal is, as far as it is known. */
export interface LinkDeps {
  settings: { temporal: { namespace: string; uiUrl?: string } };
}

/** Where a workflow is shown in the Temporal Web UI; null where no Web UI is known. */
export function temporalLink(deps: LinkDeps, workflowId: string): string | null {
  const { uiUrl, namespace } = deps.settings.temporal;
  return uiUrl
    ? `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`
    : null;
}

export const syncLinks = (deps: LinkDeps, syncId: string) => ({
  self: `/api/v1/syncs/${syncId}`,
  executions: `/api/v1/syncs/${syncId}/executions`,
  temporal: temporalLink(deps, syncWorkflowId(syncId)),
});

export const executionLinks = (deps: LinkDeps, executionId: string, syncId: string, number: number) => ({
  self: `/api/v1/executions/${executionId}`,
  sync: `/api/v1/syncs/${syncId}`,
  records: `/api/v1/executions/${executionId}/records`,
  temporal: temporalLink(deps, executionWorkflowId(syncId, number)),
});

export const previewLinks = (deps: LinkDeps, previewId: string, syncId: string) => ({
  self: `/api/v1/previews/${previewId}`,
  sync: `/api/v1/syncs/${syncId}`,
  records: `/api/v1/previews/${previewId}/records`,
  temporal: temporalLink(deps, previewWorkflowId(previewId)),
});
