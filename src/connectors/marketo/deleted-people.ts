import { z } from 'zod';
import type { DeletionsRequest } from '../connector';
import { dateToken } from './changed-people';
import type { MarketoClient } from './client';

/** Entries older than 14 days may be gone (Marketo developer guide, "Get Deleted Leads"); with a margin. */
const KEPT_MS = 13 * 86_400_000;

const deletion = z.object({ leadId: z.number() });

/**
 * The people that were deleted since an instant, those that lost a merge among them.
 * @returns null for other objects, whose deletions no call lists, and where the log does not reach back so far
 */
export async function deletedPeople(
  client: MarketoClient,
  { object, since }: DeletionsRequest,
  signal: AbortSignal,
): Promise<string[] | null> {
  const sinceMs = Date.parse(since);
  const nowMs = await client.vendorTime(client.deps.now(), signal);
  if (object.name !== 'Lead' || sinceMs < nowMs - KEPT_MS) return null;
  const ids: string[] = [];
  let token = await dateToken(client, sinceMs, signal);
  while (token !== undefined) {
    const query = { nextPageToken: token, batchSize: '300' };
    const call = { what: 'look for deleted people', path: '/rest/v1/activities/deletedleads.json', query };
    const page = await client.list(call, deletion, signal);
    for (const { leadId } of page.items) ids.push(String(leadId));
    // a page may be empty although more are to come
    token = page.moreResult ? page.nextPageToken : undefined;
  }
  return ids;
}
