import { z } from 'zod';
import { EXECUTION_STATES, OUTCOMES, PHASES, TRIGGERS } from '../../domain/outcome';
import { pageQuery } from '../paging';

export const executionParams = z.object({ executionId: z.uuid() });

const count = z.int().min(0);

export const executionAnswer = z
  .object({
    id: z.uuid(),
    syncId: z.uuid(),
    number: z.int(),
    version: z.int(),
    trigger: z.enum(TRIGGERS),
    scheduledFor: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    state: z.enum(EXECUTION_STATES),
    phase: z.enum(PHASES).nullable(),
    counts: z.object({
      read: count,
      filteredOut: count,
      duplicates: count,
      created: count,
      updated: count,
      unchanged: count,
      skipped: count,
      failed: count,
    }),
    progress: z.object({
      done: count,
      total: count.nullable(),
      perSecond: z.number().nullable(),
      secondsLeft: z.number().nullable(),
    }),
    problem: z.string().nullable(),
    links: z.object({ self: z.string(), sync: z.string(), records: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'Execution' });
export type ExecutionAnswer = z.input<typeof executionAnswer>;

export const recordsQuery = pageQuery.extend({
  outcome: z.enum(OUTCOMES).optional(),
  reason: z.string().max(200).optional(),
  search: z.string().max(500).optional(),
});

export const recordAnswer = z
  .object({
    sourceId: z.string(),
    matchKey: z.string().nullable(),
    outcome: z.enum(OUTCOMES),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    field: z.string().nullable(),
    destinationId: z.string().nullable(),
  })
  .meta({ id: 'Record' });
