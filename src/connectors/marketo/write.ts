import { z } from 'zod';
import type { Value } from '../../domain/object-description';
import type { ExistingRecord, RecordResult, Settlement, WriteBatch, WriteRecord } from '../connector';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';
import { newLeadsSince } from './new-leads';
import { objectPath } from './objects';
import { findByKey } from './query';

const resultAnswer = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  marketoGUID: z.string().optional(),
  status: z.string(),
  reasons: z.array(z.object({ code: z.coerce.string(), message: z.string().default('') })).default([]),
});
type ResultAnswer = z.output<typeof resultAnswer>;

/** A request may run on after its connection was cut; what nobody saw of it by then did not happen. */
const LATE_MS = 10 * 60_000;
const ASK_AGAIN_MS = 60_000;
/** Marketo's clock knows seconds alone, and stamps of a fresh person differ by one. */
const CLOCK_TOLERANCE_MS = 2_000;

/** Sends one batch: at most 300 records and 1 MB. */
export async function write(client: MarketoClient, batch: WriteBatch, signal: AbortSignal): Promise<RecordResult[]> {
  const groups = batch.object.name === 'Lead' && batch.operation === 'create' ? splitByKey(batch) : [batch.records];
  const results = new Map<WriteRecord, RecordResult>();
  for (const records of groups) {
    if (records.length === 0) continue;
    const answers = await sendWithin(client, batch, records, signal);
    records.forEach((record, index) => {
      const answer = answers[index];
      if (answer) results.set(record, answer);
    });
  }
  return batch.records.map(
    (record) => results.get(record) ?? { result: 'inDoubt', message: 'Marketo gave no result for this record.' },
  );
}

/** People without a key are made by an action of their own, in a call of their own. */
const splitByKey = (batch: WriteBatch): [WriteRecord[], WriteRecord[]] => [
  batch.records.filter((record) => record.key !== null),
  batch.records.filter((record) => record.key === null),
];

/** Marketo refuses bodies above 1 MB with 413; then the batch goes in halves. */
async function sendWithin(
  client: MarketoClient,
  batch: WriteBatch,
  records: readonly WriteRecord[],
  signal: AbortSignal,
): Promise<RecordResult[]> {
  try {
    return await send(client, batch, records, signal);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'HTTP_413') throw error;
    if (records.length === 1) return [tooLarge(records[0])];
    const half = Math.ceil(records.length / 2);
    const first = await sendWithin(client, batch, records.slice(0, half), signal);
    return [...first, ...(await sendWithin(client, batch, records.slice(half), signal))];
  }
}

function tooLarge(record: WriteRecord | undefined): RecordResult {
  const sizes = Object.entries(record?.values ?? {}).map(([name, value]) => ({ name, size: String(value).length }));
  const largest = sizes.sort((one, other) => other.size - one.size)[0]?.name ?? null;
  return {
    result: 'failed',
    code: 'tooLarge',
    message: 'The record is larger than the 1 MB that Marketo takes.',
    field: largest,
  };
}

async function send(
  client: MarketoClient,
  batch: WriteBatch,
  records: readonly WriteRecord[],
  signal: AbortSignal,
): Promise<RecordResult[]> {
  const what = `${batch.operation} ${batch.object.name} records`;
  const path = `/rest/v1/${objectPath(batch.object.name)}.json`;
  const { result } = await client.call({ what, path, json: bodyOf(batch, records), isWrite: true }, signal);
  const answers = z.array(resultAnswer).parse(result);
  if (answers.length !== records.length) {
    throw new ConnectorError(
      'Marketo gave another number of results than records were sent. Sync asks what became of them.',
      'WRONG_RESULTS',
      { retry: 'soon' },
      { answerLost: true },
    );
  }
  return answers.map((answer) => toResult(batch, answer));
}

function bodyOf(batch: WriteBatch, records: readonly WriteRecord[]): Record<string, unknown> {
  const { idField, name } = batch.object;
  const isUpdate = batch.operation === 'update';
  const input = records.map((record) =>
    isUpdate
      ? { ...record.values, [idField]: idValue(record.destinationId) }
      : { ...(record.key === null ? {} : { [batch.matchField]: record.key }), ...record.values },
  );
  if (name !== 'Lead') {
    return { action: isUpdate ? 'updateOnly' : 'createOnly', dedupeBy: isUpdate ? 'idField' : 'dedupeFields', input };
  }
  if (isUpdate) return { action: 'updateOnly', lookupField: idField, input };
  const hasKeys = records.every((record) => record.key !== null);
  return hasKeys
    ? { action: 'createOnly', lookupField: batch.matchField, input }
    : { action: 'createDuplicate', input };
}

/** Ids of people and companies are numbers on the wire. */
const idValue = (id: string | null): Value => (id !== null && /^\d+$/.test(id) ? Number(id) : id);

function toResult(batch: WriteBatch, answer: ResultAnswer): RecordResult {
  const id = answer.id ?? answer.marketoGUID;
  const destinationId = id === undefined ? null : String(id);
  const [reason] = answer.reasons;
  const code = reason?.code ?? answer.status;
  const message = reason?.message ?? `Marketo says "${answer.status}".`;
  if ((answer.status === 'created' || answer.status === 'updated') && destinationId !== null) {
    return { result: batch.operation === 'create' ? 'created' : 'updated', destinationId };
  }
  if (code === '1005' || code === '1017') return { result: 'exists', destinationId, message };
  if (batch.operation === 'update' && (code === '1004' || code === '1013'))
    return { result: 'notFound', destinationId, message };
  if (code === '1007') return { result: 'failed', code: 'ambiguous', message, field: batch.matchField };
  return { result: 'failed', code, message, field: /field '([^']+)'/i.exec(message)?.[1] ?? null };
}

/** What became of a batch whose answer was lost. */
export async function settle(client: MarketoClient, batch: WriteBatch, signal: AbortSignal): Promise<Settlement> {
  // an update by id can be repeated: it does the same again
  if (batch.operation === 'update') return { notReceived: true };
  const sentAtMs = Date.parse(batch.sentAt ?? new Date(client.deps.now()).toISOString());
  const keyed = batch.records.filter((record) => record.key !== null);
  const keyless = batch.records.filter((record) => record.key === null);
  const created = await createdSince(client, batch, keyed, sentAtMs, signal);
  // what is not there yet is sent again: createOnly answers "already exists" if the first sending comes after all
  if (keyless.length === 0 && created.size === 0) return { notReceived: true };
  const made =
    keyless.length === 0
      ? []
      : await newLeadsSince(client, batch.object, sentAtMs - CLOCK_TOLERANCE_MS, keyless, signal);
  const complete = created.size === keyed.length && made.every((id) => id !== null);
  if (!complete && client.deps.now() < sentAtMs + LATE_MS && keyless.length > 0) {
    return { askAgainAt: new Date(client.deps.now() + ASK_AGAIN_MS).toISOString() };
  }
  return { results: batch.records.map((record) => resultOf(record, created, keyless, made)) };
}

function resultOf(
  record: WriteRecord,
  created: ReadonlyMap<WriteRecord, string>,
  keyless: readonly WriteRecord[],
  made: readonly (string | null)[],
): RecordResult {
  const id = record.key === null ? (made[keyless.indexOf(record)] ?? null) : created.get(record);
  if (id) return { result: 'created', destinationId: id };
  if (record.key !== null) return { result: 'again', code: 'notReceived', message: 'The record did not arrive.' };
  return {
    result: 'inDoubt',
    message:
      'The answer was lost, and no new person with these values was found. Look in Marketo before you load it again.',
  };
}

/** The records that are there under their key, made since the batch was sent. */
async function createdSince(
  client: MarketoClient,
  batch: WriteBatch,
  records: readonly WriteRecord[],
  sentAtMs: number,
  signal: AbortSignal,
): Promise<Map<WriteRecord, string>> {
  const keys = records.map((record) => record.key);
  const request = { object: batch.object, field: batch.matchField, keys, fields: ['createdAt'] };
  const found: ExistingRecord[] = keys.length === 0 ? [] : await findByKey(client, request, signal);
  const byKey = new Map(found.map((existing) => [fold(existing.key), existing]));
  const created = new Map<WriteRecord, string>();
  for (const record of records) {
    const existing = byKey.get(fold(record.key));
    const createdAt = existing?.values.createdAt;
    if (existing && typeof createdAt === 'string' && Date.parse(createdAt) >= sentAtMs - CLOCK_TOLERANCE_MS) {
      created.set(record, existing.destinationId);
    }
  }
  return created;
}

const fold = (key: Value): string => String(key).trim().toLowerCase();
