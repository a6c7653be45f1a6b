import { z } from 'zod';
import { EXECUTION_STATES, PHASES } from '../../domain/outcome';
import { TIMELINE_KINDS } from '../../domain/timeline';

const ENTRY = {
  at: '2026-12-01T01:31:07.120Z',
  kind: 'waiting' as const,
  phase: 'load' as const,
  text: 'The daily share of API calls of Salesforce EU is used up.',
  waitsUntil: '2026-12-01T06:00:00.000Z',
  endedAt: null,
  times: 1,
  records: null,
  who: null,
  state: null,
};

export const timelineEntry = z
  .object({
    at: z.iso.datetime(),
    kind: z.enum([...TIMELINE_KINDS, 'started', 'ended', 'action']).meta({
      description: 'What was written down while it ran, its start and end, and what people did about it (`action`)',
    }),
    phase: z.enum(PHASES).nullable(),
    text: z.string().nullable().meta({
      description:
        'Why an attempt failed, what is waited for, the wish that stopped it, the problem at the end; of an action its name, such as `sync.pause`',
    }),
    waitsUntil: z.iso.datetime().nullable().meta({ description: 'When a wait is expected to end' }),
    endedAt: z.iso.datetime().nullable().meta({ description: 'When a wait ended, or when what came again came last' }),
    times: z.int().min(1).meta({ description: 'So often it came, one soon after the other' }),
    records: z.int().min(0).nullable().meta({ description: 'Records that a phase had gone over at its end' }),
    who: z.string().nullable().meta({ description: 'Who did it' }),
    state: z.enum(EXECUTION_STATES).nullable().meta({ description: 'In which it ended' }),
  })
  .meta({ id: 'TimelineEntry', example: ENTRY });
export type TimelineEntry = z.output<typeof timelineEntry>;

export const timelineList = z
  .object({ items: z.array(timelineEntry), nextCursor: z.null() })
  .meta({ example: { items: [ENTRY], nextCursor: null } });
