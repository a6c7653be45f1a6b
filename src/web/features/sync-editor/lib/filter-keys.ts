import { getPathOfID, insert, move, type RuleGroupType, remove } from 'react-querybuilder';
import { type FilterGroup, linesOf } from './filter-query';

/** What a key does to the condition that has the focus; groups are moved alone. */
export type LineKey = 'addBelow' | 'removeEmpty' | 'moveUp' | 'moveDown';

/** The filter after a key, and the id of the condition or group that has the focus then; null where there is none left. */
export interface AfterKey {
  query: FilterGroup;
  focused: string | null;
}

/**
 * Applies a key to a filter.
 * @param id of the condition that has the focus, or of the group where it is on none of its conditions
 * @param newId the id of a condition that is added
 * @returns null where the key means nothing there, as for a condition that is not empty
 */
export function afterKey(query: FilterGroup, id: string, key: LineKey, newId: string): AfterKey | null {
  const tree = query as RuleGroupType; // their shapes are the same
  const path = getPathOfID(id, tree);
  // the outermost group has no place to be moved to
  if (!path || path.length === 0) return null;
  switch (key) {
    case 'addBelow': {
      const below = [...path.slice(0, -1), (path.at(-1) ?? 0) + 1];
      const added = { field: '', operator: 'equals', value: '' };
      return { query: insert(tree, added, below, { idGenerator: () => newId }) as FilterGroup, focused: newId };
    }
    case 'removeEmpty': {
      const lines = linesOf(query);
      const at = lines.findIndex((line) => line.id === id);
      if (lines[at]?.field !== '') return null;
      return { query: remove(tree, path) as FilterGroup, focused: (lines[at - 1] ?? lines[at + 1])?.id ?? null };
    }
    default: {
      const moved = move(tree, path, key === 'moveUp' ? 'up' : 'down') as FilterGroup;
      return moved === query ? null : { query: moved, focused: id };
    }
  }
}
