import { Checkbox } from '@mantine/core';
import type { Sync } from '../api';

/** The syncs that a person has marked, to do something with all of them. */
export interface Selection {
  ids: readonly string[];
  onSelect(syncIds: readonly string[]): void;
}

/** Marks a sync. */
export function SelectSync({ sync, selection: { ids, onSelect } }: { sync: Sync; selection: Selection }) {
  const isSelected = ids.includes(sync.id);
  return (
    <Checkbox
      aria-label={`Select ${sync.name}`}
      checked={isSelected}
      onChange={() => onSelect(isSelected ? ids.filter((id) => id !== sync.id) : [...ids, sync.id])}
    />
  );
}

/** Marks all that are shown, or none. */
export function SelectAll({ syncs, selection: { ids, onSelect } }: { syncs: readonly Sync[]; selection: Selection }) {
  const isAll = ids.length === syncs.length;
  return (
    <Checkbox
      aria-label="Select all"
      checked={isAll}
      indeterminate={ids.length > 0 && !isAll}
      onChange={() => onSelect(isAll ? [] : syncs.map(({ id }) => id))}
    />
  );
}
