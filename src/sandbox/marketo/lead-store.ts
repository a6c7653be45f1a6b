import type { Database } from 'better-sqlite3';
import { keyOf, type StoredValue } from './field-values';
import { isCompanyField, type LeadField, type LeadFields } from './lead-fields';
import { SEARCHABLE_CRM_FIELDS, SEARCHABLE_STANDARD_FIELDS } from './standard-lead-fields';
import { createLeadIndexes, dropLeadIndexes } from './store-schema';
import { formatInstant, parseInstant } from './time';

/** Values by REST name; what has no value is not there. */
export type LeadValues = Record<string, StoredValue>;

/** A lead as it is stored. `changed` is the last change of any field, `updated` what `updatedAt` shows. */
export interface LeadRow {
  id: number;
  companyId: number | null;
  partitionId: number;
  created: number;
  updated: number;
  changed: number;
  values: LeadValues;
}

/** A record for the fast way in: values as they are, unchecked but for the names. Instants may be ISO 8601 or milliseconds. */
export type LeadRecord = Readonly<Record<string, unknown>>;

/** Where the company fields of a lead come from once it belongs to a company record. */
export interface CompanyValues {
  valuesOf(companyId: number): Readonly<LeadValues>;
  idByExternalId(externalCompanyId: string): number | undefined;
}

export interface LeadStore {
  get(id: number): LeadRow | undefined;
  /** Ids of the leads whose field has one of the keys, ascending, at most `limit`. */
  findIds(fieldName: string, values: readonly string[], limit: number): number[];
  insert(row: Omit<LeadRow, 'id'>): LeadRow;
  update(row: LeadRow, before: LeadValues): void;
  remove(row: LeadRow): void;
  /** Reads one field as the API gives it out; `null` where there is no value, `false` for a boolean. */
  reader(field: LeadField): (row: LeadRow) => StoredValue | null;
  /** All values of a lead, as they go into the write log. */
  snapshot(row: LeadRow): Record<string, unknown>;
  /** Loads records without checks, log and activities: 100,000 a second and more. Within one transaction of its own. */
  insertRecords(records: Iterable<LeadRecord>): number;
  /** Loads very many leads: their indexes are made when all are there, which takes less time than to keep them all the while. */
  withoutIndexes(load: () => Promise<void>): Promise<void>;
  /** Ascending ids of leads whose instant lies in the range, both ends included. */
  idsInRange(column: 'created' | 'changed', from: number, to: number): number[];
  ids(sql: string, ...parameters: (string | number)[]): number[];
  count(): number;
  /** Notes that all leads of a company have changed with it. */
  touchCompany(companyId: number, at: number): void;
  /** Takes a company that is gone from its leads. */
  leaveCompany(companyId: number): void;
}

interface StoredRow {
  id: number;
  company_id: number | null;
  partition_id: number;
  created: number;
  updated: number;
  changed: number;
  data: string;
}

const COLUMNS = 'id, company_id, partition_id, created, updated, changed, data';
/** Found by columns of their own, not by the table of keys. */
const OWN_COLUMN = new Set(['id', 'email', 'leadPartitionId']);
const KEYED_STANDARD = new Set(
  [...SEARCHABLE_STANDARD_FIELDS, ...SEARCHABLE_CRM_FIELDS].filter((name) => !OWN_COLUMN.has(name)),
);
const KEYED_CUSTOM_TYPES = new Set(['string', 'email', 'integer']);
const DEFAULT_PARTITION = 1;

interface LeadStoreOptions {
  database: Database;
  fields: LeadFields;
  companies: CompanyValues;
  now: () => number;
}

export function createLeadStore({ database, fields, companies, now }: LeadStoreOptions): LeadStore {
  const statements = prepareStatements(database);

  const isKeyed = (field: LeadField): boolean =>
    field.isCustom ? KEYED_CUSTOM_TYPES.has(field.dataType) : KEYED_STANDARD.has(field.name);
  let keyedFor: readonly LeadField[] = [];
  let keyed: [name: string, id: number][] = [];
  const keyedFields = (): [name: string, id: number][] => {
    const everything = fields.everything();
    if (keyedFor !== everything) {
      keyedFor = everything;
      keyed = everything.filter(isKeyed).map(({ name, id }) => [name, id]);
    }
    return keyed;
  };
  const emailKey = (values: LeadValues): string | null => (values.email === undefined ? null : keyOf(values.email));

  const insert = (row: Omit<LeadRow, 'id'>): LeadRow => {
    const { companyId, partitionId, created, updated, changed, values } = row;
    const { lastInsertRowid } = statements.insert.run(
      emailKey(values),
      companyId,
      partitionId,
      created,
      updated,
      changed,
      JSON.stringify(values),
    );
    const id = Number(lastInsertRowid);
    for (const [name, fieldId] of keyedFields()) {
      const value = values[name];
      if (value !== undefined) statements.insertKey.run(fieldId, keyOf(value), id);
    }
    return { id, ...row };
  };

  return {
    get(id) {
      const stored = statements.get.get(id) as StoredRow | undefined;
      return stored && toRow(stored);
    },
    findIds(fieldName, values, limit) {
      const [first] = values;
      // nearly all look-ups are of one key, for which a list would be the greater part of the work
      if (fieldName === 'email' && first !== undefined && values.length === 1)
        return statements.idsByOneEmail.all(keyOf(first), limit) as number[];
      const list = JSON.stringify(fieldName === 'email' ? values.map(keyOf) : values);
      if (fieldName === 'id') return statements.idsById.all(list, limit) as number[];
      if (fieldName === 'email') return statements.idsByEmail.all(list, limit) as number[];
      if (fieldName === 'leadPartitionId') return statements.idsByPartition.all(list, limit) as number[];
      const field = fields.get(fieldName);
      if (!field) return [];
      if (first !== undefined && values.length === 1)
        return statements.idsByOneKey.all(field.id, keyOf(first), limit) as number[];
      const found = statements.idsByKey.all(field.id, JSON.stringify(values.map(keyOf)), limit) as number[];
      return found.sort((a, b) => a - b);
    },
    insert,
    update({ id, companyId, partitionId, updated, changed, values }, before) {
      statements.update.run(emailKey(values), companyId, partitionId, updated, changed, JSON.stringify(values), id);
      for (const [name, fieldId] of keyedFields()) {
        const old = before[name];
        const value = values[name];
        if (old === value) continue;
        if (old !== undefined) statements.removeKey.run(fieldId, keyOf(old), id);
        if (value !== undefined) statements.insertKey.run(fieldId, keyOf(value), id);
      }
    },
    remove({ id, values }) {
      for (const [name, fieldId] of keyedFields()) {
        const value = values[name];
        if (value !== undefined) statements.removeKey.run(fieldId, keyOf(value), id);
      }
      statements.removeMembers.run(id);
      statements.remove.run(id);
    },
    reader: (field) => createReader(field, companies),
    snapshot({ id, companyId, partitionId, created, updated, values }) {
      const company = companyId === null ? {} : companies.valuesOf(companyId);
      const times = { createdAt: formatInstant(created), updatedAt: formatInstant(updated) };
      return { id, ...values, ...company, leadPartitionId: partitionId, ...times };
    },
    insertRecords(records) {
      const at = now();
      const names = new Set(fields.all().map(({ name }) => name));
      const known = new Map<string, number | null>();
      const companyIdOf = (externalCompanyId: string): number | null => {
        let id = known.get(externalCompanyId);
        if (id === undefined) {
          id = companies.idByExternalId(externalCompanyId) ?? null;
          known.set(externalCompanyId, id);
        }
        return id;
      };
      return database.transaction(() => {
        let inserted = 0;
        for (const record of records) {
          insert(toInsert(record, names, companyIdOf, at));
          inserted += 1;
        }
        return inserted;
      })();
    },
    async withoutIndexes(load) {
      dropLeadIndexes(database);
      try {
        await load();
      } finally {
        createLeadIndexes(database);
      }
    },
    idsInRange: (column, from, to) =>
      (column === 'created' ? statements.byCreated : statements.byChanged).all(from, to) as number[],
    ids: (sql, ...parameters) =>
      database
        .prepare(sql)
        .pluck()
        .all(...parameters) as number[],
    count: () => statements.count.get() as number,
    touchCompany: (companyId, at) => void statements.touchCompany.run(at, companyId),
    leaveCompany: (companyId) => void statements.leaveCompany.run(companyId),
  };
}

function prepareStatements(database: Database) {
  const inList = (column: string): string => `${column} in (select value from json_each(?))`;
  return {
    get: database.prepare(`select ${COLUMNS} from mk_leads where id = ?`),
    insert: database.prepare(
      `insert into mk_leads (email_key, company_id, partition_id, created, updated, changed, data) values (?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: database.prepare(
      `update mk_leads set email_key = ?, company_id = ?, partition_id = ?, updated = ?, changed = ?, data = ? where id = ?`,
    ),
    remove: database.prepare('delete from mk_leads where id = ?'),
    removeMembers: database.prepare('delete from mk_list_members where lead_id = ?'),
    insertKey: database.prepare('insert or ignore into mk_lead_keys (field, key, lead_id) values (?, ?, ?)'),
    removeKey: database.prepare('delete from mk_lead_keys where field = ? and key = ? and lead_id = ?'),
    idsById: database
      .prepare(
        `select id from mk_leads where id in (select cast(value as integer) from json_each(?)) order by id limit ?`,
      )
      .pluck(),
    idsByEmail: database.prepare(`select id from mk_leads where ${inList('email_key')} order by id limit ?`).pluck(),
    idsByOneEmail: database.prepare('select id from mk_leads where email_key = ? order by id limit ?').pluck(),
    idsByOneKey: database
      .prepare('select lead_id from mk_lead_keys where field = ? and key = ? order by lead_id limit ?')
      .pluck(),
    idsByPartition: database
      .prepare(
        `select id from mk_leads where partition_id in (select cast(value as integer) from json_each(?)) order by id limit ?`,
      )
      .pluck(),
    idsByKey: database.prepare(`select lead_id from mk_lead_keys where field = ? and ${inList('key')} limit ?`).pluck(),
    byCreated: database.prepare('select id from mk_leads where created between ? and ? order by id').pluck(),
    byChanged: database.prepare('select id from mk_leads where changed between ? and ? order by id').pluck(),
    touchCompany: database.prepare('update mk_leads set changed = ? where company_id = ?'),
    leaveCompany: database.prepare('update mk_leads set company_id = null where company_id = ?'),
    count: database.prepare('select count(*) from mk_leads').pluck(),
  };
}

const toRow = (stored: StoredRow): LeadRow => ({
  id: stored.id,
  companyId: stored.company_id,
  partitionId: stored.partition_id,
  created: stored.created,
  updated: stored.updated,
  changed: stored.changed,
  values: JSON.parse(stored.data) as LeadValues, // written by this store alone
});

function createReader(field: LeadField, companies: CompanyValues): (row: LeadRow) => StoredValue | null {
  const { name } = field;
  switch (name) {
    case 'id':
      return (row) => row.id;
    case 'createdAt':
      return (row) => formatInstant(row.created);
    case 'updatedAt':
      return (row) => formatInstant(row.updated);
    case 'leadPartitionId':
      return (row) => row.partitionId;
    case 'mktoName':
      return ({ values }) => fullName(values);
  }
  const empty = field.dataType === 'boolean' ? false : null;
  if (!isCompanyField(name) && name !== 'externalCompanyId') return (row) => row.values[name] ?? empty;
  return (row) => (row.companyId === null ? row.values[name] : companies.valuesOf(row.companyId)[name]) ?? empty;
}

export function fullName(values: LeadValues): string | null {
  const name = [values.firstName, values.middleName, values.lastName].filter((part) => part !== undefined);
  return name.length === 0 ? null : name.join(' ');
}

/** What every lead is given when it is made, whatever the caller says (seen on recorded leads). */
export const BIRTH_VALUES: Readonly<LeadValues> = { personType: 'contact', isLead: true };

function toInsert(
  record: LeadRecord,
  names: ReadonlySet<string>,
  companyIdOf: (externalCompanyId: string) => number | null,
  now: number,
): Omit<LeadRow, 'id'> {
  const created = instantOf(record.createdAt) ?? now;
  const updated = instantOf(record.updatedAt) ?? created;
  // hardly two leads have the same fields: a plain object would get a form of its own each time, which takes longer than SQLite
  const values: LeadValues = Object.assign(Object.create(null), BIRTH_VALUES);
  let companyId: number | null = null;
  let partitionId = DEFAULT_PARTITION;
  for (const name in record) {
    const value = record[name];
    if (value === null || value === undefined || name === 'createdAt' || name === 'updatedAt') continue;
    if (name === 'leadPartitionId') partitionId = Number(value);
    else if (name === 'externalCompanyId') companyId = companyIdOf(String(value));
    else if (typeof value === 'object' || !names.has(name)) throw new RangeError(`Leads cannot take '${name}'`);
    else values[name] = value as StoredValue;
  }
  return { companyId, partitionId, created, updated, changed: updated, values };
}

function instantOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  return parseInstant(String(value), 'UTC') ?? undefined;
}
