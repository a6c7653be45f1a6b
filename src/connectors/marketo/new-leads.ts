import { z } from 'zod';
import type { ObjectDescription } from '../../domain/object-description';
import { sameMeaning } from '../../domain/values';
import type { WriteRecord } from '../connector';
import type { MarketoClient } from './client';
import { FILTER_VALUES } from './lead-filter';
import { type RawRecord, recordsByFilter } from './query';
import { fromMarketo } from './values';

const NEW_LEAD = 12;
const activity = z.object({ leadId: z.number(), activityTypeId: z.number() });

/**
 * Finds the people that were made since a moment and hold the values of records without a key, by their *New Lead* activities.
 * @returns the id for each record, each id once; null where none fits
 */
export async function newLeadsSince(
  client: MarketoClient,
  object: ObjectDescription,
  sinceMs: number,
  records: readonly WriteRecord[],
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const leadIds = await newLeadIds(client, new Date(sinceMs).toISOString(), signal);
  const fields = [...new Set(records.flatMap((record) => Object.keys(record.values)))];
  const candidates: RawRecord[] = [];
  for (let from = 0; from < leadIds.length; from += FILTER_VALUES) {
    const query = { objectName: 'Lead', filterType: 'id', values: leadIds.slice(from, from + FILTER_VALUES), fields };
    candidates.push(...(await recordsByFilter(client, query, signal)));
  }
  const taken = new Set<string>();
  return records.map((record) => {
    const match = candidates.find((candidate) => !taken.has(String(candidate.id)) && holds(object, record, candidate));
    if (!match) return null;
    taken.add(String(match.id));
    return String(match.id);
  });
}

const holds = (object: ObjectDescription, record: WriteRecord, candidate: Record<string, unknown>): boolean =>
  Object.entries(record.values).every(([name, value]) => {
    const field = object.fields.find((each) => each.name === name);
    return field === undefined || sameMeaning(field, value, fromMarketo(candidate[name], field));
  });

async function newLeadIds(client: MarketoClient, since: string, signal: AbortSignal): Promise<string[]> {
  const what = 'look for new people';
  const start = await client.call(
    { what, path: '/rest/v1/activities/pagingtoken.json', query: { sinceDatetime: since } },
    signal,
  );
  const ids: string[] = [];
  // the token comes with every page; it is `moreResult` that tells of another one, and a page may be empty
  for (let token = start.nextPageToken, more = true; token !== undefined && more; ) {
    const query = { nextPageToken: token, activityTypeIds: String(NEW_LEAD) };
    const page = await client.call({ what, path: '/rest/v1/activities.json', query }, signal);
    ids.push(
      ...z
        .array(activity)
        .parse(page.result)
        .map((each) => String(each.leadId)),
    );
    token = page.nextPageToken;
    more = page.moreResult ?? false;
  }
  return [...new Set(ids)];
}
