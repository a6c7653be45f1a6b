import { z } from 'zod';

export const healthAnswer = z.object({ ok: z.boolean() }).meta({ id: 'Health', example: { ok: true } });

export const readinessAnswer = z
  .object({
    ok: z.boolean(),
    database: z.boolean(),
    migrations: z.boolean(),
    temporal: z.boolean(),
    worker: z.boolean(),
    missing: z.array(z.string()),
  })
  .meta({
    id: 'Readiness',
    example: { ok: false, database: true, migrations: true, temporal: true, worker: false, missing: ['worker'] },
  });
