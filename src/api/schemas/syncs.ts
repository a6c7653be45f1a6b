import { z } from 'zod';
import { definition, draftDefinition, filter } from '../../domain/definition';
import { EXECUTION_STATES, SYNC_STATUSES, TRIGGERS } from '../../domain/outcome';
import { DIRECTIONS, LAST_EXECUTIONS, SYNC_SORTS } from '../../domain/sync-list';
import { WISH_KINDS } from '../../domain/sync-status';
import { EXECUTION, executionAnswer, lastRunAnswer } from './executions';
import { pageOf, pageQuery } from './page';

// filters hold filters: by its name the document can refer to it
z.globalRegistry.add(filter, { id: 'Filter' });

const SYNC_ID = EXECUTION.syncId;

export const syncParams = z.object({ syncId: z.uuid().meta({ example: SYNC_ID }) });

/** Which syncs are wanted. */
const syncsFilter = {
  status: z.enum(SYNC_STATUSES).optional(),
  search: z.string().max(200).optional().meta({ description: 'A part of the name' }),
  words: z.string().max(200).optional().meta({
    description: "Words, each of which is in the name, in the name of an object or in that of a connection's",
  }),
  connectionId: z.uuid().optional().meta({ description: 'A connection that is source or destination' }),
  direction: z.enum(DIRECTIONS).optional(),
  lastExecution: z.enum(LAST_EXECUTIONS).optional().meta({
    description: '`running`: the last execution has not ended; `failures`: it, or records of it, have failed',
  }),
  overdue: z.literal('true').optional().meta({ description: 'Only those whose `overdueSince` is not null' }),
};

export const syncsQuery = pageQuery.extend({
  ...syncsFilter,
  sort: z.enum(SYNC_SORTS).default('age').meta({
    description: '`age`: in the order in which they were made. Those without a next run, or a last one, come last',
  }),
  order: z.enum(['ascending', 'descending']).default('ascending'),
});

export const syncCountsQuery = z.strictObject(syncsFilter);

/** How many syncs there are. */
export const syncCountsAnswer = z
  .object({
    all: z.int().min(0),
    found: z.int().min(0).meta({ description: 'Those that fit what was asked for' }),
    byStatus: z
      .partialRecord(z.enum(SYNC_STATUSES), z.int().min(0))
      .meta({ description: 'Of all; a status that none has is left out' }),
  })
  .meta({ id: 'SyncCounts', example: { all: 12, found: 3, byStatus: { active: 9, draft: 3 } } });

const DEFINITION: z.output<typeof draftDefinition> = {
  name: 'EU leads to contacts',
  description: '',
  source: { connectionId: '5f0c1c56-5f9e-4f0e-9a53-0d6c2a7e9b10', object: 'Lead' },
  destination: { connectionId: '0d3b6c0a-52c1-4a5f-8f0e-7b1c9f2d3e44', object: 'Contact' },
  match: { source: 'email', destination: 'Email' },
  deduplicate: 'youngestByLastUpdate',
  importRule: 'createAndUpdate',
  blankValues: 'keep',
  mappings: [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
    {
      from: { field: 'country' },
      to: 'MailingCountry',
      values: { UK: 'United Kingdom' },
      otherwise: 'pass',
    },
  ],
  filter: {
    all: [
      { column: 'country', operator: 'in', value: ['DE', 'AT'] },
      { column: 'updatedAt', operator: 'inLast', value: { amount: 30, unit: 'day' } },
    ],
  },
  records: 'all',
  schedule: {
    type: 'interval',
    every: { amount: 1, unit: 'day' },
    start: '2026-12-01T02:30',
    end: '2027-03-31T23:59',
    timeZone: 'Europe/Vienna',
  },
};

/** What an answer has besides the definition; taken in a body as well, so that an answer can be sent back with a change, and ignored there. */
const state = {
  id: z.uuid(),
  version: z.int(),
  status: z.enum(SYNC_STATUSES),
  problem: z.string().nullable().meta({ description: 'What a person has to do while it is `needsAttention`' }),
  nextRunAt: z.iso.datetime().nullable(),
  overdueSince: z.iso.datetime().nullable().meta({
    description:
      'When it should have run and did not, since no worker runs or Temporal is away; null while it is on time',
  }),
  scheduleText: z
    .string()
    .nullable()
    .meta({ description: 'The schedule in words; null while there is none, or its times are none' }),
  lastExecution: executionAnswer.nullable(),
  lastRun: lastRunAnswer.nullable().meta({ description: 'The newest execution that is itself no retry and no undo' }),
  recentExecutions: z
    .array(
      z.object({
        number: z.int(),
        trigger: z.enum(TRIGGERS),
        state: z.enum(EXECUTION_STATES),
        read: z.int().min(0),
        isUndone: z.boolean().meta({ description: 'An undo of it has succeeded' }),
      }),
    )
    .meta({ description: 'The last ten at most, the newest first: how each ended, and how many records it read' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  links: z.object({ self: z.string(), executions: z.string(), temporal: z.string().nullable() }),
};

const SYNC = {
  ...DEFINITION,
  id: SYNC_ID,
  version: 3,
  status: 'active' as const,
  problem: null,
  nextRunAt: '2026-12-02T01:30:00.000Z',
  overdueSince: null,
  scheduleText: 'Every day from 1 December 2026 at 02:30 until 31 March 2027 at 23:59 (Europe/Vienna)',
  lastExecution: EXECUTION,
  lastRun: { ...EXECUTION, loadedLater: 0 },
  recentExecutions: [
    { number: 12, trigger: 'interval' as const, state: 'running' as const, read: 5_000, isUndone: false },
    { number: 11, trigger: 'interval' as const, state: 'succeeded' as const, read: 4_870, isUndone: false },
  ],
  createdAt: '2026-11-20T08:00:00.000Z',
  updatedAt: '2026-11-24T16:12:09.120Z',
  links: {
    self: `/api/v1/syncs/${SYNC_ID}`,
    executions: `/api/v1/syncs/${SYNC_ID}/executions`,
    temporal: `http://127.0.0.1:8233/namespaces/default/workflows/sync%2F${SYNC_ID}`,
  },
};

/** A sync as it is shown: its definition, and how it stands. */
export const syncAnswer = draftDefinition.extend(state).meta({ id: 'Sync', example: SYNC });

export const syncPage = pageOf(syncAnswer, SYNC);

const STATE_MEMBERS: readonly string[] = Object.keys(state);

/** A definition to be saved, complete or not. */
export const syncBody = z
  .preprocess(
    (body) =>
      typeof body === 'object' && body !== null && !Array.isArray(body)
        ? Object.fromEntries(Object.entries(body).filter(([name]) => !STATE_MEMBERS.includes(name)))
        : body,
    draftDefinition,
  )
  .meta({
    id: 'Definition',
    description:
      'The definition of a sync. It may be incomplete until it is activated; what is there must have the right shape. What an answer has besides ' +
      '(`id`, `version`, `status` and so on) is ignored, so that an answer can be sent back with a change.',
    example: DEFINITION,
  });

const VERSION = {
  version: 3,
  savedAt: '2026-11-24T16:12:09.120Z',
  savedBy: 'Jane Doe',
  scheduleText: SYNC.scheduleText,
  definition: DEFINITION,
};

/** A definition of a sync as it was saved once. */
export const versionAnswer = z
  .object({
    version: z.int(),
    savedAt: z.iso.datetime(),
    savedBy: z.string().meta({ description: 'The name of the API key' }),
    scheduleText: state.scheduleText,
    definition: draftDefinition,
  })
  .meta({ id: 'Version', example: VERSION });

export const versionPage = pageOf(versionAnswer, VERSION);

export const controlAnswer = z
  .object({
    id: z.uuid(),
    status: z.enum(SYNC_STATUSES),
    workflowId: z.string(),
    links: z.object({ self: z.string(), temporal: z.string().nullable() }),
  })
  .meta({
    id: 'SyncControl',
    example: {
      id: SYNC_ID,
      status: 'active',
      workflowId: `sync/${SYNC_ID}`,
      links: { self: SYNC.links.self, temporal: SYNC.links.temporal },
    },
  });

const WISH = {
  id: '7c2f8a44-1b0e-4c59-9d57-3a6e0b1f2c88',
  kind: 'runNow' as const,
  state: 'taken' as const,
  why: null,
  askedAt: '2026-12-01T09:14:03.512Z',
  askedBy: 'Jane Doe',
  executionId: EXECUTION.id,
};

/** Something that was asked of a sync, and what became of it. */
export const wishAnswer = z
  .object({
    id: z.uuid(),
    kind: z.enum(WISH_KINDS),
    state: z.enum(['waiting', 'taken', 'refused']).meta({
      description:
        'A run that was asked for is `waiting` until it has begun; `refused` also where the sync ended before that',
    }),
    why: z.string().nullable().meta({ description: 'Why it was refused' }),
    askedAt: z.iso.datetime(),
    askedBy: z.string().meta({ description: 'The name of the API key' }),
    executionId: z.uuid().nullable().meta({ description: 'What was to be cancelled, or the run that has begun' }),
  })
  .meta({ id: 'Wish', example: WISH });

export const wishPage = pageOf(wishAnswer, WISH);

/** What reading depends on; the other members of a definition may be there, complete or not. */
export const queryBody = draftDefinition
  .extend({ name: definition.shape.name.optional(), source: definition.shape.source })
  .meta({
    id: 'QueryQuestion',
    example: { source: DEFINITION.source, filter: DEFINITION.filter, mappings: DEFINITION.mappings },
  });

export const queryAnswer = z
  .object({
    pushed: z
      .object({ query: z.string(), filter: filter.nullable() })
      .meta({ description: "What the source system evaluates: SOQL or Marketo's request, and its part of the filter" }),
    local: filter.nullable().meta({ description: 'The part of the filter that Sync evaluates itself' }),
    cost: z.object({ apiCalls: z.number().nullable(), megabytes: z.number().nullable() }),
    text: z.string(),
  })
  .meta({
    id: 'Query',
    example: {
      pushed: {
        query: "SELECT Id, Email FROM Contact WHERE MailingCountry IN ('DE', 'AT')",
        filter: { column: 'MailingCountry', operator: 'in', value: ['DE', 'AT'] },
      },
      local: null,
      cost: { apiCalls: 3, megabytes: 1.2 },
      text: 'Salesforce gives the records of Contact where Mailing Country is one of "DE", "AT".',
    },
  });
