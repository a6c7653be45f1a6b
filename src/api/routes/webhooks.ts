import { z } from 'zod';
import {
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  missingSyncs,
  replaceSigningSecret,
  updateWebhook,
  type WebhookRow,
} from '../../../db/queries/webhooks';
import { makeSigningSecret } from '../../webhooks/signature';
import type { RouteDeps } from '../deps';
import { expectedVersion, withVersion } from '../etag';
import { fromCursor, page } from '../paging';
import { notFound, Problem, type ProblemDetail } from '../problem';
import { route } from '../route';
import type { Role } from '../schemas/roles';
import {
  type WebhookAnswer,
  webhookAnswer,
  webhookBody,
  webhookPage,
  webhookParams,
  webhooksQuery,
  webhookWithSecret,
} from '../schemas/webhooks';

/** Each change of a sync looks at all of them. */
const MOST_WEBHOOKS = 100;

/** Of the address whoever may not change it sees the host alone, since the rest may hold a key. */
const urlFor = (role: Role, url: string): string => (role === 'admin' ? url : `${new URL(url).origin}/…`);

const toWebhook = (row: WebhookRow, role: Role): WebhookAnswer => ({
  id: row.webhookId,
  name: row.name,
  url: urlFor(role, row.url),
  events: row.events,
  syncIds: row.syncIds,
  failurePercent: row.failurePercent,
  enabled: row.isEnabled,
  version: row.version,
  offReason: row.offReason,
  failingSince: row.failingSince,
  lastDeliveredAt: row.lastDeliveredAt,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

/** As the audit names it. */
export const webhookSubject = (webhookId: string): string => `webhook/${webhookId}`;

/** @throws Problem 404 */
export async function existingWebhook({ database }: RouteDeps, webhookId: string): Promise<WebhookRow> {
  const row = await findWebhook(database.db, webhookId);
  if (!row) throw notFound('webhook');
  return row;
}

/** @throws Problem 422 for an address that nothing is sent to, and for syncs that there are none of */
async function demandUsable({ database, webhooks }: RouteDeps, body: z.output<typeof webhookBody>): Promise<void> {
  const refusal = webhooks.whyNot(body.url);
  const missing = await missingSyncs(database.db, body.syncIds ?? []);
  const errors: ProblemDetail[] = [
    ...(refusal === null ? [] : [{ path: 'url', message: refusal }]),
    ...missing.map((syncId) => ({
      path: `syncIds[${body.syncIds?.indexOf(syncId)}]`,
      message: 'There is no such sync.',
    })),
  ];
  if (errors.length > 0) throw new Problem(422, 'The webhook cannot be saved as it is.', errors);
}

const nameTaken = (): Problem =>
  new Problem(409, 'Another webhook has this name.', [{ path: 'name', message: 'The name is taken.' }]);

/** What the audit keeps of its settings: of the address the host alone, since the rest may hold a key. */
const noted = ({ name, url, events, syncIds, failurePercent, enabled }: z.output<typeof webhookBody>) => ({
  ...{ name, events, syncIds, failurePercent, enabled },
  host: new URL(url).host,
});

export const webhookRoutes = [
  route({
    method: 'get',
    path: '/webhooks',
    summary: 'List webhooks by name',
    tag: 'Webhooks',
    role: 'operator',
    query: webhooksQuery,
    status: 200,
    answer: webhookPage,
    async handle({ query, caller }, { database }) {
      const [after = null] = fromCursor(query.cursor, z.tuple([z.string()])) ?? [];
      const rows = await listWebhooks(database.db, after, query.limit + 1);
      return page(
        rows,
        query.limit,
        (row) => toWebhook(row, caller.role),
        (row) => [row.name],
      );
    },
  }),
  route({
    method: 'post',
    path: '/webhooks',
    summary: 'Add a webhook; the secret that its events are signed with is shown this once',
    description:
      'Events are signed by the scheme of Standard Webhooks, sent until they are taken, for a day, and have an id by which a receiver drops repeats.',
    tag: 'Webhooks',
    role: 'admin',
    body: webhookBody,
    status: 201,
    answer: webhookWithSecret,
    isSecret: true,
    refusals: [409],
    async handle({ body, caller, change }, deps) {
      await demandUsable(deps, body);
      return change(async (tx, note) => {
        const secret = makeSigningSecret();
        const row = await insertWebhook(tx, deps.secrets, body, secret, MOST_WEBHOOKS);
        if (row === 'nameTaken') throw nameTaken();
        if (row === 'tooMany')
          throw new Problem(409, `There are ${MOST_WEBHOOKS} webhooks already, the most there can be.`);
        await note('webhook.create', webhookSubject(row.webhookId), noted(body));
        const { headers, body: answer } = withVersion(201, row.version, { ...toWebhook(row, caller.role), secret });
        return { status: 201, headers: { ...headers, Location: `/api/v1/webhooks/${row.webhookId}` }, body: answer };
      });
    },
  }),
  route({
    method: 'get',
    path: '/webhooks/:webhookId',
    summary: 'Show a webhook',
    tag: 'Webhooks',
    role: 'operator',
    params: webhookParams,
    status: 200,
    answer: webhookAnswer,
    async handle({ params, caller }, deps) {
      const row = await existingWebhook(deps, params.webhookId);
      return withVersion(200, row.version, toWebhook(row, caller.role));
    },
  }),
  route({
    method: 'put',
    path: '/webhooks/:webhookId',
    summary: 'Change a webhook, or switch it on or off',
    description: 'Switched off, what waits for it is not sent. Its secret stays.',
    tag: 'Webhooks',
    role: 'admin',
    params: webhookParams,
    body: webhookBody,
    status: 200,
    answer: webhookAnswer,
    refusals: [409, 412],
    async handle({ params: { webhookId }, body, caller, ifMatch, change }, deps) {
      const before = await existingWebhook(deps, webhookId);
      const expected = expectedVersion('webhook', ifMatch, before.version);
      await demandUsable(deps, body);
      return change(async (tx, note) => {
        const row = await updateWebhook(tx, webhookId, expected, body);
        if (row === 'nameTaken') throw nameTaken();
        if (row === 'changedMeanwhile') {
          throw new Problem(
            412,
            'Someone else has changed the webhook meanwhile. Read it again, and repeat your change.',
          );
        }
        await note('webhook.change', webhookSubject(webhookId), noted(body));
        return withVersion(200, row.version, toWebhook(row, caller.role));
      });
    },
  }),
  route({
    method: 'delete',
    path: '/webhooks/:webhookId',
    summary: 'Delete a webhook with its log; what waits for it is not sent',
    tag: 'Webhooks',
    role: 'admin',
    params: webhookParams,
    status: 204,
    answer: null,
    handle: ({ params: { webhookId }, change }) =>
      change(async (tx, note) => {
        const name = await deleteWebhook(tx, webhookId);
        if (name === null) throw notFound('webhook');
        await note('webhook.delete', webhookSubject(webhookId), { name });
        return undefined;
      }),
  }),
  route({
    method: 'post',
    path: '/webhooks/:webhookId/rotate-secret',
    summary: 'Replace the signing secret; the new one is shown this once',
    description: 'For 24 hours events are signed with both, so that receivers can change theirs meanwhile.',
    tag: 'Webhooks',
    role: 'admin',
    params: webhookParams,
    status: 200,
    answer: webhookWithSecret,
    isSecret: true,
    refusals: [409],
    handle: ({ params: { webhookId }, caller, change }, { secrets }) =>
      change(async (tx, note) => {
        const secret = makeSigningSecret();
        const row = await replaceSigningSecret(tx, secrets, webhookId, secret);
        if (!row) throw notFound('webhook');
        await note('webhook.rotate-secret', webhookSubject(webhookId), { name: row.name });
        return withVersion(200, row.version, { ...toWebhook(row, caller.role), secret });
      }),
  }),
];
