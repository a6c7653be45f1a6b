import type { DraftDefinition } from '../../../../domain/definition';
import type { SyncForm } from './sync-form';

/** What has been typed and is not saved, as this browser keeps it. */
export interface LocalCopy {
  form: SyncForm;
  /** What it was made on; null for a new sync. */
  saved: { version: number; draft: DraftDefinition } | null;
}

const keyOf = (syncId: string | null): string => `sync-editor:${syncId ?? 'new'}`;

/** Storage may be switched off or full; then a reload loses what is not saved, and nothing else changes. */
function safely<Result>(work: () => Result): Result | null {
  try {
    return work();
  } catch {
    return null;
  }
}

export const keepCopy = (syncId: string | null, copy: LocalCopy): void => {
  safely(() => localStorage.setItem(keyOf(syncId), JSON.stringify(copy)));
};

export const dropCopy = (syncId: string | null): void => {
  safely(() => localStorage.removeItem(keyOf(syncId)));
};

export function findCopy(syncId: string | null): LocalCopy | null {
  const text = safely(() => localStorage.getItem(keyOf(syncId)));
  // written by `keepCopy`
  return text ? safely(() => JSON.parse(text) as LocalCopy) : null;
}
