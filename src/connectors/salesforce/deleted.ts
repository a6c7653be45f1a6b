import { z } from 'zod';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { DeletionsRequest } from '../connector';
import { ConnectorError } from '../connector-error';
import type { SalesforceClient } from './client';
import { checkedName } from './soql';

const MINUTE_MS = 60_000;

const deletions = z.object({
  deletedRecords: z.array(z.object({ id: z.string() })),
  /** As far back as the answer is complete: a bin that was emptied forgets what was in it. */
  earliestDateAvailable: z.string(),
});

/** The object keeps no log of its deletions, it does not reach back so far, or it names more Ids than one answer holds. */
const CANNOT_TELL = new Set([
  'INVALID_REPLICATION_DATE',
  'EXCEEDED_ID_LIMIT',
  'INVALID_TYPE_FOR_OPERATION',
  'NOT_FOUND',
]);

/** The records that were deleted since an instant, those that lost a merge among them (REST guide, "sObject Get Deleted"). */
export async function deletedIds(
  client: SalesforceClient,
  { object, since, until }: DeletionsRequest,
  signal: AbortSignal,
): Promise<string[] | null> {
  // Salesforce looks at whole minutes alone
  const start = `${since.slice(0, '2026-03-01T09:00'.length)}:00Z`;
  const end = new Date(Math.ceil(Date.parse(until) / MINUTE_MS) * MINUTE_MS).toISOString();
  const query = new URLSearchParams({ start, end });
  const path = `${client.versionPath}/sobjects/${checkedName(object.name)}/deleted/?${query}`;
  try {
    const answer = await client.json({ method: 'GET', path }, deletions, { signal });
    const earliestMs = Date.parse(answer.earliestDateAvailable.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
    if (!(earliestMs <= Date.parse(start))) return null;
    return answer.deletedRecords.map(({ id }) => salesforceId18(id) ?? id);
  } catch (error) {
    if (error instanceof ConnectorError && CANNOT_TELL.has(error.code)) return null;
    throw error;
  }
}
