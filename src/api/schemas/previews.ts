import { z } from 'zod';
import { EXACT_UP_TO, PLAN_ACTIONS, PREVIEW_MODES, PREVIEW_PHASES, SAMPLE_RECORDS } from '../../domain/preview';
import { EXECUTION, progressAnswer, recordLinks } from './executions';
import { pageOf, pageQuery } from './page';

const PREVIEW_ID = '4f3b1f0a-6d0e-4f6b-9d55-0f2a9c1b7e88';
const SYNC_ID = EXECUTION.syncId;

export const previewParams = z.object({ previewId: z.uuid().meta({ example: PREVIEW_ID }) });

const MOST_RECORDS = 10_000_000;

export const previewBody = z
  .strictObject({
    mode: z
      .enum(PREVIEW_MODES)
      .default('auto')
      .meta({
        description: `\`full\` reads all records, however many; \`sample\` the first ones alone; \`auto\` all up to ${EXACT_UP_TO}, and a sample of more`,
      }),
    limit: z
      .int()
      .min(1)
      .max(MOST_RECORDS)
      .optional()
      .meta({
        description: `With \`auto\`, the number up to which all records are read; with \`sample\`, how many are (${SAMPLE_RECORDS} when left out)`,
      }),
  })
  .meta({ id: 'PreviewRequest', example: { mode: 'full' } });

const count = z.int().min(0);
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const values = z.record(z.string(), value);

const RECORD = {
  sourceId: '1042',
  matchKey: 'jane.doe@example.com',
  action: 'update' as const,
  reason: null,
  message: null,
  field: null,
  destinationId: '0035g00000AbCdEAAV',
  before: { MailingCity: 'Linz' },
  after: { MailingCity: 'Wien' },
  problems: [],
  links: { source: null, destination: 'https://sample.my.salesforce.com/0035g00000AbCdEAAV' },
  matches: [],
};

const matches = z.array(z.object({ id: z.string(), link: z.string().nullable() })).meta({
  description: 'Of what is ambiguous, the records of the destination that its message names, with their pages',
});

/** What a run would do with one record. */
export const plannedRecord = z
  .object({
    sourceId: z.string(),
    matchKey: z.string().nullable(),
    action: z.enum(PLAN_ACTIONS),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    field: z.string().nullable(),
    destinationId: z.string().nullable().meta({ description: 'Null also for what the same run would create before' }),
    before: values
      .nullable()
      .meta({ description: 'Present values of the fields that would change; null unless it is an update' }),
    after: values.nullable().meta({ description: 'Values that would be written; null where nothing is' }),
    problems: z
      .array(
        z.object({
          code: z.string(),
          field: z.string().nullable(),
          message: z.string().nullable(),
          value: value.meta({
            description:
              'Of a refused record, what the source holds in the field that is mapped; null where that is not one field, or is kept no longer',
          }),
        }),
      )
      .meta({ description: 'Why it is refused or skipped; of what is written, what is probably not meant so' }),
    links: recordLinks,
    matches,
  })
  .meta({ id: 'PlannedRecord', example: RECORD });

export const plannedPage = pageOf(plannedRecord, RECORD);
/** All at once, as a download. */
export const plannedList = z.array(plannedRecord).meta({ example: [RECORD] });

/** Which records of a preview are wanted. */
export const plannedFilter = z.strictObject({
  action: z.enum(PLAN_ACTIONS).optional(),
  reason: z.string().max(200).optional().meta({ description: 'Such as `exists`, `tooLong`, `ambiguous`' }),
  field: z.string().max(500).optional().meta({
    description:
      'A field of the destination: records in which it would be set or changed, or for whose sake they are refused or skipped',
    example: 'MailingCity',
  }),
  warning: z.string().max(200).optional().meta({
    description:
      'Records that are written, with this code of what is probably not meant so; of `field`, where that is given',
    example: 'notInPicklist',
  }),
  search: z.string().max(500).optional().meta({ description: 'A source or destination Id, or a part of a match key' }),
});
export const plannedQuery = pageQuery.extend(plannedFilter.shape);

const quotaShare = z
  .number()
  .nullable()
  .meta({ description: "Part of the day's calls; null where the system does not tell" });
const systemForecast = z.object({ apiCalls: count, quotaShare });

const SOURCE_CALLS = { apiCalls: 6, quotaShare: 0.00012 };
const DESTINATION_CALLS = { apiCalls: 45, quotaShare: 0.0003 };

const forecast = z
  .object({
    apiCalls: count,
    quotaShare,
    megabytes: z.number(),
    seconds: z.number(),
    source: systemForecast,
    destination: systemForecast,
  })
  .meta({ description: 'What a run costs, if nothing changes until then' });

const problemGroup = z.object({
  action: z.enum(['refuse', 'skip', 'warn']),
  code: z.string(),
  field: z.string().nullable(),
  message: z.string().nullable(),
  records: count,
  examples: z.array(z.object({ sourceId: z.string(), matchKey: z.string().nullable(), value })),
  matches,
});

const filterFinding = z.object({
  text: z.string().meta({ description: 'A condition of the filter in words' }),
  holds: count.meta({ description: 'Records for which it holds' }),
  of: count.meta({ description: 'Records that were looked at' }),
  columns: z.array(
    z.object({
      column: z.string(),
      label: z.string(),
      values: z
        .array(z.object({ value, records: count }))
        .meta({ description: 'The most frequent values; null for blank. Masked for viewers' }),
    }),
  ),
});

const duplicates = z.object({
  groups: count,
  largest: z.array(
    z.object({
      matchKey: z.string(),
      records: count,
      sourceIds: z.array(z.string()),
      kept: z.string().nullable().meta({ description: 'Null where all of them are imported, or none' }),
      dates: z.array(z.object({ sourceId: z.string(), value: z.string().nullable() })).meta({
        description: 'What was compared of the first of them and of the one that is kept; empty where no date decides',
      }),
    }),
  ),
  decidedBy: z
    .object({ field: z.string(), label: z.string() })
    .nullable()
    .meta({ description: 'The field whose dates decide which one is kept; null where none does' }),
});

const links = z.object({ self: z.string(), sync: z.string(), records: z.string(), temporal: z.string().nullable() });
const LINKS = {
  self: `/api/v1/previews/${PREVIEW_ID}`,
  sync: `/api/v1/syncs/${SYNC_ID}`,
  records: `/api/v1/previews/${PREVIEW_ID}/records`,
  temporal: `http://127.0.0.1:8233/namespaces/default/workflows/preview%2F${PREVIEW_ID}`,
};

const PREVIEW = {
  id: PREVIEW_ID,
  syncId: SYNC_ID,
  number: 2,
  version: 3,
  state: 'completed' as const,
  phase: null,
  progress: { done: 4_816, total: 4_816, perSecond: 900, secondsLeft: 0 },
  mode: 'auto' as const,
  total: 4_880,
  exact: true,
  read: 5_000,
  plan: { filteredOut: 120, duplicates: 64, create: 1_800, update: 2_900, unchanged: 112, skip: 0, refuse: 4 },
  samples: [RECORD],
  duplicates: {
    groups: 61,
    largest: [
      {
        matchKey: 'info@example.com',
        records: 3,
        sourceIds: ['17', '902', '4410'],
        kept: '4410',
        dates: [
          { sourceId: '17', value: '2025-02-11T08:00:00.000Z' },
          { sourceId: '902', value: null },
          { sourceId: '4410', value: '2026-05-03T12:30:00.000Z' },
        ],
      },
    ],
    decidedBy: { field: 'updatedAt', label: 'Updated At' },
  },
  problems: [
    {
      action: 'refuse' as const,
      code: 'tooLong',
      field: 'FirstName',
      message:
        'FirstName takes 40 characters; the value has 52. Shorten it in the source, or map an expression that does.',
      records: 4,
      examples: [
        { sourceId: '311', matchKey: 'max@example.org', value: 'Maximilian Johannes Maria Emanuel Theodor Ferdinand' },
      ],
      matches: [],
    },
  ],
  warnings: [{ code: 'automation', message: 'Writing to Contact may start Salesforce’s own automation.' }],
  filter: [],
  forecast: {
    apiCalls: 51,
    quotaShare: 0.0003,
    megabytes: 1.2,
    seconds: 14,
    source: SOURCE_CALLS,
    destination: DESTINATION_CALLS,
  },
  problem: null,
  startedAt: '2026-12-01T09:12:00.000Z',
  finishedAt: '2026-12-01T09:12:09.310Z',
  links: LINKS,
};

/** A preview as it is shown. */
export const previewAnswer = z
  .object({
    id: z.uuid(),
    syncId: z.uuid(),
    number: z.int(),
    version: z.int().meta({ description: 'The version of the definition that it goes by' }),
    state: z.enum(['running', 'completed', 'failed', 'cancelled']),
    phase: z.enum(PREVIEW_PHASES).nullable(),
    progress: progressAnswer,
    mode: z.enum(PREVIEW_MODES),
    total: count.nullable().meta({
      description:
        'Records that the filters select; of a sample an estimate. Null until it is known, or where the source does not tell',
    }),
    exact: z.boolean().nullable().meta({ description: 'All records were read; null until that is known' }),
    read: count,
    plan: z
      .object({
        filteredOut: count,
        duplicates: count,
        create: count,
        update: count,
        unchanged: count,
        skip: count,
        refuse: count,
      })
      .meta({ description: 'Of the records that were read; once it is completed, they add up to `read`' }),
    samples: z.array(plannedRecord).meta({ description: 'The first records of each action' }),
    duplicates: duplicates.nullable(),
    problems: z
      .array(problemGroup)
      .meta({ description: 'By rule: what is refused, what is skipped, what is probably not meant so' }),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    filter: z.array(filterFinding).meta({
      description: 'Where the filter lets nothing through of what was read: how far each of its conditions does',
    }),
    forecast: forecast.nullable(),
    problem: z.string().nullable().meta({ description: 'Why it has failed' }),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    links,
  })
  .meta({ id: 'Preview', example: PREVIEW });

export const askedAnswer = z
  .object({ previewId: z.uuid(), links })
  .meta({ id: 'PreviewAsked', example: { previewId: PREVIEW_ID, links: LINKS } });
