import { z } from 'zod';
import { SYNC_STATUSES } from '../../domain/outcome';
import { DELIVERY_STATES, TEST_EVENT, WEBHOOK_EVENTS } from '../../domain/webhooks';
import { EXECUTION, executionAnswer } from './executions';
import { pageOf, pageQuery } from './page';

const WEBHOOK_ID = '7e0c1d52-3f64-4b0e-9d1a-2c5b8a7f6e90';
const DELIVERY_ID = '2b9d4c10-8a35-4f7e-b6c1-0d9e8f7a6b54';
const EVENT_ID = 'd4c3b2a1-9f8e-4d7c-8b6a-5f4e3d2c1b0a';

export const webhookParams = z.object({ webhookId: z.uuid().meta({ example: WEBHOOK_ID }) });
export const deliveryParams = webhookParams.extend({ deliveryId: z.uuid().meta({ example: DELIVERY_ID }) });
export const webhooksQuery = pageQuery;
export const deliveriesQuery = pageQuery.extend({ state: z.enum(DELIVERY_STATES).optional() });

const SETTINGS = {
  name: 'Operations chat',
  url: 'https://hooks.example.com/sync',
  events: ['execution.ended' as const, 'sync.needsAttention' as const],
  syncIds: null,
  failurePercent: 5,
  enabled: true,
};

const noDuplicates = (list: readonly string[]): boolean => new Set(list).size === list.length;

/** What a person sets of a webhook. */
export const webhookBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    url: z
      .url({ protocol: /^https?$/, error: 'an address that starts with https://' })
      .max(2_000)
      .meta({ description: 'https, to a server of the internet; others where SYNC_ALLOWED_HOSTS names the host' }),
    events: z.array(z.enum(WEBHOOK_EVENTS)).min(1).refine(noDuplicates, 'each event once').meta({ uniqueItems: true }),
    syncIds: z
      .array(z.uuid())
      .min(1)
      .max(1_000)
      .refine(noDuplicates, 'each sync once')
      .meta({ uniqueItems: true })
      .nullable()
      .default(null)
      .meta({ description: 'The syncs that it is told of; null: all, those that are made later among them' }),
    failurePercent: z.int().min(0).max(99).default(5).meta({
      description: '`execution.failuresPassed` is told when more than this share of the records has failed',
    }),
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: 'While it is off, nothing is told and nothing kept for it' }),
  })
  .meta({ id: 'WebhookSettings', example: SETTINGS });

const WEBHOOK = {
  id: WEBHOOK_ID,
  ...SETTINGS,
  version: 1,
  offReason: null,
  failingSince: null,
  lastDeliveredAt: '2026-12-01T01:41:07.120Z',
  createdAt: '2026-11-20T08:00:00.000Z',
  updatedAt: '2026-11-20T08:00:00.000Z',
};

export const webhookAnswer = z
  .object({
    id: z.uuid(),
    ...webhookBody.shape,
    version: z.int(),
    offReason: z.string().nullable().meta({ description: 'Why Sync has switched it off' }),
    failingSince: z.iso.datetime().nullable().meta({ description: 'The first failure since an event was taken' }),
    lastDeliveredAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Webhook', example: WEBHOOK });
export type WebhookAnswer = z.input<typeof webhookAnswer>;

export const webhookPage = pageOf(webhookAnswer, WEBHOOK);

/** With the secret by which events are signed: it is shown this once. */
export const webhookWithSecret = webhookAnswer
  .extend({ secret: z.string() })
  .meta({ id: 'WebhookWithSecret', example: { ...WEBHOOK, secret: 'whsec_…' } });

const DELIVERY = {
  id: DELIVERY_ID,
  webhookId: WEBHOOK_ID,
  eventId: EVENT_ID,
  type: 'execution.ended' as const,
  syncId: EXECUTION.syncId,
  state: 'waiting' as const,
  attempts: 2,
  status: 503,
  problem: 'The receiver answered 503.',
  answer: 'Service Unavailable',
  durationMs: 84,
  createdAt: '2026-12-01T01:41:06.870Z',
  lastAttemptAt: '2026-12-01T01:41:12.031Z',
  nextAttemptAt: '2026-12-01T01:41:42.031Z',
  endedAt: null,
};

const eventType = z.enum([...WEBHOOK_EVENTS, TEST_EVENT]);

/** An event on its way to a webhook. */
export const deliveryAnswer = z
  .object({
    id: z.uuid(),
    webhookId: z.uuid(),
    eventId: z.uuid().meta({ description: '`webhook-id` of the request: the same for each attempt and redelivery' }),
    type: eventType,
    syncId: z.uuid().nullable(),
    state: z.enum(DELIVERY_STATES),
    attempts: z.int(),
    status: z.int().nullable().meta({ description: 'Of the last answer; null where there was none' }),
    problem: z.string().nullable(),
    answer: z.string().nullable().meta({ description: 'The beginning of the last answer that was no success, masked' }),
    durationMs: z.int().nullable(),
    createdAt: z.iso.datetime(),
    lastAttemptAt: z.iso.datetime().nullable(),
    nextAttemptAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery', example: DELIVERY });
export type DeliveryAnswer = z.input<typeof deliveryAnswer>;

export const deliveryPage = pageOf(deliveryAnswer, DELIVERY);

const PAYLOAD = {
  id: EVENT_ID,
  type: 'execution.ended' as const,
  time: '2026-12-01T01:41:06.870Z',
  sync: { id: EXECUTION.syncId, name: 'EU leads to contacts', status: 'active' as const, problem: null },
  execution: {
    ...EXECUTION,
    state: 'partial' as const,
    phase: null,
    finishedAt: '2026-12-01T01:41:06.868Z',
    counts: { ...EXECUTION.counts, created: 2_900, updated: 1_900 },
  },
  details: {},
  links: {
    sync: `https://sync.example.com/syncs/${EXECUTION.syncId}`,
    execution: `https://sync.example.com/executions/${EXECUTION.id}`,
  },
};

/** The body of the request that a receiver gets. */
export const webhookPayload = z
  .object({
    id: z.uuid(),
    type: eventType,
    time: z.iso.datetime().meta({ description: 'When it happened, not when it was sent' }),
    sync: z
      .object({ id: z.uuid(), name: z.string(), status: z.enum(SYNC_STATUSES), problem: z.string().nullable() })
      .nullable()
      .meta({ description: 'As it was then; null in a test' }),
    execution: executionAnswer.nullable(),
    details: z.record(z.string(), z.unknown()).meta({
      description:
        '`from`, `to` of `sync.statusChanged`; `problem` of `sync.needsAttention`; `dueAt` of `sync.overdue`; `percent`, `failed`, `of` of `execution.failuresPassed`',
    }),
    links: z.object({ sync: z.string().nullable(), execution: z.string().nullable() }),
  })
  .meta({ id: 'WebhookPayload', example: PAYLOAD });
export type WebhookPayload = z.input<typeof webhookPayload>;

/** By which a receiver knows who has sent it. */
export const webhookHeaders = z.object({
  'webhook-id': z.uuid().meta({ description: 'The id of the event: the same for each attempt', example: EVENT_ID }),
  'webhook-timestamp': z.string().meta({ description: 'Of the attempt, seconds since 1970', example: '1796089266' }),
  'webhook-signature': z.string().meta({
    description:
      '`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64; several by blanks while a secret is replaced',
    example: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }),
});

/** A delivery with what was, or will be, sent. */
export const deliveryDetail = deliveryAnswer
  .extend({ payload: webhookPayload })
  .meta({ id: 'WebhookDeliveryDetail', example: { ...DELIVERY, payload: PAYLOAD } });

const TESTED = { ok: true, status: 204, problem: null, durationMs: 61, deliveryId: DELIVERY_ID };

export const webhookTestAnswer = z
  .object({
    ok: z.boolean(),
    status: z.int().nullable(),
    problem: z.string().nullable(),
    durationMs: z.int(),
    deliveryId: z.uuid(),
  })
  .meta({ id: 'WebhookTest', example: TESTED });
