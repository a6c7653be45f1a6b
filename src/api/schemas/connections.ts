import { z } from 'zod';
import { CONNECTION_KINDS } from '../../domain/connection';

export const connectionParams = z.object({ connectionId: z.uuid() });
export const objectParams = connectionParams.extend({ object: z.string().min(1).max(200) });

/** A connection as it is shown: without its secrets. */
export const connectionAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(CONNECTION_KINDS),
    settings: z.record(z.string(), z.unknown()),
    identity: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Connection' });

/** A change of a connection: members that are left out, secrets among them, stay as they are. */
export const connectionPatch = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
});

export const connectionTestAnswer = z
  .object({
    ok: z.boolean(),
    account: z.string().nullable(),
    quota: z.object({ used: z.number().nullable(), limit: z.number().nullable() }).nullable(),
    problem: z.string().nullable(),
  })
  .meta({ id: 'ConnectionTest' });
