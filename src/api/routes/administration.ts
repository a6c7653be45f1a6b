import { z } from 'zod';
import { type ApiKeyRow, insertApiKey, listApiKeys, revokeApiKey } from '../../../db/queries/api-keys';
import { type AuditRow, listAudit } from '../../../db/queries/audit';
import { type ChainPlace, verifyAudit } from '../../../db/queries/audit-chain';
import { resealSecrets } from '../../../db/queries/secret-rotation';
import { KEY_OF_SETTINGS, whoInWords } from '../../domain/key-of-settings';
import { hashApiKey, makeApiKey } from '../../security/api-keys';
import { fromCursor, page } from '../paging';
import { notFound, Problem } from '../problem';
import { route } from '../route';
import {
  type apiKeyAnswer,
  apiKeyBody,
  apiKeyPage,
  apiKeyParams,
  apiKeysQuery,
  type auditAnswer,
  auditPage,
  auditQuery,
  auditVerificationAnswer,
  auditVerificationQuery,
  newApiKeyAnswer,
  rotatedAnswer,
} from '../schemas/administration';

const toAudit = ({ auditId, at, who, action, subject, address, details }: AuditRow): z.input<typeof auditAnswer> => ({
  id: auditId,
  at,
  who,
  whoText: whoInWords(who),
  action,
  subject,
  address,
  details,
});

const notedPlace = (noted: string | undefined): ChainPlace | null => {
  const [position, hash = ''] = noted?.split(':') ?? [];
  return position === undefined ? null : { position: Number(position), hash };
};

const toKey = (row: ApiKeyRow): z.input<typeof apiKeyAnswer> => ({
  id: row.apiKeyId,
  name: row.name,
  role: row.role,
  expiresAt: row.expiresAt,
  lastUsedAt: row.lastUsedAt,
  createdAt: row.createdAt,
});

/** @throws Problem 422 for a key that would be refused from the beginning */
function demandToCome(expiresAt: string | null, now: string): void {
  if (expiresAt === null || Date.parse(expiresAt) > Date.parse(now)) return;
  const errors = [{ path: 'expiresAt', message: 'Give a moment to come, or leave it out.' }];
  throw new Problem(422, 'The key would have expired already.', errors);
}

const subjectOf = (apiKeyId: string): string => `api-key/${apiKeyId}`;

export const administrationRoutes = [
  route({
    method: 'get',
    path: '/audit',
    summary: 'List who did what, the newest first',
    tag: 'Administration',
    role: 'admin',
    query: auditQuery,
    status: 200,
    answer: auditPage,
    async handle({ query }, { database }) {
      const { cursor, limit, ...filter } = query;
      const position = fromCursor(cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const before = position && { at: position[0], auditId: position[1] };
      const rows = await listAudit(database.db, before, limit + 1, filter);
      return page(rows, limit, toAudit, (row) => [row.at, row.auditId]);
    },
  }),
  route({
    method: 'get',
    path: '/audit/verification',
    summary: 'Verify that nobody has changed or removed an entry of the audit',
    description:
      'Each entry is chained to the one before by a hash. Whoever may alter the database could write the whole chain anew: note `end` elsewhere, and ' +
      'give it as `noted` later.',
    tag: 'Administration',
    role: 'admin',
    query: auditVerificationQuery,
    status: 200,
    answer: auditVerificationAnswer,
    async handle({ query, signal }, { database }) {
      const { faults, ...chain } = await verifyAudit(database.sql, notedPlace(query.noted), signal);
      const found = faults.map(({ problem, position, auditId }) => ({ problem, position, entry: auditId }));
      return { ...chain, isWhole: faults.length === 0, faults: found };
    },
  }),
  route({
    method: 'get',
    path: '/api-keys',
    summary: 'List API keys by name, without those that were revoked',
    description: 'A key that has expired is listed until it is revoked, and has its name until then.',
    tag: 'Administration',
    role: 'admin',
    query: apiKeysQuery,
    status: 200,
    answer: apiKeyPage,
    async handle({ query }, { database }) {
      const position = fromCursor(query.cursor, z.tuple([z.string(), z.uuid()]));
      const after = position && { name: position[0], apiKeyId: position[1] };
      const rows = await listApiKeys(database.db, after, query.limit + 1);
      return page(rows, query.limit, toKey, (row) => [row.name, row.apiKeyId]);
    },
  }),
  route({
    method: 'post',
    path: '/api-keys',
    summary: 'Make an API key; it is shown this once',
    description: 'A viewer reads; an operator also saves and runs syncs; an admin also changes connections and keys.',
    tag: 'Administration',
    role: 'admin',
    body: apiKeyBody,
    status: 201,
    answer: newApiKeyAnswer,
    isSecret: true,
    refusals: [409],
    handle({ body, change }, { now }) {
      const { expiresAt = null } = body;
      demandToCome(expiresAt, now());
      return change(async (tx, note) => {
        const key = makeApiKey();
        const isTaken = body.name === KEY_OF_SETTINGS;
        const row = isTaken ? null : await insertApiKey(tx, { ...body, expiresAt, keyHash: hashApiKey(key) });
        if (!row) {
          const errors = [{ path: 'name', message: 'The name is taken.' }];
          throw new Problem(409, 'Another key has this name, by which the audit tells who did what.', errors);
        }
        await note('api-key.create', subjectOf(row.apiKeyId), body);
        return { ...toKey(row), key };
      });
    },
  }),
  route({
    method: 'delete',
    path: '/api-keys/:apiKeyId',
    summary: 'Revoke an API key, at once',
    tag: 'Administration',
    role: 'admin',
    params: apiKeyParams,
    status: 204,
    answer: null,
    refusals: [404],
    handle: ({ params, change }) =>
      change(async (tx, note) => {
        const name = await revokeApiKey(tx, params.apiKeyId);
        if (name === null) throw notFound('API key');
        await note('api-key.revoke', subjectOf(params.apiKeyId), { name });
        return undefined;
      }),
  }),
  route({
    method: 'post',
    path: '/secrets/rotate',
    summary: 'Seal all stored secrets anew with the first key of SYNC_SECRET_KEY',
    description:
      'Afterwards the other keys are not needed any more. Running syncs go on. Repeating it does no harm: what is sealed with the first key is left.',
    tag: 'Administration',
    role: 'admin',
    status: 200,
    answer: rotatedAnswer,
    refusals: [409],
    handle: ({ change }, { secrets }) =>
      change(async (tx, note) => {
        const { connections, sessions, webhooks, closed } = await resealSecrets(tx, secrets);
        if (closed.length > 0) {
          throw new Problem(
            409,
            `With none of the keys given can the secrets of these connections and webhooks be opened: ${closed.join(', ')}. ` +
              'Add the key that they were sealed with to SYNC_SECRET_KEY, or enter their secrets again. Nothing was changed.',
          );
        }
        await note('secrets.rotate', 'secrets', { connections, sessions, webhooks });
        return { connections, sessions, webhooks };
      }),
  }),
];
