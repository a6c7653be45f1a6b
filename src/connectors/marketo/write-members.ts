import { z } from 'zod';
import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';
import { ruleOf, unreadableAnswer } from './errors';
import { kindOf } from './objects';
import { recordsByFilter } from './query';
import { toId, toMarketo } from './values';

const STATUS = 'statusName';
/** "Already in or past the status", and "not in the program" (Marketo developer guide, "Error codes"). */
const STATUS_OR_MEMBERSHIP = '1037';

const memberAnswer = z.object({
  status: z.string(),
  reasons: z.array(z.object({ code: z.coerce.string(), message: z.string().default('') })).default([]),
});
type MemberAnswer = z.output<typeof memberAnswer>;

/** The id by which a member is known in its program. */
const leadIdOf = ({ destinationId, key }: WriteRecord): string => destinationId ?? String(key ?? '').trim();

/** A member has a status from the first; nothing can take it away. */
function refusalOf({ operation, object }: WriteBatch, record: WriteRecord): RecordResult | null {
  const failed = (code: string, message: string, field: string): RecordResult => ({
    result: 'failed',
    code,
    message,
    field,
  });
  if (!/^\d{1,15}$/.test(leadIdOf(record))) {
    return failed('notAPerson', 'A member is known by the id of a person in Marketo, a whole number.', object.idField);
  }
  const isGiven = STATUS in record.values;
  const isBlank = String(record.values[STATUS] ?? '').trim() === '';
  if (isBlank && (isGiven || operation === 'create')) {
    return failed('required', 'A member needs a status. Give a default for a blank one.', STATUS);
  }
  return null;
}

/** What a batch of members holds that is refused without a call. */
export const memberRefusals = (batch: WriteBatch): (RecordResult | null)[] =>
  batch.records.map((record) => refusalOf(batch, record));

/**
 * Sends one batch of a program's members: their statuses, a call for each status, and then what else is told of them. Both can be
 * sent again.
 * @throws ConnectorError with `answerLost` also where a part of the batch was applied before another one failed
 */
export async function writeMembers(
  client: MarketoClient,
  batch: WriteBatch,
  signal: AbortSignal,
): Promise<RecordResult[]> {
  const results = new Map<WriteRecord, RecordResult>();
  for (const record of batch.records) {
    const refusal = refusalOf(batch, record);
    if (refusal) results.set(record, refusal);
  }
  const sender = new MemberSender(client, batch, signal);
  const open = batch.records.filter((record) => !results.has(record));
  for (const [status, records] of byStatus(open)) {
    for (const [record, result] of await sender.setStatus(status, records)) results.set(record, result);
  }
  const withFields = open.filter((record) => hasFields(batch, record) && isFine(results.get(record)));
  for (const [record, result] of await sender.setFields(withFields)) {
    const before = results.get(record);
    // the first of the two calls tells whether the member is new
    if (!before || !isFine(result)) results.set(record, result);
  }
  return batch.records.map((record) => results.get(record) ?? updated(record));
}

const isFine = (result: RecordResult | undefined): boolean =>
  result === undefined || result.result === 'created' || result.result === 'updated';

const updated = (record: WriteRecord): RecordResult => ({ result: 'updated', destinationId: leadIdOf(record) });

function byStatus(records: readonly WriteRecord[]): Map<string, WriteRecord[]> {
  const groups = new Map<string, WriteRecord[]>();
  for (const record of records) {
    if (!(STATUS in record.values)) continue;
    const status = String(record.values[STATUS]).trim();
    groups.set(status, [...(groups.get(status) ?? []), record]);
  }
  return groups;
}

const fieldsOf = ({ object }: WriteBatch, { values }: WriteRecord): [string, unknown][] =>
  Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
    if (name === STATUS || name === object.idField) return [];
    const field = object.fields.find((candidate) => candidate.name === name);
    return [[name, toMarketo(value, field)]];
  });
const hasFields = (batch: WriteBatch, record: WriteRecord): boolean => fieldsOf(batch, record).length > 0;

/** The calls of one batch. Once one of them was applied, the failure of another leaves the batch half done. */
class MemberSender {
  private hasApplied = false;

  constructor(
    private readonly client: MarketoClient,
    private readonly batch: WriteBatch,
    private readonly signal: AbortSignal,
  ) {}

  async setStatus(status: string, records: readonly WriteRecord[]): Promise<Map<WriteRecord, RecordResult>> {
    const input = records.map((record) => ({ leadId: toId(leadIdOf(record)) }));
    const refused = (error: ConnectorError) =>
      // all of the call is refused for a status that the program's channel does not have
      error.code === '1025'
        ? records.map(() => ({ status: 'skipped', reasons: [{ code: '1025', message: '' }] }))
        : null;
    const answers = await this.call('status', { statusName: status, input }, records, refused);
    const results = new Map(records.map((record, index) => [record, this.resultOf(record, answers[index])]));
    await this.forgiveWhatIsSet(status, records, answers, results);
    return results;
  }

  async setFields(records: readonly WriteRecord[]): Promise<Map<WriteRecord, RecordResult>> {
    if (records.length === 0) return new Map();
    const input = records.map((record) => ({
      leadId: toId(leadIdOf(record)),
      ...Object.fromEntries(fieldsOf(this.batch, record)),
    }));
    const answers = await this.call(null, { input }, records, () => null);
    return new Map(records.map((record, index) => [record, this.resultOf(record, answers[index])]));
  }

  /** What was sent before, and whose answer was lost, is refused as "already in the status": then it is as it was to be. */
  private async forgiveWhatIsSet(
    status: string,
    records: readonly WriteRecord[],
    answers: readonly MemberAnswer[],
    results: Map<WriteRecord, RecordResult>,
  ): Promise<void> {
    const { object, operation } = this.batch;
    const doubtful = records.filter((_record, index) => answers[index]?.reasons[0]?.code === STATUS_OR_MEMBERSHIP);
    if (doubtful.length === 0) return;
    const query = { objectName: object.name, filterType: object.idField, values: doubtful.map(leadIdOf) };
    const fields = [object.idField, STATUS];
    const members = await recordsByFilter(this.client, { ...query, fields }, this.signal);
    const present = new Map(members.map((member) => [String(member[object.idField]), String(member[STATUS])]));
    for (const record of doubtful) {
      const destinationId = leadIdOf(record);
      if (present.get(destinationId)?.toLowerCase() !== status.toLowerCase()) continue;
      const message = 'The person is in the program already.';
      results.set(record, operation === 'create' ? { result: 'exists', destinationId, message } : updated(record));
    }
  }

  private async call(
    action: 'status' | null,
    body: Record<string, unknown>,
    records: readonly WriteRecord[],
    refused: (error: ConnectorError) => MemberAnswer[] | null,
  ): Promise<MemberAnswer[]> {
    const { object } = this.batch;
    const nature = { what: action ? `set statuses of ${object.name}` : `update ${object.name} records`, isWrite: true };
    const path = `/rest/v1/${kindOf(object.name).path}${action ? `/${action}` : ''}.json`;
    try {
      const call = { ...nature, path, json: JSON.stringify(body) };
      const { items } = await this.client.list(call, memberAnswer, this.signal);
      this.hasApplied = true;
      if (items.length === records.length) return items;
      throw unreadableAnswer(`it has ${items.length} results for ${records.length} records`, nature);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const answers = refused(error);
      if (answers) return answers;
      if (!this.hasApplied || error.answerLost) throw error;
      throw new ConnectorError(error.message, error.code, error.advice, { answerLost: true });
    }
  }

  private resultOf(record: WriteRecord, answer: MemberAnswer | undefined): RecordResult {
    const destinationId = leadIdOf(record);
    const { object, operation } = this.batch;
    if (answer?.status === 'created' || answer?.status === 'updated') return { result: answer.status, destinationId };
    const [reason] = answer?.reasons ?? [];
    const code = reason?.code ?? answer?.status ?? 'unknown';
    const rule = ruleOf(code, reason?.message ?? '');
    const said = reason?.message || `Marketo says "${answer?.status}".`;
    if (code === '1025') {
      return { result: 'failed', code, message: 'The program has no such status.', field: STATUS };
    }
    if (code === STATUS_OR_MEMBERSHIP && /not in program/i.test(said)) {
      return { result: 'notFound', destinationId, message: said };
    }
    if (code === '1004') {
      const message = 'Marketo has no person with this id.';
      return operation === 'update'
        ? { result: 'notFound', destinationId, message }
        : { result: 'failed', code, message, field: object.idField };
    }
    if (rule.record === 'again') return { result: 'again', code, message: said };
    const field = code === STATUS_OR_MEMBERSHIP ? STATUS : (/\bfield '([^']+)'/i.exec(said)?.[1] ?? null);
    return { result: 'failed', code, message: `${said} ${reason ? rule.says : ''}`.trim(), field };
  }
}
