import { z } from 'zod';
import type { ObjectDescription } from '../../domain/object-description';
import { sameMeaning } from '../../domain/values';
import type { WriteRecord } from '../connector';
import { dateToken } from './changed-people';
import type { MarketoClient } from './client';
import { type RawRecord, recordsByFilter } from './query';
import { fromMarketo } from './values';

/** Activity type *New Lead* (Marketo developer guide, "Activities"). */
const NEW_LEAD = 12;
const activity = z.object({ leadId: z.number(), activityTypeId: z.number() });

/**
 * Finds the people that were made since a moment and hold the values of records without a key, by their *New Lead* activities.
 * @param sinceMs by Marketo's clock, milliseconds since 1970
 * @returns the id for each record, in order, each id once; null where none fits
 */
export async function newPeopleSince(
  client: MarketoClient,
  object: ObjectDescription,
  sinceMs: number,
  records: readonly WriteRecord[],
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const values = await newIds(client, sinceMs, signal);
  const fields = [...new Set(['id', ...records.flatMap((record) => Object.keys(record.values))])];
  const candidates = await recordsByFilter(client, { objectName: 'Lead', filterType: 'id', values, fields }, signal);
  const taken = new Set<RawRecord>();
  return records.map((record) => {
    const match = candidates.find((candidate) => !taken.has(candidate) && holds(object, record, candidate));
    if (!match) return null;
    taken.add(match);
    return String(match.id);
  });
}

const holds = (object: ObjectDescription, record: WriteRecord, candidate: RawRecord): boolean =>
  Object.entries(record.values).every(([name, value]) => {
    const field = object.fields.find((each) => each.name === name);
    return field === undefined || sameMeaning(field, value, fromMarketo(candidate[name], field));
  });

async function newIds(client: MarketoClient, sinceMs: number, signal: AbortSignal): Promise<string[]> {
  const ids = new Set<string>();
  let token = await dateToken(client, sinceMs, signal);
  while (token !== undefined) {
    const query = { nextPageToken: token, activityTypeIds: String(NEW_LEAD) };
    const call = { what: 'look for new people', path: '/rest/v1/activities.json', query };
    const page = await client.list(call, activity, signal);
    for (const { leadId } of page.items) ids.add(String(leadId));
    // a page may be empty although more are to come
    token = page.moreResult ? page.nextPageToken : undefined;
  }
  return [...ids];
}
