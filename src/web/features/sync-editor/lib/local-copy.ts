import type { DraftDefinition } from '../../../../domain/definition';
import type { SyncForm } from './sync-form';
import type { Unchecked } from './unchecked-rows';

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

const uncheckedKeyOf = (syncId: string): string => `sync-editor:unchecked:${syncId}`;

function read(key: string): string | null {
  return safely(() => localStorage.getItem(key));
}

export const keepCopy = (syncId: string | null, copy: LocalCopy): void => {
  safely(() => localStorage.setItem(keyOf(syncId), JSON.stringify(copy)));
};

export const dropCopy = (syncId: string | null): void => {
  safely(() => localStorage.removeItem(keyOf(syncId)));
};

export function findCopy(syncId: string | null): LocalCopy | null {
  const text = read(keyOf(syncId));
  // written by `keepCopy`
  return text ? safely(() => JSON.parse(text) as LocalCopy) : null;
}

/** Notes which suggestions of a saved sync are still to be checked, also once they are saved. */
export const keepUnchecked = (syncId: string, unchecked: readonly Unchecked[]): void => {
  const key = uncheckedKeyOf(syncId);
  safely(() =>
    unchecked.length > 0 ? localStorage.setItem(key, JSON.stringify(unchecked)) : localStorage.removeItem(key),
  );
};

export function findUnchecked(syncId: string): Unchecked[] {
  const text = read(uncheckedKeyOf(syncId));
  // written by `keepUnchecked`
  return (text ? safely(() => JSON.parse(text) as Unchecked[]) : null) ?? [];
}
