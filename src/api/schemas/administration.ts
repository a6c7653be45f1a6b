import { z } from 'zod';
import { AUDIT_FAULTS } from '../../domain/audit-faults';
import { pageOf, pageQuery } from './page';
import { ROLES } from './roles';

const API_KEY_ID = '1f4b8a52-60c4-4f55-9a0e-5b0b7b1c2d33';

/** Which entries of the audit are wanted. */
export const auditQuery = pageQuery
  .extend({
    who: z.string().min(1).max(200).optional().meta({ description: 'As `who` of an entry says it' }),
    action: z
      .string()
      .max(100)
      .regex(/^[a-z-]+\.[A-Za-z-]+$/, 'as `action` of an entry says it, such as sync.activate')
      .optional()
      .meta({ description: 'As `action` of an entry says it', example: 'sync.activate' }),
    subject: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'As `subject` of an entry says it', example: `api-key/${API_KEY_ID}` }),
    from: z.iso
      .datetime()
      .optional()
      .meta({ description: 'The first moment, in UTC', example: '2026-12-01T00:00:00Z' }),
    to: z.iso
      .datetime()
      .optional()
      .meta({ description: 'The moment before which it ends, in UTC', example: '2026-12-02T00:00:00Z' }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    error: 'a moment after `from`',
  });

const ENTRY = {
  id: '6a0e4f2b-9a41-4d6c-8a3f-0e5d9c7b1a20',
  at: '2026-12-01T01:30:00.412Z',
  who: 'Nightly jobs',
  whoText: 'Nightly jobs',
  action: 'sync.activate',
  subject: 'sync/9b2f6f0e-3d55-4b1e-8a0c-6f1f2f3a4b5c',
  address: '198.51.100.7',
  details: { version: 3 },
};

export const auditAnswer = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    who: z.string().meta({ description: 'Name of the API key; `SYNC_API_KEY` for that of the settings' }),
    whoText: z.string().meta({ description: 'The same for people' }),
    action: z.string(),
    subject: z.string(),
    address: z.string().nullable().meta({
      description:
        'From where, as the API saw it; null for what Sync does by itself, and in entries of earlier releases',
    }),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry', example: ENTRY });

export const auditPage = pageOf(auditAnswer, ENTRY);

const SHA_256 = /^[0-9a-f]{64}$/;
const END = { position: 1_204, hash: 'f4c0'.repeat(16) };

/** `POSITION:HASH`, as people note the end of the chain. */
export const auditVerificationQuery = z.strictObject({
  noted: z
    .string()
    .regex(/^[1-9]\d{0,14}:[0-9a-f]{64}$/, 'an `end` of an earlier answer, as POSITION:HASH')
    .optional()
    .meta({
      description: 'An earlier `end`, noted elsewhere, as `POSITION:HASH`: tells when the whole audit was written anew',
    }),
});

export const auditVerificationAnswer = z
  .object({
    isWhole: z.boolean(),
    begunAt: z.iso.datetime().meta({ description: 'Since then entries are chained' }),
    earlierEntries: z
      .int()
      .nonnegative()
      .meta({ description: 'Entries from before; whether their contents were changed cannot be told' }),
    end: z
      .object({ position: z.int().nonnegative(), hash: z.string().regex(SHA_256) })
      .meta({ description: 'How many entries are chained, and the hash of the last one over all of them' }),
    faults: z
      .array(
        z.object({
          problem: z.enum(AUDIT_FAULTS),
          position: z.int().nullable().meta({ description: 'In the chain, from 1 on' }),
          entry: z.uuid().nullable().meta({ description: 'Id of the entry' }),
        }),
      )
      .meta({
        description:
          'The first hundred. `changed`: not as it was written; `removed`: its place is there, the entry is not; `added`: it has no place in the chain; ' +
          '`missing`: entry and place are gone; `endChanged`: the end is not that of the last place; `earlierChanged`: entries from before the chain ' +
          'were added or removed; `otherThanNoted`: what was noted is not in the chain',
      }),
  })
  .meta({
    id: 'AuditVerification',
    example: { isWhole: true, begunAt: '2026-11-20T08:00:00.000Z', earlierEntries: 0, end: END, faults: [] },
  });

export const apiKeyParams = z.object({ apiKeyId: z.uuid().meta({ example: API_KEY_ID }) });
export const apiKeysQuery = pageQuery;

export const apiKeyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    role: z.enum(ROLES),
    expiresAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'From then on it is refused, and sessions that it has opened end; never, when left out' }),
  })
  .meta({
    id: 'NewApiKey',
    example: { name: 'Nightly jobs', role: 'operator', expiresAt: '2099-12-31T00:00:00Z' },
  });

const API_KEY = {
  id: API_KEY_ID,
  name: 'Nightly jobs',
  role: 'operator' as const,
  expiresAt: '2099-12-31T00:00:00.000Z',
  lastUsedAt: null,
  createdAt: '2026-11-20T08:00:00.000Z',
};

export const apiKeyAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.enum(ROLES),
    expiresAt: z.iso.datetime().nullable().meta({ description: 'From then on it is refused; null for never' }),
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
    webhooks: z.int().nonnegative().meta({ description: 'Webhooks whose signing secrets were sealed anew' }),
  })
  .meta({ id: 'RotatedSecrets', example: { connections: 12, sessions: 7, webhooks: 2 } });
