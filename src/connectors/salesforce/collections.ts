import { z } from 'zod';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { ConnectorError, callError, lostInPart } from '../connector-error';
import type { CallOptions, SalesforceClient } from './client';
import { DONE, resultOfError } from './record-result';
import { refusedBeforehand } from './unsendable';
import { toJson } from './values';

/** Records of one collection request (REST guide, "sObject Collections"). */
export const MOST_RECORDS = 200;

/** One value of the wrong type sinks the whole request, and one that is too heavy is refused whole: halves find the culprit. */
const REFUSED_AS_A_WHOLE = new Set([
  'JSON_PARSER_ERROR',
  'MALFORMED_ID',
  'OPERATION_TOO_LARGE',
  'REQUEST_RUNNING_TOO_LONG',
]);

const saveResults = z.array(
  z.object({
    id: z.string().nullish(),
    success: z.boolean(),
    errors: z
      .array(
        z.object({
          statusCode: z.string().optional(),
          errorCode: z.string().optional(),
          message: z.string().default(''),
          fields: z.array(z.string()).nullish(),
        }),
      )
      .default([]),
  }),
);
type SaveResult = z.output<typeof saveResults>[number];

/**
 * Writes records by collection requests, one after the other. Once one has been answered, what another one is refused for holds for the
 * rest alone: what was created is not sent again.
 * @returns one result per record, in order
 * @throws ConnectorError where an answer is lost, with the answers of those records that were not in that request
 */
export async function writeCollections(
  client: SalesforceClient,
  batch: WriteBatch,
  records: readonly WriteRecord[],
  signal: AbortSignal,
): Promise<RecordResult[]> {
  const results = new Map<WriteRecord, RecordResult>();
  for (const record of records) {
    const refusal = refusedBeforehand(record, batch);
    if (refusal) results.set(record, refusal);
  }
  const pieces = piecesOf(records.filter((record) => !results.has(record)));
  let wasAnswered = false;
  for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
    try {
      const answers = await request(client, batch, piece, { signal, isWrite: true });
      for (const [index, record] of piece.entries()) results.set(record, toResult(answers[index], record, batch));
      wasAnswered = true;
    } catch (thrown) {
      const error = callError(thrown, signal);
      const { code, message, answerLost } = error;
      if (answerLost || !REFUSED_AS_A_WHOLE.has(code)) {
        const notSent = answerLost ? pieces : [piece, ...pieces];
        // all of it is as open, or as refused
        if (!wasAnswered && (!answerLost || notSent.length === 0)) throw thrown;
        for (const record of notSent.flat()) results.set(record, { result: 'again', code, message, notSent: true });
        if (answerLost) throw lostInPart(error, records, results);
        break;
      }
      const [only] = piece;
      const half = Math.ceil(piece.length / 2);
      if (piece.length > 1) pieces.unshift(piece.slice(0, half), piece.slice(half));
      else if (only) results.set(only, { result: 'failed', code, message, field: null });
    }
  }
  return records.map((record) => results.get(record) ?? noResult());
}

function piecesOf(records: readonly WriteRecord[]): WriteRecord[][] {
  const pieces: WriteRecord[][] = [];
  for (let first = 0; first < records.length; first += MOST_RECORDS) {
    pieces.push(records.slice(first, first + MOST_RECORDS));
  }
  return pieces;
}

const noResult = (): RecordResult => ({ result: 'inDoubt', message: 'Salesforce gave no result for the record.' });

async function request(
  client: SalesforceClient,
  batch: WriteBatch,
  records: readonly WriteRecord[],
  options: CallOptions,
): Promise<SaveResult[]> {
  const { object, operation } = batch;
  const settings = { allOrNone: false, headers: headersOf(batch) };
  const answer = await client.call<unknown>(options, (connection) => {
    if (operation === 'delete') return connection.destroy(object.name, records.map(idOf), settings);
    const bodies = records.map((record) => toBody(batch, record));
    return operation === 'create'
      ? connection.create(object.name, bodies, settings)
      : connection.update(object.name, bodies, settings);
  });
  const results = client.parse(answer, saveResults, options);
  if (results.length === records.length) return results;
  throw new ConnectorError(
    `Salesforce gave ${results.length} results for ${records.length} records.`,
    'UNREADABLE_ANSWER',
    { retry: 'soon' },
    { answerLost: true },
  );
}

/** REST guide, "Assign Rules Header" (on unless told otherwise) and "Duplicate Rule Header". */
const headersOf = ({ options }: WriteBatch): Record<string, string> => ({
  'Sforce-Auto-Assign': options.assignmentRules ? 'TRUE' : 'FALSE',
  ...(options.allowDuplicates ? { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' } : {}),
});

const idOf = ({ destinationId }: WriteRecord): string => destinationId ?? '';

function toBody({ object, operation }: WriteBatch, record: WriteRecord): { Id: string; [name: string]: unknown } {
  const body: { Id: string; [name: string]: unknown } = { Id: idOf(record) };
  for (const [name, value] of Object.entries(record.values)) {
    const json = toJson(
      value,
      object.fields.find((field) => field.name === name),
    );
    // what is created simply lacks its blanks
    if (operation === 'update' || json !== null) body[name] = json;
  }
  return body;
}

/** Results are matched by position: a failed one may or may not carry the Id. */
function toResult(result: SaveResult | undefined, record: WriteRecord, batch: WriteBatch): RecordResult {
  if (!result) return noResult();
  if (result.success) {
    const id = result.id ?? idOf(record);
    return { result: DONE[batch.operation], destinationId: salesforceId18(id) ?? id };
  }
  const [first] = result.errors;
  return resultOfError(
    {
      code: first?.statusCode ?? first?.errorCode ?? 'UNKNOWN_CODE',
      message: result.errors.map(({ message }) => message).join(' '),
      fields: first?.fields ?? [],
    },
    record,
    batch,
  );
}
