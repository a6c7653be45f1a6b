import { z } from 'zod';
import { definition, draftDefinition } from '../../domain/definition';
import { SYNC_STATUSES } from '../../domain/outcome';
import { pageQuery } from '../paging';
import { executionAnswer } from './executions';

export const syncParams = z.object({ syncId: z.uuid() });

export const syncsQuery = pageQuery.extend({
  status: z.enum(SYNC_STATUSES).optional(),
  search: z.string().max(200).optional(),
});

/** A sync as it is shown: its definition, and how it stands. */
export const syncAnswer = draftDefinition
  .extend({
    id: z.uuid(),
    version: z.int(),
    status: z.enum(SYNC_STATUSES),
    problem: z.string().nullable(),
    nextRunAt: z.string().nullable(),
    lastExecution: executionAnswer.nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
    links: z.object({ self: z.string(), executions: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'Sync' });

export const controlAnswer = z
  .object({
    id: z.uuid(),
    status: z.enum(SYNC_STATUSES),
    workflowId: z.string(),
    links: z.object({ self: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'SyncControl' });

/** What reading takes; a definition that is not complete can be asked too. */
export const queryBody = definition.pick({ source: true, filter: true, records: true }).extend({
  mappings: definition.shape.mappings.optional(),
  match: definition.shape.match,
  schedule: definition.shape.schedule.optional(),
});

export const queryAnswer = z
  .object({
    /** What the source system evaluates: SOQL, or Marketo's request. */
    pushed: z.object({ query: z.string(), filter: z.unknown().nullable() }),
    /** What Sync evaluates itself. */
    local: z.unknown().nullable(),
    cost: z.object({ apiCalls: z.number().nullable(), megabytes: z.number().nullable() }),
    text: z.string(),
  })
  .meta({ id: 'Query' });
