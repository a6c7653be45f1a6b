import type { z } from 'zod';
import { type ExecutionRow, listOutcomes, type OutcomeRow } from '../../../db/queries/executions-read';
import { correctionOf, mappedBody, sendingsOf } from '../../../db/queries/record-detail';
import { beginnerOf } from '../../../db/queries/timeline';
import type { Value, Values } from '../../domain/object-description';
import { valueText } from '../../domain/values';
import type { ApiDeps } from '../deps';
import { noteLook } from '../looks';
import { valueTextFor } from '../masking';
import { notFound } from '../problem';
import { fatesOf } from '../record-fates';
import { recordLinksOf } from '../record-links';
import { route } from '../route';
import { recordDetail, recordParams } from '../schemas/executions';
import type { Role } from '../schemas/roles';
import { NO_VALUES, valuesRead } from '../source-values';
import { existing, toRecord } from './executions';

/** What is kept of the way of a record, as the caller may see it. */
async function detailOf(
  deps: ApiDeps,
  execution: ExecutionRow,
  row: OutcomeRow,
  reader: { role: Role; signal: AbortSignal },
): Promise<z.input<typeof recordDetail>> {
  const { sql } = deps.database;
  const { executionId, valuesGoneAt } = execution;
  const textOf = valueTextFor(reader.role);
  const texts = (values: Values) =>
    Object.fromEntries(Object.entries(values).map(([field, value]) => [field, textOf(value)]));
  const read = valuesGoneAt === null ? await valuesRead(deps, execution, reader) : NO_VALUES;
  const [{ values } = { values: {} }] = await read.withValues([row]);
  const body = await mappedBody(sql, execution, row.sortKey);
  const fateOf = await fatesOf(deps, executionId, [row]);
  return {
    ...toRecord(row),
    ...fateOf(row),
    values: Object.keys(values).length > 0 ? values : null,
    correction: await correctionFor(deps, execution, row, textOf),
    mapped: body === null ? null : texts(JSON.parse(body) as Values), // written by map
    sent: (await sendingsOf(sql, execution, row.sortKey)).map(({ operation, sentAt, values: sent, previous }) => ({
      operation,
      at: sentAt,
      values: texts(sent),
      before: texts(previous),
    })),
    links: (await recordLinksOf(deps, execution))(row),
  };
}

/** Which values of a record a person has put in place of those of the source; null where none. */
async function correctionFor(
  { database }: ApiDeps,
  execution: ExecutionRow,
  { sourceId }: OutcomeRow,
  textOf: (value: Value) => string,
): Promise<z.input<typeof recordDetail>['correction']> {
  const correction = await correctionOf(database.sql, execution.executionId, sourceId);
  if (!correction) return null;
  const typed = JSON.parse(correction.cells) as Values; // written by the API
  const said = JSON.parse(correction.sourceCells) as Values; // written by the retry
  // a corrected file holds what was left as it is, too
  const changed = Object.entries(said).filter(([field, value]) => plainText(value) !== plainText(typed[field] ?? null));
  if (changed.length === 0) return null;
  const begun = await beginnerOf(database.db, execution);
  return {
    by: begun?.who ?? null,
    at: begun?.at ?? execution.startedAt,
    sourceValues: Object.fromEntries(changed.map(([field, value]) => [field, textOf(value)])),
  };
}

const plainText = (value: Value): string => (value === null ? '' : valueText(value));

export const recordDetailRoutes = [
  route({
    method: 'get',
    path: '/executions/:executionId/records/:sourceId',
    summary:
      'Show a record with all that is kept of its way: what was read, corrected, mapped and sent, and what became of it',
    description:
      'Values are masked for viewers. Of records that were left out or are unchanged none are kept, of the others as long as ' +
      'SYNC_RETENTION_DAYS says.',
    tag: 'Executions',
    role: 'viewer',
    params: recordParams,
    status: 200,
    answer: recordDetail,
    refusals: [404, 409, 502, 503, 504],
    async handle(call, deps) {
      const { executionId, sourceId } = call.params;
      const execution = await existing(deps, executionId);
      const [row] = await listOutcomes(deps.database.sql, executionId, null, 1, { sourceId });
      if (!row) throw notFound('record');
      const detail = await detailOf(deps, execution, row, { role: call.caller.role, signal: call.signal });
      await noteLook(deps, call, { action: 'values.show', subject: `execution/${executionId}/records/${sourceId}` });
      return detail;
    },
  }),
];
