import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { InstanceCore } from '../core';
import { ApiError, type Reason, RecordRefusal } from './api-error';
import { type Call, checkBatch, type Envelope, inputSchema, isRecord, jsonBody, readShape } from './call';
import { keyOf, readValue } from './field-values';
import type { LeadFields } from './lead-fields';
import type { LeadStore } from './lead-store';
import type { LeadWriter, WriteContext } from './lead-writer';
import type { Partitions } from './partitions';
import type { MarketoSettings } from './settings';

const ACTIONS = ['createOrUpdate', 'createOnly', 'updateOnly', 'createDuplicate'] as const;
type Action = (typeof ACTIONS)[number];

const syncSchema = z.object({
  action: z.enum(ACTIONS).default('createOrUpdate'),
  lookupField: z.string().min(1).default('email'),
  partitionName: z.string().optional(),
  asyncProcessing: z.boolean().optional(),
  input: inputSchema,
});

export interface LeadResult {
  id?: number;
  status: 'created' | 'updated' | 'skipped';
  reasons?: Reason[];
}

export interface LeadSyncOptions {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  fields: LeadFields;
  leads: LeadStore;
  writer: LeadWriter;
  partitions: Partitions;
}

/** Sync Leads (Marketo guide, "Leads"): up to 300 records, each atomic, one result for each in order. */
export function createLeadSync(options: LeadSyncOptions): (call: Call) => Promise<Envelope> {
  const { core, settings } = options;
  return async (call) => {
    const { action, lookupField, partitionName, input } = readShape(syncSchema, jsonBody(call));
    checkBatch(input, (size) => core.countViolation('batchTooLarge', `${size} records in one Sync Leads call`));
    checkLookupField(options.fields, lookupField);
    const batch = createBatch(options, {
      action,
      lookupField,
      partitionId: options.partitions.idOf(partitionName),
      context: { by: call.user.userName, via: call.via, source: 'Web service API' },
    });
    const { syncRaceMs } = settings();
    const found = syncRaceMs > 0 ? input.map((record) => batch.find(record)) : undefined;
    if (syncRaceMs > 0) await pause(syncRaceMs);
    const result = core.database.transaction(() =>
      input.map((record, index) => batch.write(record, found?.[index] ?? batch.find(record))),
    )();
    if (batch.repeatedKeys() > 0)
      core.countViolation('sameKeyTwiceInBatch', `${batch.repeatedKeys()} records repeat a ${lookupField}`);
    return { result };
  };
}

/** @throws ApiError 1006 for an unknown field, 1011 for one that leads cannot be looked up by */
export function checkLookupField(fields: LeadFields, name: string): void {
  if (fields.isSearchable(name)) return;
  if (!fields.get(name)) throw new ApiError('1006', `Lookup field '${name}' not found`);
  throw new ApiError('1011', `Lookup field '${name}' not supported`);
}

interface BatchOptions {
  action: Action;
  lookupField: string;
  partitionId: number;
  context: WriteContext;
}

type Found = { ids: number[] } | { refusal: RecordRefusal };

/** One call's records. Looking up and writing are apart, so that two calls can meet between them as at the vendor. */
function createBatch(
  { fields, leads, writer, settings }: LeadSyncOptions,
  { action, lookupField, partitionId, context }: BatchOptions,
) {
  const keys = new Set<string>();
  const createdHere = new Set<number>();
  let repeated = 0;

  const find = (record: unknown): Found => {
    try {
      return { ids: action === 'createDuplicate' ? [] : leads.findIds(lookupField, [lookupValue(record)], 1000) };
    } catch (error) {
      if (error instanceof RecordRefusal) return { refusal: error };
      throw error;
    }
  };
  const lookupValue = (record: unknown): string => {
    if (!isRecord(record)) throw new RecordRefusal('1003', 'Invalid record: an object is required');
    const field = fields.get(lookupField);
    const value = field
      ? readValue(field, Object.hasOwn(record, lookupField) ? record[lookupField] : null, settings())
      : null;
    if (value === null) throw new RecordRefusal('1003', `Value for lookup field '${lookupField}' not found`);
    const key = keyOf(value);
    if (keys.has(key)) repeated += 1;
    keys.add(key);
    return String(value);
  };
  const create = (record: Record<string, unknown>): LeadResult => {
    if (Object.hasOwn(record, 'id') && action === 'createOnly')
      throw new RecordRefusal('1003', `Invalid value for field 'id' and value '${String(record.id)}'`);
    const id = writer.create(writer.readChanges(record), partitionId, context);
    createdHere.add(id);
    return { id, status: 'created' };
  };
  const update = (record: Record<string, unknown>, ids: readonly number[]): LeadResult => {
    const [id] = ids;
    const row = id === undefined ? undefined : leads.get(id);
    const changes = writer.readChanges(record);
    if (!row) throw new RecordRefusal('1004', 'Lead not found');
    for (const field of changes.keys()) if (field.name === lookupField) changes.delete(field);
    writer.update(row, changes, context);
    return { id: row.id, status: 'updated' };
  };
  const decide = (record: unknown, found: Found): LeadResult => {
    if ('refusal' in found) throw found.refusal;
    if (!isRecord(record)) throw new RecordRefusal('1003', 'Invalid record: an object is required');
    const ids = settings().sameKeyTwice === 'update' ? found.ids : found.ids.filter((id) => !createdHere.has(id));
    if (action === 'createDuplicate') return create(record);
    if (action === 'createOnly') {
      if (ids.length > 0) throw new RecordRefusal('1005', 'Lead already exists');
      return create(record);
    }
    if (ids.length > 1) throw new RecordRefusal('1007', 'Multiple lead match lookup criteria');
    if (ids.length === 1) return update(record, ids);
    if (action === 'updateOnly' || lookupField === 'id') throw new RecordRefusal('1004', 'Lead not found');
    return create(record);
  };

  return {
    find,
    repeatedKeys: () => repeated,
    write(record: unknown, found: Found): LeadResult {
      try {
        return decide(record, found);
      } catch (error) {
        if (error instanceof RecordRefusal) return { status: 'skipped', reasons: [error.reason] };
        throw error;
      }
    },
  };
}
