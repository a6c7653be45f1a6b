import { z } from 'zod';
import type { InstanceCore } from '../core';
import { ApiError, type Reason, RecordRefusal } from './api-error';
import type { Permission } from './api-users';
import { type Call, checkBatch, type Envelope, inputSchema, isRecord, jsonBody, type Route, readShape } from './call';
import { keyOf, readValue, type StoredValue, showValue } from './field-values';
import { queryObjects } from './object-query';
import type { ObjectRow, ObjectStore, ObjectValues } from './object-store';
import type { ObjectField, ObjectType } from './object-types';
import type { PageTokens } from './page-token';
import type { MarketoSettings } from './settings';
import { formatInstant } from './time';

const syncSchema = z.object({
  action: z.enum(['createOrUpdate', 'createOnly', 'updateOnly']).default('createOrUpdate'),
  dedupeBy: z.enum(['dedupeFields', 'idField']).default('dedupeFields'),
  input: inputSchema,
});
type SyncRequest = z.infer<typeof syncSchema>;

const deleteSchema = z.object({
  deleteBy: z.enum(['dedupeFields', 'idField']).default('dedupeFields'),
  input: inputSchema,
});

/** One object of the common pattern, with what is special about it. */
export interface ObjectApi {
  store: ObjectStore;
  /** Whether native CRM sync makes it read-only (1018). */
  isCrmManaged: boolean;
  /** @throws RecordRefusal where another record is missing or a value is required */
  check?(values: ObjectValues): void;
  /** @throws RecordRefusal where the record is still in use */
  checkDelete?(row: ObjectRow): void;
  onChange?(row: ObjectRow): void;
  onDelete?(row: ObjectRow): void;
}

export interface ObjectApiContext {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  tokens: PageTokens;
  /** When the objects were set up, for their descriptions. */
  describedAt: number;
}

interface ObjectResult {
  seq: number;
  status: 'created' | 'updated' | 'deleted' | 'skipped';
  [idField: string]: unknown;
  reasons?: Reason[];
}

/** Where an object's calls are, who may use them, and which object a call is about. */
export interface ObjectPath {
  /** E.g. `companies` or `customobjects/{apiName}`. */
  path: string;
  reads: Permission;
  writes: Permission;
  /** @throws ApiError 1013 where there is no such object */
  apiOf(call: Call): ObjectApi;
}

/** Describe, query, sync and delete of one object (Marketo guide, "Lead database", common patterns). */
export function objectRoutes({ path, reads, writes, apiOf }: ObjectPath, context: ObjectApiContext): Route[] {
  const base = `/rest/v1/${path}`;
  return [
    {
      method: 'GET',
      path: `${base}/describe.json`,
      permission: reads,
      handle: (call) => describe(apiOf(call), context),
    },
    {
      method: 'GET',
      path: `${base}.json`,
      permission: reads,
      handle: (call) => queryObjects(apiOf(call).store, call, context),
    },
    { method: 'POST', path: `${base}.json`, permission: writes, handle: (call) => sync(apiOf(call), call, context) },
    {
      method: 'POST',
      path: `${base}/delete.json`,
      permission: writes,
      handle: (call) => remove(apiOf(call), call, context),
    },
  ];
}

export function describeType(type: ObjectType, describedAt: number): Record<string, unknown> {
  return {
    name: type.name,
    displayName: type.displayName,
    ...(type.description === undefined ? {} : { description: type.description }),
    createdAt: formatInstant(describedAt),
    updatedAt: formatInstant(describedAt),
    idField: type.idField,
    dedupeFields: type.dedupeFields,
    searchableFields: [
      ...(type.dedupeFields.length > 1 ? [type.dedupeFields] : []),
      ...type.searchableFields.map((name) => [name]),
    ],
    ...(type.relationships === undefined ? {} : { relationships: type.relationships }),
  };
}

function describe({ store, isCrmManaged }: ObjectApi, { describedAt, settings }: ObjectApiContext): Envelope {
  const crmManaged = isCrmManaged && settings().crmSync;
  const fields = store.type.fields.map((field) => ({ ...field, crmManaged }));
  return { result: [{ ...describeType(store.type, describedAt), fields }] };
}

function refuseCrmManaged({ isCrmManaged }: ObjectApi, { settings }: ObjectApiContext): void {
  if (isCrmManaged && settings().crmSync) throw new ApiError('1018', 'CRM Enabled');
}

function sync(api: ObjectApi, call: Call, context: ObjectApiContext): Envelope {
  refuseCrmManaged(api, context);
  const { core } = context;
  const request = readShape(syncSchema, jsonBody(call));
  checkBatch(request.input, (size) =>
    core.countViolation('batchTooLarge', `${size} records for ${api.store.type.name}`),
  );
  if (request.dedupeBy === 'idField' && request.action !== 'updateOnly')
    throw new ApiError('1003', `Invalid value for 'dedupeBy': idField is for updateOnly alone`);
  const keys = new KeysOfBatch();
  const writer = { by: call.user.userName, via: call.via };
  const result = core.database.transaction(() =>
    request.input.map((record, seq) =>
      answerRecord(seq, () => syncRecord(api, record, request, keys, writer, context)),
    ),
  )();
  if (keys.repeated > 0)
    core.countViolation('sameKeyTwiceInBatch', `${keys.repeated} records repeat a key of ${api.store.type.name}`);
  return { result };
}

/** Creates or updates one record by its keys, as bulk import does. @throws RecordRefusal where the row fails */
export function importRecord(
  api: ObjectApi,
  record: Readonly<Record<string, unknown>>,
  writer: { by: string; via: string },
  context: Pick<ObjectApiContext, 'core' | 'settings'>,
): void {
  syncRecord(api, record, { action: 'createOrUpdate', dedupeBy: 'dedupeFields' }, null, writer, context);
}

function answerRecord(seq: number, write: () => Omit<ObjectResult, 'seq'>): ObjectResult {
  try {
    return { seq, ...write() } as ObjectResult; // the rest of the members is what `write` gives
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
    return { seq, status: 'skipped', reasons: [error.reason] };
  }
}

class KeysOfBatch {
  repeated = 0;
  private readonly seen = new Set<string>();

  /** @throws RecordRefusal 1036 where an earlier record of the batch has the same key */
  add(key: string): void {
    if (this.seen.has(key)) {
      this.repeated += 1;
      throw new RecordRefusal('1036', 'Duplicate object found in input');
    }
    this.seen.add(key);
  }
}

/** Writes one record. @throws RecordRefusal where it is skipped */
function syncRecord(
  api: ObjectApi,
  record: unknown,
  { action, dedupeBy }: Pick<SyncRequest, 'action' | 'dedupeBy'>,
  keys: KeysOfBatch | null,
  { by, via }: { by: string; via: string },
  { core, settings }: Pick<ObjectApiContext, 'core' | 'settings'>,
): Omit<ObjectResult, 'seq'> {
  const { store } = api;
  const { idField } = store.type;
  if (!isRecord(record)) throw new RecordRefusal('1003', 'Invalid record: an object is required');
  const { row, key } = locate(store, record, dedupeBy);
  keys?.add(key);
  if (action === 'createOnly' && row) throw new RecordRefusal('1017', `${store.type.displayName} already exists`);
  if (action === 'updateOnly' && !row) throw new RecordRefusal('1013', 'Record not found');

  const values = changedValues(store, record, row, settings());
  api.check?.(values);
  const before = row ? store.snapshot(row) : null;
  const isChange = !row || JSON.stringify(values) !== JSON.stringify(row.values);
  const after = !row ? store.insert(values) : isChange ? store.update(row, values) : row;
  api.onChange?.(after);
  core.logWrite({
    by,
    via,
    object: store.type.name,
    recordId: String(store.read(after, idField)),
    operation: row ? 'update' : 'create',
    before,
    after: store.snapshot(after),
  });
  return { [idField]: store.read(after, idField), status: row ? 'updated' : 'created' };
}

/** Finds the record that is meant. @throws RecordRefusal 1003 where its key is missing */
function locate(
  store: ObjectStore,
  record: Record<string, unknown>,
  by: 'dedupeFields' | 'idField',
): { row: ObjectRow | undefined; key: string } {
  const names = by === 'idField' ? [store.type.idField] : store.type.dedupeFields;
  const values = names.map((name) => {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value === null || value === undefined || value === '' || typeof value === 'object')
      throw new RecordRefusal('1003', `Value for lookup field '${name}' not found`);
    return value;
  });
  const row = by === 'idField' ? store.find(store.type.idField, values, 0, 1)[0] : store.findByKeys(values);
  return { row, key: values.map(keyOf).join('\u001f') };
}

function changedValues(
  store: ObjectStore,
  record: Record<string, unknown>,
  row: ObjectRow | undefined,
  settings: Readonly<MarketoSettings>,
): ObjectValues {
  const values: ObjectValues = { ...row?.values };
  for (const [name, raw] of Object.entries(record)) {
    const field = store.field(name);
    if (!field) throw new RecordRefusal('1006', `Field '${showValue(name)}' not found`);
    if (isSystemField(field, store.type) || (row && !field.updateable)) continue;
    const value: StoredValue | null = readValue(field, raw, settings);
    if (value === null) delete values[name];
    else values[name] = value;
  }
  return values;
}

const isSystemField = ({ name }: ObjectField, { idField }: ObjectType): boolean =>
  name === idField || name === 'createdAt' || name === 'updatedAt';

function remove(api: ObjectApi, call: Call, context: ObjectApiContext): Envelope {
  refuseCrmManaged(api, context);
  const { core } = context;
  const { store } = api;
  const { idField } = store.type;
  const { deleteBy, input } = readShape(deleteSchema, jsonBody(call));
  checkBatch(input, (size) =>
    core.countViolation('batchTooLarge', `${size} records to delete of ${api.store.type.name}`),
  );
  const removeRecord = (record: unknown): Omit<ObjectResult, 'seq'> => {
    if (!isRecord(record)) throw new RecordRefusal('1003', 'Invalid record: an object is required');
    const { row } = locate(store, record, deleteBy);
    if (!row) throw new RecordRefusal('1013', 'Record not found');
    api.checkDelete?.(row);
    store.remove(row);
    api.onDelete?.(row);
    const recordId = String(store.read(row, idField));
    core.logWrite({
      by: call.user.userName,
      via: call.via,
      object: store.type.name,
      recordId,
      operation: 'delete',
      before: store.snapshot(row),
      after: null,
    });
    return { [idField]: store.read(row, idField), status: 'deleted' };
  };
  const result = core.database.transaction(() =>
    input.map((record, seq) => answerRecord(seq, () => removeRecord(record))),
  )();
  return { result };
}
