import { z } from 'zod';
import { READS_ALL_BECAUSE } from '../../domain/changed-only';
import { EXECUTION_STATES, OUTCOMES, PHASES, TRIGGERS } from '../../domain/outcome';
import { pageOf, pageQuery } from './page';

const EXECUTION_ID = 'c7a6f3b0-7d1e-4a53-8c6f-2f9d1f0b7e21';
const SYNC_ID = '9b2f6f0e-3d55-4b1e-8a0c-6f1f2f3a4b5c';

export const executionParams = z.object({ executionId: z.uuid().meta({ example: EXECUTION_ID }) });
export const executionsQuery = pageQuery.extend({
  state: z.enum(EXECUTION_STATES).optional().meta({ description: 'Only those in this state' }),
});

/** How a person can stop what runs. */
const STOPS = ['pause', 'cancel'] as const;

const count = z.int().min(0);

export const EXECUTION = {
  id: EXECUTION_ID,
  syncId: SYNC_ID,
  number: 12,
  version: 3,
  trigger: 'interval' as const,
  scheduledFor: '2026-12-01T01:30:00.000Z',
  startedAt: '2026-12-01T01:30:00.412Z',
  finishedAt: null,
  state: 'running' as const,
  phase: 'load' as const,
  counts: {
    read: 5_000,
    filteredOut: 120,
    duplicates: 64,
    created: 1_800,
    updated: 900,
    unchanged: 12,
    skipped: 0,
    failed: 4,
  },
  deleted: 0,
  undoneBy: null,
  follows: null,
  corrected: 0,
  progress: { done: 2_716, total: 4_816, perSecond: 410, secondsLeft: 5 },
  problem: null,
  stopping: null,
  reading: { changedSince: '2026-12-01T00:20:00.000Z', readsAllBecause: null, text: null },
  links: {
    self: `/api/v1/executions/${EXECUTION_ID}`,
    sync: `/api/v1/syncs/${SYNC_ID}`,
    records: `/api/v1/executions/${EXECUTION_ID}/records`,
    temporal: `http://127.0.0.1:8233/namespaces/default/workflows/sync%2F${SYNC_ID}%2Fexecution%2F12`,
  },
};

/** How far a phase is. */
export const progressAnswer = z
  .object({
    done: count,
    total: count.nullable(),
    perSecond: z.number().nullable(),
    secondsLeft: z.number().nullable(),
  })
  .meta({ description: 'Of the present phase, in records' });

export const executionAnswer = z
  .object({
    id: z.uuid(),
    syncId: z.uuid(),
    number: z.int(),
    version: z.int().meta({ description: 'The version of the definition that it runs' }),
    trigger: z.enum(TRIGGERS),
    scheduledFor: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    state: z.enum(EXECUTION_STATES),
    phase: z.enum(PHASES).nullable(),
    counts: z
      .object({
        read: count,
        filteredOut: count,
        duplicates: count,
        created: count,
        updated: count,
        unchanged: count,
        skipped: count,
        failed: count,
      })
      .meta({ description: 'Once it has ended, `read` equals the sum of all others' }),
    deleted: count.meta({
      description:
        'Of an undo: how many of `counts.updated` it has deleted, since the execution had created them; the others have their values back',
    }),
    undoneBy: z
      .object({ id: z.uuid(), number: z.int(), isRunning: z.boolean() })
      .nullable()
      .meta({ description: 'The execution that undoes it, or has undone it' }),
    follows: z
      .object({ id: z.uuid(), number: z.int() })
      .nullable()
      .meta({ description: 'The execution that it undoes, or whose failed records it tries again' }),
    corrected: count.meta({
      description:
        'Of a retry: how many records it tries with values that a person has corrected, as long as those are kept',
    }),
    progress: progressAnswer,
    problem: z.string().nullable(),
    stopping: z.enum(STOPS).nullable().meta({
      description:
        'What was asked of a running one: it takes effect between two batches, once the calls under way have answered',
    }),
    reading: z
      .object({
        changedSince: z.iso.datetime().nullable(),
        readsAllBecause: z.enum(READS_ALL_BECAUSE).nullable(),
        text: z.string().nullable(),
      })
      .meta({
        description: 'Since when changes are read (null: everything is), and why everything where changes were wanted',
      }),
    links: z.object({ self: z.string(), sync: z.string(), records: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'Execution', example: EXECUTION });
export type ExecutionAnswer = z.input<typeof executionAnswer>;

/** The newest run of a sync, and what has become of it. */
export const lastRunAnswer = executionAnswer
  .extend({
    loadedLater: count.meta({ description: 'Records that retries of it have loaded, and no undo has taken back' }),
  })
  .meta({ id: 'LastRun', example: { ...EXECUTION, loadedLater: 0 } });

/** What each of the server-sent events holds. */
export const executionEvent = z
  .object({ event: z.literal('execution'), data: z.string().meta({ description: 'An `Execution` as JSON' }) })
  .meta({ id: 'ExecutionEvent', example: { event: 'execution', data: JSON.stringify(EXECUTION) } });

export const executionPage = pageOf(executionAnswer, EXECUTION);

/** Which records of an execution are wanted. */
export const recordsFilter = z.strictObject({
  outcome: z.enum(OUTCOMES).optional(),
  reason: z.string().max(200).optional().meta({ description: 'Such as `exists`, or a code of the vendor' }),
  field: z.string().max(500).optional().meta({ description: 'For whose sake a record failed or was skipped' }),
  sourceId: z.string().max(200).optional().meta({ description: 'Of one record alone' }),
  search: z.string().max(500).optional().meta({ description: 'A source or destination Id, or a part of a match key' }),
});
export const recordsDownload = recordsFilter.extend({
  values: z.enum(['source']).optional().meta({ description: '`source`: what was read of each record, too' }),
});
export const recordsQuery = pageQuery.extend(recordsDownload.shape);

const RECORD = {
  sourceId: '1042',
  matchKey: 'jane.doe@example.com',
  outcome: 'failed' as const,
  reason: 'REQUIRED_FIELD_MISSING',
  message: 'Required fields are missing: [LastName]',
  field: 'LastName',
  destinationId: null,
  givenUp: null,
  later: { executionId: '0198f2f0-0000-7000-8000-000000000009', number: 8, outcome: 'updated' as const },
  undone: null,
  values: { email: 'jane.doe@example.com', lastName: '' },
};

export const recordAnswer = z
  .object({
    sourceId: z.string(),
    matchKey: z.string().nullable(),
    outcome: z.enum(OUTCOMES),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    field: z.string().nullable(),
    destinationId: z.string().nullable(),
    givenUp: z
      .object({ at: z.iso.datetime(), by: z.string() })
      .nullable()
      .meta({ description: 'Who has given up a failed record, so that it is not tried again' }),
    later: z
      .object({ executionId: z.uuid(), number: z.int(), outcome: z.enum(OUTCOMES) })
      .nullable()
      .meta({
        description:
          'Of a failed record: the first later execution that has dealt with it, and what became of it; `failed` where it was given up there',
      }),
    undone: z
      .object({ executionId: z.uuid(), number: z.int(), how: z.enum(['deleted', 'restored']) })
      .nullable()
      .meta({
        description:
          'Of a created or updated record: the undo that has taken that back, by deleting the record or by giving it the values that it had',
      }),
    values: z.record(z.string(), z.string()).nullable().meta({
      description:
        'With `values=source`: what was read of it, as text by field, masked for viewers; null otherwise, and where nothing is kept of it',
    }),
  })
  .meta({ id: 'Record', example: RECORD });

const DETAIL = {
  ...RECORD,
  correction: null,
  mapped: { Email: 'jane.doe@example.com' },
  sent: [
    {
      operation: 'update' as const,
      at: '2026-12-01T01:30:04.310Z',
      values: { Email: 'jane.doe@example.com' },
      before: { Email: 'jane@example.com' },
    },
  ],
  links: {
    source: 'https://app-ab01.marketo.com/leadDatabase/loadLeadDetail?leadId=1042',
    destination: null,
  },
};

const texts = z.record(z.string(), z.string());

/** Where people see a record in the two systems. */
export const recordLinks = z
  .object({ source: z.string().nullable(), destination: z.string().nullable() })
  .meta({ description: 'The pages of the records in Marketo and Salesforce, as far as their addresses are known' });

export const recordParams = executionParams.extend({
  sourceId: z.string().min(1).max(200).meta({ example: RECORD.sourceId }),
});

/** A record with all that is kept of its way. */
export const recordDetail = recordAnswer
  .extend({
    correction: z
      .object({
        by: z.string().nullable(),
        at: z.iso.datetime().nullable(),
        sourceValues: texts.meta({ description: 'What the source said of the fields that were corrected' }),
      })
      .nullable()
      .meta({
        description:
          'Of a retry: who has put other values in place of those of the source; `values` has them as they were corrected',
      }),
    mapped: texts
      .nullable()
      .meta({ description: 'What was mapped of it, by field of the destination; null where nothing is kept' }),
    sent: z
      .array(
        z.object({
          operation: z.enum(['create', 'update', 'delete']),
          at: z.iso.datetime().nullable().meta({ description: 'Null for what is planned and not sent yet' }),
          values: texts,
          before: texts.meta({ description: 'The values of the same fields before an update' }),
        }),
      )
      .meta({ description: 'Each time that it was sent, with what' }),
    links: recordLinks,
  })
  .meta({ id: 'RecordDetail', example: DETAIL });

export const recordPage = pageOf(recordAnswer, RECORD);

const CAUSE = {
  outcome: 'failed' as const,
  reason: 'REQUIRED_FIELD_MISSING',
  field: 'LastName',
  records: 4,
  due: 1,
  since: { loaded: 2, leftOut: 0, givenUp: 1, undone: 0 },
  message: 'Required fields are missing: [LastName]',
  isOfAll: true,
  examples: [
    { sourceId: '1042', matchKey: 'jane.doe@example.com' },
    { sourceId: '1077', matchKey: null },
  ],
};

/** Records that were not loaded for one and the same reason. */
export const causeAnswer = z
  .object({
    outcome: z.enum(['failed', 'skipped']),
    reason: z.string().nullable(),
    field: z.string().nullable(),
    records: count,
    due: count.meta({
      description:
        'Those that a retry would take: failed, not given up, not loaded since, and of no run that was undone',
    }),
    since: z.object({ loaded: count, leftOut: count, givenUp: count, undone: count }).meta({
      description:
        'Of the failed ones that are not due any more: how many later executions have loaded or left out, how many were given up, and how ' +
        'many come with the next run since all of the run was undone',
    }),
    message: z.string().nullable().meta({ description: 'That of one of them' }),
    isOfAll: z.boolean().meta({ description: 'Whether all of them have this message' }),
    examples: z
      .array(z.object({ sourceId: z.string(), matchKey: z.string().nullable() }))
      .meta({ description: 'A few of them, in source order' }),
  })
  .meta({ id: 'Cause', example: CAUSE });

export const causeList = z
  .object({ items: z.array(causeAnswer), nextCursor: z.null() })
  .meta({ example: { items: [CAUSE], nextCursor: null } });

const STILL_DUE = { records: 22, executions: [{ id: EXECUTION_ID, number: 12, records: 22 }] };

/** What of a sync is still to be loaded. */
export const stillDueAnswer = z
  .object({
    records: count.meta({ description: 'Each counts once, however often it has failed' }),
    executions: z
      .array(z.object({ id: z.uuid(), number: z.int(), records: count }))
      .meta({ description: 'Whose `retry-failed` takes them, the oldest first; each record counts for one of them' }),
  })
  .meta({ id: 'StillDue', example: STILL_DUE });

const MOST_SYNCS = 100;

/** Of which syncs it is asked. */
export const stillDueQuery = z.strictObject({
  syncIds: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.uuid()).max(MOST_SYNCS))
    .meta({ description: `Ids of syncs, separated by commas, at most ${MOST_SYNCS}`, example: SYNC_ID }),
});

/** What of several syncs is still to be loaded. */
export const stillDueList = z
  .object({
    items: z.array(stillDueAnswer.extend({ syncId: z.uuid() }).meta({ id: 'StillDueOfSync' })),
    nextCursor: z.null(),
  })
  .meta({ example: { items: [{ syncId: SYNC_ID, ...STILL_DUE }], nextCursor: null } });
