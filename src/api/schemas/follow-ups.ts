import { z } from 'zod';
import { UNDO_COUNTS } from '../../domain/undo';

const count = z.int().min(0);

export const undoBody = z
  .strictObject({ preview: z.boolean().default(false).meta({ description: 'Only tell what it would do' }) })
  .meta({ id: 'Undo', example: { preview: true } });

const FORETOLD = {
  preview: true as const,
  total: 10_000,
  compared: 10_000,
  exact: true,
  plan: { delete: 4_975, restore: 4_970, unchanged: 0, changedSince: 50, deletedSince: 5, unknownId: 0 },
};

/** What an undo would do, without doing it. */
export const undoForetold = z
  .object({
    preview: z.literal(true),
    total: count.meta({
      description: 'Records that the execution created or updated, and that no undo has dealt with',
    }),
    compared: count.meta({ description: 'Those of them that were compared with the destination; `plan` counts these' }),
    exact: z.boolean().meta({ description: 'All of them were compared' }),
    plan: z.record(z.enum(UNDO_COUNTS), count).meta({
      description:
        '`delete`: it was created and is as it was written; `restore`: it was updated and is as it was written, so it gets its values back; ' +
        '`unchanged`: it is as before already; `changedSince`, `deletedSince`: somebody has changed or deleted it, so it is left alone and ' +
        'listed; `unknownId`: it was created by a sending whose answer was lost, and its Id is not known',
    }),
  })
  .meta({ id: 'UndoForetold', example: FORETOLD });
export type UndoForetold = z.input<typeof undoForetold>;

const reasons = z.array(z.string().min(1).max(200)).min(1).max(100);
const field = z.string().max(500);
const sourceIds = z.array(z.string().min(1).max(200)).min(1).max(10_000);

const FIELD = 'this field of the destination, as causes name it; empty: because of none';

export const retryBody = z
  .strictObject({
    reasons: reasons.optional().meta({ description: 'Only records that failed for one of these reasons' }),
    field: field.optional().meta({ description: `Only records that failed because of ${FIELD}` }),
    sourceIds: sourceIds.optional().meta({ description: 'Only these records' }),
  })
  .meta({ id: 'Retry', example: { reasons: ['REQUIRED_FIELD_MISSING'], field: 'LastName' } });

export const giveUpBody = z
  .strictObject({
    reasons: reasons.optional().meta({ description: 'What is due and failed for one of these reasons' }),
    field: field.optional().meta({ description: `Of these only what failed because of ${FIELD}` }),
    sourceIds: sourceIds.optional().meta({ description: 'These records' }),
  })
  .refine((body) => body.reasons !== undefined || body.sourceIds !== undefined, 'Name `sourceIds` or `reasons`.')
  .meta({
    id: 'GiveUp',
    example: { sourceIds: ['1042', '1077'] },
    anyOf: [{ required: ['sourceIds'] }, { required: ['reasons'] }],
  });

export const giveUpAnswer = z
  .object({
    givenUp: count.meta({ description: 'Records that had not been given up before' }),
    due: count.meta({ description: 'Failed records of the execution that are still to be tried again' }),
  })
  .meta({ id: 'GivenUp', example: { givenUp: 2, due: 2 } });
