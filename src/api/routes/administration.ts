import { z } from 'zod';
import { type ApiKeyRow, insertApiKey, listApiKeys, revokeApiKey } from '../../../db/queries/api-keys';
import { type AuditRow, listAudit, noteAudit } from '../../../db/queries/audit';
import { hashApiKey, makeApiKey } from '../../security/api-keys';
import { fromCursor, page, pageOf, pageQuery } from '../paging';
import { notFound } from '../problem';
import { ROLES, route } from '../route';

const auditAnswer = z
  .object({
    id: z.uuid(),
    at: z.string(),
    who: z.string(),
    action: z.string(),
    subject: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });

const apiKeyAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.enum(ROLES),
    lastUsedAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'ApiKey' });

const toAudit = ({ auditId, at, who, action, subject, details }: AuditRow) => ({
  id: auditId,
  at,
  who,
  action,
  subject,
  details,
});
const toKey = (row: ApiKeyRow) => ({
  id: row.apiKeyId,
  name: row.name,
  role: row.role,
  lastUsedAt: row.lastUsedAt,
  createdAt: row.createdAt,
});

export const administrationRoutes = [
  route({
    method: 'get',
    path: '/audit',
    summary: 'List who did what, the newest first',
    tag: 'Administration',
    role: 'admin',
    query: pageQuery,
    status: 200,
    answer: pageOf(auditAnswer),
    async handle({ query }, { database }) {
      const [at, auditId] = fromCursor(query.cursor) ?? [];
      const before = at === undefined ? null : { at: String(at), auditId: String(auditId) };
      const rows = await listAudit(database.db, before, query.limit + 1);
      return page(rows, query.limit, toAudit, (row) => [row.at, row.auditId]);
    },
  }),
  route({
    method: 'get',
    path: '/api-keys',
    summary: 'List API keys',
    tag: 'Administration',
    role: 'admin',
    status: 200,
    answer: z.object({ items: z.array(apiKeyAnswer), nextCursor: z.null() }),
    handle: async (_call, { database }) => ({ items: (await listApiKeys(database.db)).map(toKey), nextCursor: null }),
  }),
  route({
    method: 'post',
    path: '/api-keys',
    summary: 'Make an API key; it is shown this once',
    tag: 'Administration',
    role: 'admin',
    body: z.strictObject({ name: z.string().trim().min(1).max(200), role: z.enum(ROLES) }),
    status: 201,
    answer: apiKeyAnswer.extend({ key: z.string() }).meta({ id: 'NewApiKey' }),
    async handle({ body, caller }, { database }) {
      const key = makeApiKey();
      const row = await insertApiKey(database.db, { ...body, keyHash: hashApiKey(key) });
      const subject = `api-key/${row.apiKeyId}`;
      await noteAudit(database.db, { who: caller.name, action: 'api-key.create', subject, details: body });
      return { ...toKey(row), key };
    },
  }),
  route({
    method: 'delete',
    path: '/api-keys/:apiKeyId',
    summary: 'Revoke an API key',
    tag: 'Administration',
    role: 'admin',
    params: z.object({ apiKeyId: z.uuid() }),
    status: 204,
    answer: null,
    refusals: [404],
    async handle({ params, caller }, { database }) {
      if (!(await revokeApiKey(database.db, params.apiKeyId))) throw notFound('API key');
      await noteAudit(database.db, {
        who: caller.name,
        action: 'api-key.revoke',
        subject: `api-key/${params.apiKeyId}`,
      });
      return undefined;
    },
  }),
];
