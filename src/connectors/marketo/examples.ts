import type { ReadRequest, SourceRecord } from '../connector';
import { openChanges, readChanges } from './changed-people';
import type { MarketoClient } from './client';
import { readByFilter } from './query';
import { BATCH_RECORDS } from './tuning';

/** People that changed in this time are examples where those of the lowest ids are gone. */
const LATELY_MS = 30 * 86_400_000;

/**
 * Some records to look at, by a call or a few: those of the lowest ids and, of people, else those that changed lately. None of objects
 * that Marketo lists by their keys or exports alone.
 */
export async function examples(
  client: MarketoClient,
  request: ReadRequest,
  count: number,
  signal: AbortSignal,
): Promise<SourceRecord[]> {
  const { name, idField } = request.object;
  if (name !== 'Lead' && name !== 'Company') return [];
  for (let block = 0; block < client.tuning.probeBlocks; block += 1) {
    const ids = Array.from({ length: BATCH_RECORDS }, (_, index) => String(1 + block * BATCH_RECORDS + index));
    const records = await readByFilter(client, request, idField, ids, signal);
    if (records.length > 0) return records.slice(0, count);
  }
  if (name !== 'Lead') return [];
  const cursor = await openChanges(client, client.deps.now() - LATELY_MS, signal);
  return cursor ? (await readChanges(client, request, cursor, signal)).records.slice(0, count) : [];
}
