import { z } from 'zod';
import type { InstanceCore } from '../core';
import type { Reason } from './api-error';
import { type Call, checkBatch, type Envelope, inputSchema, isRecord, jsonBody, listOf, readShape } from './call';
import type { LeadStore } from './lead-store';
import type { LeadWriter } from './lead-writer';

const idsSchema = z.object({ input: inputSchema });

/** A result that names the lead it is about. */
export interface LeadIdResult {
  id?: number;
  status: string;
  reasons?: Reason[];
}

/**
 * Ids of a call that may name them in the query (`?id=1&id=2`, `?id=1,2`) or in `input`.
 * An element that is no id stays `null`, so that results keep their places.
 */
export function leadIdsOf(call: Call): (number | null)[] {
  const inQuery = listOf(call.parameters, 'id').flatMap((text) => text.split(/&id=/));
  if (inQuery.length > 0) return inQuery.map(toId);
  const { input } = readShape(idsSchema, jsonBody(call));
  return input.map((record) => toId(isRecord(record) ? record.id : record));
}

function toId(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

export const skipped = (code: string, message: string, id?: number): LeadIdResult => ({
  ...(id === undefined ? {} : { id }),
  status: 'skipped',
  reasons: [{ code, message }],
});

/** Delete Leads: up to 300 by id. */
export function removeLeads(
  call: Call,
  { core, leads, writer }: { core: InstanceCore; leads: LeadStore; writer: LeadWriter },
): Envelope {
  const ids = leadIdsOf(call);
  checkBatch(ids, (size) => core.countViolation('batchTooLarge', `${size} leads to delete`));
  const context = { by: call.user.userName, via: call.via, source: 'Web service API' };
  const result = core.database.transaction(() =>
    ids.map((id): LeadIdResult => {
      const row = id === null ? undefined : leads.get(id);
      if (!row) return skipped('1004', 'Lead not found', id ?? undefined);
      writer.remove(row, context);
      return { id: row.id, status: 'deleted' };
    }),
  )();
  return { result };
}
