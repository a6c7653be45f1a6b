import { z } from 'zod';

/** Settings of the server that tell people what to expect. */
export const settingsAnswer = z
  .object({
    retentionDays: z.int().min(1).meta({
      description:
        'So many days after the end of an execution the values of its records are kept (`SYNC_RETENTION_DAYS`)',
    }),
  })
  .meta({ id: 'Settings', example: { retentionDays: 30 } });
