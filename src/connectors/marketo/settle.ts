import { LATE_EFFECT_MS } from '../../domain/late-effects';
import type { Value } from '../../domain/object-description';
import { sameMeaning } from '../../domain/values';
import type { Claim, RecordResult, Settlement, WriteBatch, WriteRecord } from '../connector';
import { ConnectorError, lostInPart } from '../connector-error';
import type { MarketoClient } from './client';
import { newPeopleSince } from './new-people';
import { isOfProgram } from './objects';
import { findByKey } from './query';

/** Marketo's clock knows seconds alone, and stamps of a fresh record differ by one. */
const CLOCK_TOLERANCE_MS = 2_000;

/** Where a batch is the only one, all that fits is its own. */
const claimAll: Claim = async (ids, choose) => void choose(new Set(ids), []);

/**
 * Tells what became of a batch whose answer was lost. An update and a deletion by id, and a create by key, can be repeated: the first two do the same
 * again, the last answers "already exists" for what arrived after all. A person without a key leaves a *New Lead* activity alone.
 */
export async function settle(
  client: MarketoClient,
  batch: WriteBatch,
  signal: AbortSignal,
  claim: Claim = claimAll,
): Promise<Settlement> {
  if (batch.operation !== 'create') return { mayBeRepeated: true };
  const now = client.deps.now();
  const sentAtMs = batch.sentAt === null ? now : Date.parse(batch.sentAt);
  const isKeyless = ({ key }: WriteRecord) => key === null && batch.object.name === 'Lead';
  const keyed = batch.records.filter((record) => !isKeyless(record));
  const keyless = batch.records.filter(isKeyless);
  const results = await resultsByKey(client, batch, keyed, sentAtMs, signal);
  if (keyless.length === 0) {
    // repeated as a whole, so that what arrives late is known as ours by its answer
    if (results.size === 0) return { mayBeRepeated: true };
  } else {
    const sinceMs = (await client.vendorTime(sentAtMs, signal)) - CLOCK_TOLERANCE_MS;
    const ids = await newPeopleSince(client, batch, sinceMs, keyless, claim, signal);
    ids.forEach((destinationId, index) => {
      const record = keyless[index];
      if (record && destinationId !== null) results.set(record, { result: 'created', destinationId });
    });
    const untilMs = batch.arrivesUntil === null ? sentAtMs + LATE_EFFECT_MS : Date.parse(batch.arrivesUntil);
    const isOpen = keyless.some((record) => !results.has(record));
    if (isOpen && now < untilMs) return { askAgainAt: new Date(now + client.tuning.askAgainMs).toISOString() };
  }
  return { results: batch.records.map((record) => results.get(record) ?? unseen(record)) };
}

const unseen = ({ key }: WriteRecord): RecordResult =>
  key === null
    ? {
        result: 'inDoubt',
        message:
          'The answer was lost, and Marketo names no new person with these values. Look for the person in Marketo before you load it again.',
      }
    : { result: 'again', code: 'notReceived', message: 'The record has not arrived yet.', mayArrive: true };

const OF_OTHERS = 'Somebody else created a record with this key at the same time.';

/**
 * Tells of what a repeated creation was answered "already exists" for whether others made it: before the first sending, or with other
 * values. What no look-up finds stays open.
 * @param results of the records; takes what is told
 * @throws ConnectorError with `answerLost` for what was to be told about, since the repeat itself was answered
 */
export async function namingOthers(
  client: MarketoClient,
  batch: WriteBatch,
  results: Map<WriteRecord, RecordResult>,
  signal: AbortSignal,
): Promise<void> {
  const { operation, records, sentAt } = batch;
  const asked = records.filter((record) => results.get(record)?.result === 'exists');
  if (operation !== 'create' || sentAt === null || asked.length === 0) return;
  try {
    for (const [record, { madeBy }] of await foundByKey(client, batch, asked, Date.parse(sentAt), signal)) {
      const result = results.get(record);
      const isOurs = madeBy === 'us' || madeBy === 'usInPart';
      if (result?.result === 'exists' && !isOurs) results.set(record, { ...result, ofOthers: true });
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    for (const record of asked) results.delete(record);
    throw lostInPart(error, records, results);
  }
}

/** What is there under the records' keys. One that was there before keeps its fate open, as ours may yet arrive for another record. */
async function resultsByKey(
  client: MarketoClient,
  batch: WriteBatch,
  records: readonly WriteRecord[],
  sentAtMs: number,
  signal: AbortSignal,
): Promise<Map<WriteRecord, RecordResult>> {
  const results = new Map<WriteRecord, RecordResult>();
  for (const [record, { destinationId, madeBy }] of await foundByKey(client, batch, records, sentAtMs, signal)) {
    if (madeBy === 'us') results.set(record, { result: 'created', destinationId });
    // the repeat of the batch is answered with "already exists"
    if (madeBy === 'others') results.set(record, { result: 'exists', destinationId, message: OF_OTHERS });
    // a member whose further values are missing gets them by the repeat
  }
  return results;
}

/** A record under a key that was to be created. */
interface Found {
  destinationId: string;
  /** Made since the batch was sent and with its values, it is ours. A member is made by one call and filled by another. */
  madeBy: 'us' | 'usInPart' | 'others' | 'othersBefore';
}

async function foundByKey(
  client: MarketoClient,
  batch: WriteBatch,
  records: readonly WriteRecord[],
  sentAtMs: number,
  signal: AbortSignal,
): Promise<Map<WriteRecord, Found>> {
  const found = new Map<WriteRecord, Found>();
  if (records.length === 0) return found;
  const { object, matchField } = batch;
  const fields = [...new Set(['createdAt', ...records.flatMap(({ values }) => Object.keys(values))])];
  const request = { object, field: matchField, keys: records.map(({ key }) => key), fields };
  const existing = await findByKey(client, request, signal);
  // a member of a program is matched by what is its id
  const byKey = new Map(existing.map((one) => [comparable(one.key ?? one.destinationId), one]));
  const oldestMs = (await client.vendorTime(sentAtMs, signal)) - CLOCK_TOLERANCE_MS;
  for (const record of records) {
    const present = byKey.get(comparable(record.key));
    if (!present) continue;
    const { destinationId, values } = present;
    const isNew = Date.parse(String(values.createdAt)) >= oldestMs;
    const different = object.fields.filter(
      (field) =>
        field.name in record.values &&
        !sameMeaning(field, record.values[field.name] ?? null, values[field.name] ?? null),
    );
    const isInPart = isOfProgram(object.name) && different.every(({ name }) => (values[name] ?? null) === null);
    const ours = different.length === 0 ? 'us' : isInPart ? 'usInPart' : 'others';
    found.set(record, { destinationId, madeBy: isNew ? ours : 'othersBefore' });
  }
  return found;
}

const comparable = (key: Value): string => String(key).normalize('NFC').trim().toLowerCase();
