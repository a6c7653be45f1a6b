import { z } from 'zod';
import { OUTCOMES, type OutcomeKind } from '../../../domain/outcome';
import type { Execution, RecordsFilter } from './api';

/** What the page of an execution shows besides the records. */
export const TABS = ['problems', 'timeline', 'definition', 'compare', 'temporal'] as const;

/** Which part of the page of an execution is shown, and which records, as it stands in the address; what is no such thing is ignored. */
export const recordsSearch = z.object({
  tab: z.enum(TABS).optional().catch(undefined),
  /** The id of the execution that it is compared with. */
  with: z.string().optional().catch(undefined),
  /** Where it is left out: what matters most, as `outcomeShown` decides. */
  outcome: z
    .enum([...OUTCOMES, 'all'])
    .optional()
    .catch(undefined),
  reason: z.string().optional().catch(undefined),
  field: z.string().optional().catch(undefined),
  search: z.string().optional().catch(undefined),
});
export type RecordsSearch = z.output<typeof recordsSearch>;

type Ran = Pick<Execution, 'state' | 'counts'>;

/** Which records are shown: unless somebody has chosen, those that failed, else those that were written where others were left out. */
export function outcomeShown({ outcome, reason, search }: RecordsSearch, { state, counts }: Ran): OutcomeKind | 'all' {
  if (outcome) return outcome;
  if (state === 'running' || search !== undefined || reason !== undefined) return 'all';
  if (counts.failed > 0) return 'failed';
  const { created, updated, filteredOut, duplicates, unchanged, skipped } = counts;
  if (filteredOut + duplicates + unchanged + skipped === 0) return 'all';
  return created > 0 ? 'created' : updated > 0 ? 'updated' : 'all';
}

/** What of it chooses records: the API takes nothing else. */
export function recordsFilterOf(shown: RecordsSearch, execution: Ran): RecordsFilter {
  const { reason, field, search } = shown;
  const outcome = outcomeShown(shown, execution);
  return { outcome: outcome === 'all' ? undefined : outcome, reason, field, search };
}
