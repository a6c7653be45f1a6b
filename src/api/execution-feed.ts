import { findShownExecutions, type ShownExecution } from '../../db/queries/executions-read';
import type { ApiDeps } from './deps';

/** Takes an execution's row as it is now, with its text, by which changes are seen; null when it is there no more. */
type Listener = (row: ShownExecution | null, text: string) => void;

const LOOK_EVERY_MS = 500;

/** Follows executions for any number of listeners with one query each half second, and with none while nobody listens. */
export class ExecutionFeed {
  private readonly listeners = new Map<string, Set<Listener>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: Pick<ApiDeps, 'database' | 'log'>) {}

  /** @returns the function that ends it */
  follow(executionId: string, listener: Listener): () => void {
    const others = this.listeners.get(executionId) ?? new Set();
    this.listeners.set(executionId, others.add(listener));
    this.timer ??= this.lookLater();
    return () => {
      others.delete(listener);
      if (others.size === 0 && this.listeners.get(executionId) === others) this.listeners.delete(executionId);
    };
  }

  private lookLater(): NodeJS.Timeout {
    return setTimeout(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  private async look(): Promise<void> {
    const followed = [...this.listeners.keys()];
    if (followed.length > 0) {
      try {
        const rows = await findShownExecutions(this.deps.database.sql, followed);
        for (const executionId of followed) this.tell(executionId, rows.get(executionId) ?? null);
      } catch (error) {
        this.deps.log.warn({ err: error }, 'executions could not be followed; they are looked at again');
      }
    }
    this.timer = this.listeners.size > 0 ? this.lookLater() : undefined;
  }

  private tell(executionId: string, row: ShownExecution | null): void {
    const text = JSON.stringify(row);
    for (const listener of this.listeners.get(executionId) ?? []) listener(row, text);
  }
}
