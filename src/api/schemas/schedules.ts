import { z } from 'zod';
import { schedule } from '../../domain/definition';

const EVERY_NIGHT = {
  type: 'interval' as const,
  every: { amount: 1, unit: 'day' as const },
  start: '2026-12-01T02:30',
  timeZone: 'Europe/Vienna',
};

export const scheduleBody = z.strictObject({ schedule }).meta({
  id: 'ScheduleQuestion',
  example: { schedule: EVERY_NIGHT },
});

export const scheduleAnswer = z
  .object({
    text: z.string().meta({ description: 'The schedule in words' }),
    nextRuns: z
      .array(z.iso.datetime())
      .meta({ description: 'The next ten, fewer where it ends before; none for `now`' }),
  })
  .meta({
    id: 'ScheduleInWords',
    example: {
      text: 'Every day from 1 December 2026 at 02:30 (Europe/Vienna)',
      nextRuns: ['2026-12-01T01:30:00.000Z', '2026-12-02T01:30:00.000Z'],
    },
  });
