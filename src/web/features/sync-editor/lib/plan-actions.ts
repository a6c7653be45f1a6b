import type { PlanAction } from '../../../../domain/preview';

/** What a run would do with a record, in words. */
export const ACTION_WORDS: Record<PlanAction, string> = {
  create: 'create',
  update: 'update',
  unchanged: 'unchanged',
  skip: 'skip',
  refuse: 'refuse',
  duplicate: 'duplicates',
  filteredOut: 'filtered out',
};
