/** An active sync whose workflow is to be started. */
export interface SyncStart {
  syncId: string;
  activation: number;
  name: string;
  /** "Marketo EU Lead → Prod Contact" */
  route: string;
  scheduleInWords: string;
}

/** What the API needs of the workflow engine. */
export interface SyncEngine {
  /**
   * Starts the workflow of an active sync. Safe to repeat: a workflow that runs already is kept.
   * @throws when Temporal cannot be reached; the reconciliation of the worker starts it later
   */
  startSync(sync: SyncStart): Promise<void>;
  /** True when Temporal answers and at least one worker polls the task queue. */
  readiness(): Promise<{ temporal: boolean; worker: boolean }>;
}
