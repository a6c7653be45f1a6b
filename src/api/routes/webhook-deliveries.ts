import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type DeliveryRow,
  findDelivery,
  listDeliveries,
  noteTest,
  redeliver,
  testEvent,
} from '../../../db/queries/webhook-deliveries';
import { payloadOf } from '../../webhooks/payload';
import type { RouteDeps } from '../deps';
import { fromCursor, page } from '../paging';
import { notFound, Problem } from '../problem';
import { route } from '../route';
import {
  type DeliveryAnswer,
  deliveriesQuery,
  deliveryAnswer,
  deliveryDetail,
  deliveryPage,
  deliveryParams,
  webhookParams,
  webhookTestAnswer,
} from '../schemas/webhooks';
import { existingWebhook, webhookSubject } from './webhooks';

const toDelivery = (row: DeliveryRow): DeliveryAnswer => ({
  id: row.deliveryId,
  webhookId: row.webhookId,
  eventId: row.event.eventId,
  type: row.event.type,
  syncId: row.event.syncId,
  state: row.state,
  attempts: row.attempts,
  status: row.status,
  problem: row.problem,
  answer: row.answer,
  durationMs: row.durationMs,
  createdAt: row.createdAt,
  lastAttemptAt: row.lastAttemptAt,
  nextAttemptAt: row.nextAttemptAt,
  endedAt: row.endedAt,
});

/** @throws Problem 404 */
async function existingDelivery(
  { database }: RouteDeps,
  { webhookId, deliveryId }: z.output<typeof deliveryParams>,
): Promise<DeliveryRow> {
  const row = await findDelivery(database.sql, webhookId, deliveryId);
  if (!row) throw notFound('delivery');
  return row;
}

export const webhookDeliveryRoutes = [
  route({
    method: 'post',
    path: '/webhooks/:webhookId/test',
    summary: 'Test a webhook: send it an event that tells of nothing, now and once',
    description: 'Always 200 for a webhook that is there, on or off; `ok` and `problem` tell how it went.',
    tag: 'Webhooks',
    role: 'operator',
    params: webhookParams,
    status: 200,
    answer: webhookTestAnswer,
    async handle({ params: { webhookId }, signal, change }, deps) {
      const webhook = await existingWebhook(deps, webhookId);
      const event = testEvent(randomUUID(), deps.now());
      const attempt = await deps.webhooks.send(webhook, event, signal);
      if (!attempt) throw notFound('webhook');
      const { status, problem, durationMs } = attempt;
      return change(async (tx, note) => {
        const deliveryId = await noteTest(tx, webhookId, event, attempt);
        await note('webhook.test', webhookSubject(webhookId), { ok: problem === null, status });
        return { ok: problem === null, status, problem, durationMs, deliveryId };
      });
    },
  }),
  route({
    method: 'get',
    path: '/webhooks/:webhookId/deliveries',
    summary: 'List what was, or is to be, sent to a webhook, and what became of it, the newest first',
    tag: 'Webhooks',
    role: 'operator',
    params: webhookParams,
    query: deliveriesQuery,
    status: 200,
    answer: deliveryPage,
    async handle({ params: { webhookId }, query }, deps) {
      const [before = null] = fromCursor(query.cursor, z.tuple([z.int()])) ?? [];
      await existingWebhook(deps, webhookId);
      const asked = { before, state: query.state ?? null, limit: query.limit + 1 };
      const rows = await listDeliveries(deps.database.sql, webhookId, asked);
      return page(rows, query.limit, toDelivery, (row) => [row.position]);
    },
  }),
  route({
    method: 'get',
    path: '/webhooks/:webhookId/deliveries/:deliveryId',
    summary: 'Show a delivery with what is sent',
    tag: 'Webhooks',
    role: 'operator',
    params: deliveryParams,
    status: 200,
    answer: deliveryDetail,
    async handle({ params }, deps) {
      const row = await existingDelivery(deps, params);
      return { ...toDelivery(row), payload: payloadOf(deps.settings, row.event) };
    },
  }),
  route({
    method: 'post',
    path: '/webhooks/:webhookId/deliveries/:deliveryId/redeliver',
    summary: 'Send an event again, with the same id: one that waits for its next attempt at once',
    tag: 'Webhooks',
    role: 'operator',
    params: deliveryParams,
    status: 202,
    answer: deliveryAnswer,
    refusals: [409],
    async handle({ params, change }, deps) {
      const { webhookId, deliveryId } = params;
      const row = await existingDelivery(deps, params);
      const { isEnabled } = await existingWebhook(deps, webhookId);
      if (!isEnabled) throw new Problem(409, 'The webhook is switched off. Test it, and switch it on first.');
      if (row.event.syncId === null) throw new Problem(409, 'A test is not sent again. Make another one.');
      return change(async (tx, note) => {
        const redelivery = await redeliver(tx, row);
        await note('webhook.redeliver', webhookSubject(webhookId), { deliveryId, eventId: row.event.eventId });
        return toDelivery(redelivery);
      });
    },
  }),
];
