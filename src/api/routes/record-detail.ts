import type { z } from 'zod';
import { type ExecutionRow, listOutcomes, type OutcomeRow } from '../../../db/queries/executions-read';
import { mappedBody, sendingsOf } from '../../../db/queries/record-detail';
import type { Values } from '../../domain/object-description';
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

export const recordDetailRoutes = [
  route({
    method: 'get',
    path: '/executions/:executionId/records/:sourceId',
    summary: 'Show a record with all that is kept of its way: what was read, mapped and sent, and what became of it',
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
