import { z } from 'zod';
import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import type { MarketoClient } from './client';
import { ruleOf, unreadableAnswer } from './errors';
import { kindOf } from './objects';
import { toId } from './values';

const deleteAnswer = z.object({
  status: z.string(),
  reasons: z.array(z.object({ code: z.coerce.string(), message: z.string().default('') })).default([]),
});
type DeleteAnswer = z.output<typeof deleteAnswer>;

/** Deletes records by their ids, in one call; what is gone already is told as such (Marketo developer guide, "Delete Leads"). */
export async function deleteRecords(
  client: MarketoClient,
  { object, records }: WriteBatch,
  signal: AbortSignal,
): Promise<RecordResult[]> {
  const nature = { what: `delete ${object.name} records`, isWrite: true };
  const kind = kindOf(object.name);
  const input = records.map((record) => ({ [object.idField]: toId(idOf(record)) }));
  const isKnownByIdAlone = object.name === 'Lead' || kind.programId !== undefined;
  const json = JSON.stringify(isKnownByIdAlone ? { input } : { deleteBy: 'idField', input });
  const call = { ...nature, path: `/rest/v1/${kind.path}/delete.json`, json };
  const { items } = await client.list(call, deleteAnswer, signal);
  // an element of a person that is gone may have no id, so results are told apart by their place alone
  if (items.length !== records.length) {
    throw unreadableAnswer(`it has ${items.length} results for ${records.length} records`, nature);
  }
  return records.map((record, index) => resultOf(record, items[index] as DeleteAnswer)); // as many, see above
}

const idOf = ({ destinationId }: WriteRecord): string => destinationId ?? '';

/** A person that is no member of the program any more (Marketo developer guide, "Error codes", 1037). */
const NOT_IN_PROGRAM = /not in program/i;

function resultOf(record: WriteRecord, { status, reasons }: DeleteAnswer): RecordResult {
  const destinationId = idOf(record);
  if (status === 'deleted') return { result: 'deleted', destinationId };
  const [reason] = reasons;
  const code = reason?.code ?? status;
  const rule = ruleOf(code, reason?.message ?? '');
  const message = `${reason?.message || `Marketo says "${status}".`} ${reason ? rule.says : ''}`.trim();
  if (rule.record === 'gone' || NOT_IN_PROGRAM.test(message)) return { result: 'notFound', destinationId, message };
  if (rule.record === 'again') return { result: 'again', code, message };
  return { result: 'failed', code, message, field: null };
}
