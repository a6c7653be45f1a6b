import type { FollowUpTrigger } from '../domain/outcome';
import type { Sampling } from '../domain/preview';

/** An active sync whose workflow is to be started. */
export interface SyncStart {
  syncId: string;
  activation: number;
  name: string;
  /** "Marketo EU Lead → Prod Contact" */
  route: string;
  scheduleInWords: string;
}

/** A preview whose workflow is to be started. */
export interface PreviewStart {
  previewId: string;
  syncId: string;
  /** Name of the sync. */
  name: string;
  /** "Marketo EU Lead → Prod Contact" */
  route: string;
  /** Null where everything is read. */
  sampling: Sampling | null;
}

/** An execution that goes over an earlier one, and whose workflow is to be started. */
export interface FollowUpStart {
  executionId: string;
  syncId: string;
  number: number;
  trigger: FollowUpTrigger;
  /** Name of the sync. */
  name: string;
  /** "Marketo EU Lead → Prod Contact" */
  route: string;
}

/** What the API needs of the workflow engine. */
export interface SyncEngine {
  /**
   * Starts the workflow of an active sync. Safe to repeat: a workflow that runs already is kept.
   * @throws when Temporal cannot be reached; the reconciliation of the worker starts it later
   */
  startSync(sync: SyncStart): Promise<void>;
  /** The same for the workflow of a preview. */
  startPreview(preview: PreviewStart): Promise<void>;
  /** Tells the workflow of a preview to end. Safe to repeat; one that has ended needs no telling. @throws as `startSync` */
  stopPreview(previewId: string): Promise<void>;
  /** The same for the workflow of an execution that goes over an earlier one. */
  startFollowUp(followUp: FollowUpStart): Promise<void>;
  /** Tells such a workflow to end. Safe to repeat; one that has ended needs no telling. @throws as `startSync` */
  stopFollowUp(followUp: Pick<FollowUpStart, 'syncId' | 'number'>): Promise<void>;
  /** True when Temporal answers and at least one worker polls the task queue. */
  readiness(): Promise<{ temporal: boolean; worker: boolean }>;
}
