import { z } from 'zod';
import { pageOf, pageQuery } from './page';
import { ROLES } from './roles';

const API_KEY_ID = '1f4b8a52-60c4-4f55-9a0e-5b0b7b1c2d33';

export const auditQuery = pageQuery;

const ENTRY = {
  id: '6a0e4f2b-9a41-4d6c-8a3f-0e5d9c7b1a20',
  at: '2026-12-01T01:30:00.412Z',
  who: 'Nightly jobs',
  action: 'sync.activate',
  subject: 'sync/9b2f6f0e-3d55-4b1e-8a0c-6f1f2f3a4b5c',
  details: { version: 3 },
};

export const auditAnswer = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    who: z.string().meta({ description: 'Name of the API key' }),
    action: z.string(),
    subject: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry', example: ENTRY });

export const auditPage = pageOf(auditAnswer, ENTRY);

export const apiKeyParams = z.object({ apiKeyId: z.uuid().meta({ example: API_KEY_ID }) });
export const apiKeysQuery = pageQuery;

export const apiKeyBody = z
  .strictObject({ name: z.string().trim().min(1).max(200), role: z.enum(ROLES) })
  .meta({ id: 'NewApiKey', example: { name: 'Nightly jobs', role: 'operator' } });

const API_KEY = {
  id: API_KEY_ID,
  name: 'Nightly jobs',
  role: 'operator' as const,
  lastUsedAt: null,
  createdAt: '2026-11-20T08:00:00.000Z',
};

export const apiKeyAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.enum(ROLES),
    lastUsedAt: z.iso.datetime().nullable().meta({ description: 'To the minute' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ApiKey', example: API_KEY });

export const apiKeyPage = pageOf(apiKeyAnswer, API_KEY);

export const newApiKeyAnswer = apiKeyAnswer.extend({ key: z.string() }).meta({
  id: 'MadeApiKey',
  example: { ...API_KEY, key: 'sync_…' },
});

export const rotatedAnswer = z
  .object({
    connections: z.int().nonnegative().meta({ description: 'Connections whose secrets were sealed anew' }),
    sessions: z.int().nonnegative().meta({ description: 'Running sessions with the systems that were sealed anew' }),
  })
  .meta({ id: 'RotatedSecrets', example: { connections: 12, sessions: 7 } });
