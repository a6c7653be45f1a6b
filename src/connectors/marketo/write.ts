import { z } from 'zod';
import type { Value } from '../../domain/object-description';
import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { ConnectorError, callError, lostInPart } from '../connector-error';
import type { MarketoClient } from './client';
import { ruleOf, unreadableAnswer } from './errors';
import { kindOf } from './objects';
import { canBeAsked } from './query';
import { namingOthers } from './settle';
import { toId, toMarketo } from './values';

const resultAnswer = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  marketoGUID: z.string().optional(),
  status: z.string(),
  reasons: z.array(z.object({ code: z.coerce.string(), message: z.string().default('') })).default([]),
});
type ResultAnswer = z.output<typeof resultAnswer>;

/** The most bytes of a body (Marketo developer guide, "API limits": 1 MB). */
const MOST_BODY_BYTES = 1_000_000;

/** A record that cannot be sent, or cannot be told apart afterwards, has its result before the call. */
type Sendable = { input: Record<string, unknown>; record: WriteRecord };

/**
 * Sends one batch: at most 300 records and 1 MB, people without a key in a call of their own.
 * Once one call has been answered, what another one is refused for holds for the rest alone: what was created is not sent again.
 * @throws ConnectorError where an answer is lost, with the answers of those records that were not in that call
 */
export async function write(client: MarketoClient, batch: WriteBatch, signal: AbortSignal): Promise<RecordResult[]> {
  const results = new Map<WriteRecord, RecordResult>();
  const groups = new Map<Action, Sendable[]>();
  for (const record of batch.records) {
    const refusal = unsendable(batch, record);
    if (refusal) {
      results.set(record, refusal);
      continue;
    }
    const action = actionFor(batch, record);
    groups.set(action, [...(groups.get(action) ?? []), { record, input: inputOf(batch, record) }]);
  }
  const sender = new Sender(client, batch, signal, results);
  await sender.sendAll(groups);
  await namingOthers(client, batch, results, signal);
  return batch.records.map((record) => results.get(record) as RecordResult); // each was sent, or refused
}

/** What a batch holds that is refused here. */
export const refusals = (batch: WriteBatch): (RecordResult | null)[] =>
  batch.records.map((record) => unsendable(batch, record) ?? tooLargeAlone(batch, record));

function tooLargeAlone(batch: WriteBatch, record: WriteRecord): RecordResult | null {
  const input = inputOf(batch, record);
  return isTooLarge(bodyOf(batch, actionFor(batch, record), [input])) ? tooLarge({ record, input }) : null;
}

type Action = 'createOnly' | 'createDuplicate' | 'updateOnly';

/** A person without a key is made whatever is there; other objects always have one. */
function actionFor({ operation, object }: WriteBatch, { key }: WriteRecord): Action {
  if (operation === 'update') return 'updateOnly';
  return object.name === 'Lead' && key === null ? 'createDuplicate' : 'createOnly';
}

/** What would be made anew by every run is not made at all: a record that could not be found by its key afterwards. */
function unsendable({ operation, object, matchField }: WriteBatch, { key }: WriteRecord): RecordResult | null {
  if (operation === 'update' || key === null) return null;
  const field = object.fields.find(({ name }) => name === matchField);
  if (field?.createable) return null;
  return {
    result: 'failed',
    code: 'keyNotWritable',
    message: `Marketo sets ${matchField} itself, so a record with this value cannot be created. Match by another field, or only update.`,
    field: matchField,
  };
}

function inputOf({ operation, object, matchField }: WriteBatch, record: WriteRecord): Record<string, unknown> {
  const values = Object.entries(record.values).map(([name, value]) => [
    name,
    toMarketo(
      value,
      object.fields.find((field) => field.name === name),
    ),
  ]);
  const input: Record<string, unknown> = Object.fromEntries(values);
  if (operation === 'update') return { ...input, [object.idField]: toId(record.destinationId ?? '') };
  return record.key === null ? input : { [matchField]: record.key, ...input };
}

/** The calls of one batch. */
class Sender {
  private wasAnswered = false;
  /** Records of the last call that was made. */
  private underWay: ReadonlySet<WriteRecord> = new Set();

  /** @param results takes the result of each record that was sent */
  constructor(
    private readonly client: MarketoClient,
    private readonly batch: WriteBatch,
    private readonly signal: AbortSignal,
    private readonly results: Map<WriteRecord, RecordResult>,
  ) {}

  /** Where a call is refused after others had been answered, what it and further calls were to carry has not been sent. */
  async sendAll(groups: ReadonlyMap<Action, readonly Sendable[]>): Promise<void> {
    try {
      for (const [action, records] of groups) await this.send(action, records);
    } catch (thrown) {
      const error = callError(thrown, this.signal);
      const { code, message, answerLost } = error;
      const notSent = this.batch.records.filter(
        (record) => !this.results.has(record) && !(answerLost && this.underWay.has(record)),
      );
      // all of it is as open, or as refused
      if (!this.wasAnswered && (!answerLost || notSent.length === 0)) throw thrown;
      for (const record of notSent) this.results.set(record, { result: 'again', code, message, notSent: true });
      if (!answerLost) return;
      if (this.batch.sentAt !== null) {
        // whether others made what a repeat finds there is not known yet
        for (const [record, { result }] of this.results) if (result === 'exists') this.results.delete(record);
      }
      throw lostInPart(error, this.batch.records, this.results);
    }
  }

  /** Marketo takes bodies of 1 MB; larger ones go in halves. */
  private async send(action: Action, records: readonly Sendable[]): Promise<void> {
    const inputs = records.map(({ input }) => input);
    const json = bodyOf(this.batch, action, inputs);
    const answers = isTooLarge(json) ? null : await this.unlessTooLarge(this.call(json, records));
    if (answers) return this.note(records, answers);
    const [only] = records;
    if (records.length === 1 && only) return this.note(records, [tooLarge(only)]);
    const half = Math.ceil(records.length / 2);
    await this.send(action, records.slice(0, half));
    await this.send(action, records.slice(half));
  }

  private note(records: readonly Sendable[], answers: readonly RecordResult[]): void {
    records.forEach(({ record }, index) => {
      this.results.set(record, answers[index] as RecordResult); // one for each, see `call`
    });
  }

  private async unlessTooLarge(call: Promise<RecordResult[]>): Promise<RecordResult[] | null> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'HTTP_413') return null;
      throw error;
    }
  }

  private async call(json: string, records: readonly Sendable[]): Promise<RecordResult[]> {
    const { object, operation } = this.batch;
    const nature = { what: `${operation} ${object.name} records`, isWrite: true };
    const call = { ...nature, path: `/rest/v1/${kindOf(object.name).path}.json`, json };
    this.underWay = new Set(records.map(({ record }) => record));
    const { items } = await this.client.list(call, resultAnswer, this.signal);
    this.wasAnswered = true;
    // a skipped person has no id, so results are told apart by their place alone
    if (items.length !== records.length) {
      throw unreadableAnswer(`it has ${items.length} results for ${records.length} records`, nature);
    }
    return items.map((answer, index) => {
      const result = resultOf(this.batch, answer);
      return result.result === 'exists' ? this.ifItCanBeFound(result, records[index]?.record.key ?? null) : result;
    });
  }

  /** What exists is looked up and decided anew by the caller; a key with a comma is found by no look-up, however often. */
  private ifItCanBeFound(result: RecordResult, key: Value): RecordResult {
    const { object, matchField } = this.batch;
    if (key === null || canBeAsked(object, matchField, key)) return result;
    return {
      result: 'failed',
      code: 'exists',
      message: `A record with this ${matchField} is there, but Marketo cannot look up values with a comma. Match by another field.`,
      field: matchField,
    };
  }
}

const bodyOf = (batch: WriteBatch, action: Action, input: readonly Record<string, unknown>[]): string =>
  JSON.stringify({ ...instructionOf(batch, action), input });

const isTooLarge = (body: string): boolean => Buffer.byteLength(body) > MOST_BODY_BYTES;

function instructionOf({ object, matchField }: WriteBatch, action: Action): Record<string, string> {
  if (object.name !== 'Lead') return { action, dedupeBy: action === 'updateOnly' ? 'idField' : 'dedupeFields' };
  if (action === 'createDuplicate') return { action };
  return { action, lookupField: action === 'updateOnly' ? object.idField : matchField };
}

function tooLarge({ record }: Sendable): RecordResult {
  const sizes = Object.entries(record.values).map(([name, value]) => ({
    name,
    bytes: Buffer.byteLength(String(value)),
  }));
  const [largest] = sizes.sort((one, other) => other.bytes - one.bytes);
  return {
    result: 'failed',
    code: 'tooLarge',
    message: 'The record is larger than the 1 MB that Marketo takes in one call.',
    field: largest?.name ?? null,
  };
}

/** What one element of an answer means. An unknown status is a failure. */
function resultOf({ operation, object, matchField }: WriteBatch, answer: ResultAnswer): RecordResult {
  const id = object.idField === 'id' ? answer.id : (answer.marketoGUID ?? answer.id);
  const destinationId = id === undefined ? null : String(id);
  if ((answer.status === 'created' || answer.status === 'updated') && destinationId !== null) {
    return { result: answer.status, destinationId };
  }
  const [reason] = answer.reasons;
  const code = reason?.code ?? answer.status;
  const { record: remedy, says } = ruleOf(code, reason?.message ?? '');
  const message = `${reason?.message || `Marketo says "${answer.status}".`} ${reason ? says : ''}`.trim();
  if (remedy === 'exists' && operation === 'create') return { result: 'exists', destinationId, message };
  if (remedy === 'gone' && operation === 'update') return { result: 'notFound', destinationId, message };
  if (remedy === 'again') return { result: 'again', code, message };
  if (remedy === 'ambiguous') return { result: 'failed', code: 'ambiguous', message, field: matchField };
  return { result: 'failed', code, message, field: fieldNamedIn(reason?.message ?? '') };
}

/** `Invalid value for field 'f' and value 'v'`, `Field 'f' not found`, `Value for lookup field 'f' not found`. */
const fieldNamedIn = (message: string): string | null => /\bfield '([^']+)'/i.exec(message)?.[1] ?? null;
