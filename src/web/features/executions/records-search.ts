import { z } from 'zod';
import { OUTCOMES } from '../../../domain/outcome';
import type { RecordsFilter } from './api';

/** What the page of an execution shows besides the records. */
export const TABS = ['problems', 'timeline', 'definition', 'compare', 'temporal'] as const;

/** Which part of the page of an execution is shown, and which records, as it stands in the address; what is no such thing is ignored. */
export const recordsSearch = z.object({
  tab: z.enum(TABS).optional().catch(undefined),
  /** The id of the execution that it is compared with. */
  with: z.string().optional().catch(undefined),
  outcome: z.enum(OUTCOMES).optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  field: z.string().optional().catch(undefined),
  search: z.string().optional().catch(undefined),
});
export type RecordsSearch = z.output<typeof recordsSearch>;

/** What of it chooses records: the API takes nothing else. */
export const recordsFilterOf = ({ outcome, reason, field, search }: RecordsSearch): RecordsFilter => ({
  outcome,
  reason,
  field,
  search,
});
