import { LATE_EFFECT_MS } from '../../domain/late-effects';
import type { Value } from '../../domain/object-description';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { ExistingRecord, RecordResult, Settlement, WriteBatch } from '../connector';
import type { SalesforceClient } from './client';
import { findByKey } from './lookup';

const ASK_AGAIN_MS = 60_000;
const LOOKUP_KEYS = 2_000;
/** Clocks of theirs and ours differ by less. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Tell who made a record, and when; objects without them tell their records by the key alone. */
const MADE_BY = 'CreatedById';
const MADE_AT = 'CreatedDate';

/**
 * Finds out by the match key what became of inserts that no job identifies. A record that our user has made since the batch was sent is
 * ours; one that is still missing is sent again once it can no longer appear. One without a key is in doubt.
 */
export async function settleInserts(
  client: SalesforceClient,
  batch: WriteBatch,
  signal: AbortSignal,
): Promise<Settlement> {
  const found = await foundByKey(client, batch, signal);
  const isOurs = await oursSince(client, batch, signal);
  const now = client.deps.now();
  const sentAt = batch.sentAt === null ? now : Date.parse(batch.sentAt);
  const until = batch.arrivesUntil === null ? sentAt + LATE_EFFECT_MS : Date.parse(batch.arrivesUntil);
  const results = batch.records.map(({ key }): RecordResult | null => {
    if (key === null) {
      return { result: 'inDoubt', message: 'The answer was lost and the record has no key to look it up by.' };
    }
    const existing = found.get(comparable(key)) ?? [];
    const ours = existing.find(isOurs);
    if (ours) return { result: 'created', destinationId: ours.destinationId };
    const [others] = existing;
    // ours may yet appear beside it
    return others && now >= until
      ? { result: 'exists', destinationId: others.destinationId, message: OF_OTHERS }
      : null;
  });
  const missing = results.filter((result) => result === null).length;
  if (missing > 0 && now < until) return { askAgainAt: new Date(Math.min(now + ASK_AGAIN_MS, until)).toISOString() };
  if (missing === batch.records.length) return { notReceived: true };
  return { results: results.map((result) => result ?? NOT_APPLIED) };
}

const OF_OTHERS = 'Somebody else created a record with this key at the same time.';

const NOT_APPLIED: RecordResult = {
  result: 'again',
  code: 'NOT_APPLIED',
  message: 'The answer was lost, and Salesforce does not have the record.',
};

/** What tells a record that our user has made since a batch was sent. */
async function oursSince(
  client: SalesforceClient,
  { object, sentAt }: WriteBatch,
  signal: AbortSignal,
): Promise<(record: ExistingRecord) => boolean> {
  const isTold = [MADE_BY, MADE_AT].every((name) => object.fields.some((field) => field.name === name));
  if (!isTold) return () => true;
  const userId = await client.userId(signal);
  const sinceMs = sentAt === null ? Number.NEGATIVE_INFINITY : Date.parse(sentAt) - CLOCK_TOLERANCE_MS;
  return ({ values }) =>
    salesforceId18(String(values[MADE_BY])) === userId && Date.parse(String(values[MADE_AT])) >= sinceMs;
}

async function foundByKey(
  client: SalesforceClient,
  { object, matchField, records }: WriteBatch,
  signal: AbortSignal,
): Promise<Map<string, ExistingRecord[]>> {
  const keys = records.map(({ key }) => key).filter((key) => key !== null);
  const fields = [MADE_BY, MADE_AT].filter((name) => object.fields.some((field) => field.name === name));
  const found = new Map<string, ExistingRecord[]>();
  for (let first = 0; first < keys.length; first += LOOKUP_KEYS) {
    const part = { object, field: matchField, keys: keys.slice(first, first + LOOKUP_KEYS), fields };
    for (const record of await findByKey(client, part, { signal })) {
      const key = comparable(record.key);
      found.set(key, [...(found.get(key) ?? []), record]);
    }
  }
  return found;
}

/** Salesforce trims texts and compares them without regard to case. */
const comparable = (key: Value): string => String(key).normalize('NFC').trim().toLowerCase();
