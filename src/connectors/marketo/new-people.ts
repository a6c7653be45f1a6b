import { z } from 'zod';
import { isBlank } from '../../domain/blank';
import type { ObjectDescription } from '../../domain/object-description';
import { sameMeaning } from '../../domain/values';
import type { Claim, WriteBatch, WriteRecord } from '../connector';
import { dateToken } from './changed-people';
import type { MarketoClient } from './client';
import { type RawRecord, recordsByFilter } from './query';
import { fromMarketo } from './values';

/** Activity type *New Lead* (Marketo developer guide, "Activities"). */
const NEW_LEAD = 12;
const activity = z.object({ leadId: z.number(), activityTypeId: z.number() });

/**
 * Finds the people that were made since a moment and hold the values of records without a key, by their *New Lead* activities. Who has a key was
 * made of a record with one.
 * @param sinceMs by Marketo's clock, milliseconds since 1970
 * @returns the id for each record, in order, each id once; null where none fits, or what fits may have been made of another batch's
 */
export async function newPeopleSince(
  client: MarketoClient,
  { object, matchField }: Pick<WriteBatch, 'object' | 'matchField'>,
  sinceMs: number,
  records: readonly WriteRecord[],
  claim: Claim,
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const values = await newIds(client, sinceMs, signal);
  const key = object.fields.find(({ name, createable }) => name === matchField && createable);
  const written = records.flatMap((record) => Object.keys(record.values));
  const fields = [...new Set(['id', ...(key ? [key.name] : []), ...written])];
  const found = await recordsByFilter(client, { objectName: 'Lead', filterType: 'id', values, fields }, signal);
  const candidates = new Map(
    found
      .filter((person) => !key || isBlank(fromMarketo(person[key.name], key)))
      .map((person) => [String(person.id), person]),
  );
  const chosen = new Map<WriteRecord, string>();
  await claim([...candidates.keys()], (free, others) => {
    const open = new Map([...candidates].filter(([id]) => free.has(id)));
    const mayBeOfOthers = (person: RawRecord, record: WriteRecord) =>
      others.some((other) => (!other.isAskedAbout || tellsMore(other, record)) && holds(object, other, person, fields));
    for (const record of theMostTellingFirst(records)) {
      const [match] =
        [...open].find(([, person]) => holds(object, record, person, fields) && !mayBeOfOthers(person, record)) ?? [];
      if (match === undefined) continue;
      open.delete(match);
      chosen.set(record, match);
    }
    return [...chosen.values()];
  });
  return records.map((record) => chosen.get(record) ?? null);
}

const countOf = ({ values }: WriteRecord): number => Object.keys(values).length;

/** Who was made of a record with more values holds those of a record with fewer as well. */
const tellsMore = (one: WriteRecord, other: WriteRecord): boolean => countOf(one) > countOf(other);

const theMostTellingFirst = (records: readonly WriteRecord[]): WriteRecord[] =>
  [...records].sort((one, other) => countOf(other) - countOf(one));

/** @param asked the fields that are known of the candidate: what is not may be as the record has it */
const holds = (
  object: ObjectDescription,
  record: WriteRecord,
  candidate: RawRecord,
  asked: readonly string[],
): boolean =>
  Object.entries(record.values).every(([name, value]) => {
    const field = asked.includes(name) ? object.fields.find((each) => each.name === name) : undefined;
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
