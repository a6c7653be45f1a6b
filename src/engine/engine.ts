/** What the API needs of the workflow engine. */
export interface SyncEngine {
  /**
   * Starts the workflow of an active sync. Safe to repeat: a workflow that runs already is kept.
   * @throws when Temporal cannot be reached; the reconciliation of the worker starts it later
   */
  startSync(sync: {
    syncId: string;
    activation: number;
    name: string;
    route: string;
    scheduleInWords: string;
  }): Promise<void>;
  /** True when Temporal answers and at least one worker polls the task queue. */
  readiness(): Promise<{ temporal: boolean; worker: boolean }>;
}
