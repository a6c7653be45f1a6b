import type { InstanceCore } from '../core';
import { type ActivityLog, ActivityTypeId, activityText, type ChangedField } from './activity-log';
import { RecordRefusal } from './api-error';
import { invalidValue, readValue, type StoredValue } from './field-values';
import { isCompanyField, type LeadField, type LeadFields } from './lead-fields';
import { BIRTH_VALUES, type LeadRow, type LeadStore, type LeadValues } from './lead-store';
import type { ObjectRow, ObjectStore } from './object-store';
import type { MarketoSettings } from './settings';

/** What a record asks for, field by field; `null` clears. */
export type LeadChanges = Map<LeadField, StoredValue | null>;

/** Who writes, by which call, and what the activities name as their source. */
export interface WriteContext {
  by: string;
  via: string;
  source: string;
}

/** All that changes leads, with activities and write log: used by Sync Leads, bulk import, merge and delete alike. */
export interface LeadWriter {
  /**
   * Reads a record's fields as their types; read-only fields are passed over in silence.
   * @throws RecordRefusal 1006 for an unknown field, 1003 for a bad value, 1021 where company fields are refused
   */
  readChanges(record: Readonly<Record<string, unknown>>): LeadChanges;
  create(changes: LeadChanges, partitionId: number, context: WriteContext): number;
  /** A change of nothing is an update too, but moves no date. */
  update(row: LeadRow, changes: LeadChanges, context: WriteContext): void;
  remove(row: LeadRow, context: WriteContext, mergedInto?: number): void;
}

interface LeadWriterOptions {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  fields: LeadFields;
  leads: LeadStore;
  companies: ObjectStore;
  activities: ActivityLog;
  /** The instant of a change, in whole seconds. */
  now: () => number;
  onCompanyChange: (companyId: number) => void;
}

export function createLeadWriter(options: LeadWriterOptions): LeadWriter {
  const { core, settings, fields, leads, activities, now } = options;
  const company = createCompanyWriter(options);

  const readChanges = (record: Readonly<Record<string, unknown>>): LeadChanges => {
    const rules = settings();
    const changes: LeadChanges = new Map();
    for (const name in record) {
      const field = fields.get(name);
      if (!field) throw new RecordRefusal('1006', `Field '${name}' not found`);
      if (field.readOnly || name === 'id' || name === 'leadPartitionId') continue;
      if (isCompanyField(name) && rules.companyFieldsOnLeads === 'refuse')
        throw new RecordRefusal('1021', 'Company update not allowed');
      changes.set(field, readValue(field, record[name], rules));
    }
    return changes;
  };

  /** Puts the changes into `values` and tells what became different; company fields go to the lead's company. */
  const apply = (values: LeadValues, companyId: number | null, changes: LeadChanges, context: WriteContext) => {
    const changed: ChangedField[] = [];
    let isStandardChange = false;
    const link = company.linkOf(changes, companyId);
    const companyChanges: LeadValuesOrNull = {};
    for (const [field, value] of changes) {
      const { name } = field;
      if (name === 'externalCompanyId') continue;
      if (link !== null && isCompanyField(name)) {
        companyChanges[name] = value;
        continue;
      }
      const old = values[name];
      const wanted = value === null && field.dataType === 'boolean' ? false : value;
      if ((old ?? emptyOf(field)) === wanted) continue;
      if (wanted === null) delete values[name];
      else values[name] = wanted;
      changed.push({ id: field.id, name, newValue: activityText(wanted), oldValue: activityText(old) });
      if (!field.isCustom) isStandardChange = true;
    }
    if (link !== null) company.write(link, companyChanges, context);
    return { changed, isStandardChange, companyId: link };
  };

  const update = (row: LeadRow, changes: LeadChanges, context: WriteContext): void => {
    const before = row.values;
    const values = { ...before };
    const snapshotBefore = leads.snapshot(row);
    const { changed, isStandardChange, companyId } = apply(values, row.companyId, changes, context);
    const isChange = changed.length > 0 || companyId !== row.companyId;
    const at = now();
    const after = isChange
      ? { ...row, values, companyId, changed: at, updated: isStandardChange ? at : row.updated }
      : row;
    if (isChange) leads.update(after, before);
    if (changed.length > 0)
      activities.record(row.id, ActivityTypeId.ChangeDataValue, {
        fields: changed,
        attributes: sourceAttributes(context.source),
      });
    log(context, row.id, 'update', snapshotBefore, leads.snapshot(after));
    if (changed.some(({ name }) => name === 'unsubscribed')) spreadUnsubscribe(after, context);
  };

  /** One person's wish to get no mail holds for the address: Marketo carries it to the duplicates. */
  const spreadUnsubscribe = ({ id, values }: LeadRow, context: WriteContext): void => {
    const field = fields.get('unsubscribed');
    const email = values.email;
    if (!field || email === undefined) return;
    const wanted = values.unsubscribed ?? false;
    for (const otherId of leads.findIds('email', [String(email)], 1000)) {
      const other = otherId === id ? undefined : leads.get(otherId);
      if (other && (other.values.unsubscribed ?? false) !== wanted) update(other, new Map([[field, wanted]]), context);
    }
  };

  const log = (
    { by, via }: WriteContext,
    id: number,
    operation: 'create' | 'update' | 'delete' | 'merge',
    before: Record<string, unknown> | null,
    after: Record<string, unknown> | null,
  ): void => core.logWrite({ by, via, object: 'lead', recordId: String(id), operation, before, after });

  return {
    readChanges,
    create(changes, partitionId, context) {
      const values: LeadValues = { ...BIRTH_VALUES };
      const { companyId } = apply(values, null, changes, context);
      const created = now();
      const updated = created - settings().freshUpdatedAtLagMs;
      const row = leads.insert({ values, companyId, partitionId, created, updated, changed: created });
      activities.record(row.id, ActivityTypeId.NewLead, {
        attributes: [{ name: 'Source Type', value: context.source }, ...sourceAttributes(context.source)],
      });
      log(context, row.id, 'create', null, leads.snapshot(row));
      return row.id;
    },
    update,
    remove(row, context, mergedInto) {
      const name = leads.reader(fieldOf(fields, 'mktoName'))(row);
      leads.remove(row);
      activities.record(row.id, ActivityTypeId.DeleteLead, {
        primaryAttributeValueId: row.id,
        primaryAttributeValue: String(name ?? row.values.email ?? row.id),
        attributes: mergedInto === undefined ? [] : [{ name: 'Merged Into', value: mergedInto }],
      });
      log(context, row.id, mergedInto === undefined ? 'delete' : 'merge', leads.snapshot(row), null);
    },
  };
}

type LeadValuesOrNull = Record<string, StoredValue | null>;

const emptyOf = (field: LeadField): false | null => (field.dataType === 'boolean' ? false : null);

const sourceAttributes = (source: string): { name: string; value: string }[] => [
  { name: 'Reason', value: source },
  { name: 'Source', value: source },
];

function fieldOf(fields: LeadFields, name: string): LeadField {
  const field = fields.everything().find((candidate) => candidate.name === name);
  if (!field) throw new Error(`The standard field ${name} is missing`);
  return field;
}

/** The company side of a lead's record: which company it belongs to, and that company's values. */
function createCompanyWriter({ core, companies, leads, onCompanyChange, now }: LeadWriterOptions) {
  return {
    /** @throws RecordRefusal 1003 where the record names a company that does not exist */
    linkOf(changes: LeadChanges, current: number | null): number | null {
      for (const [field, value] of changes) {
        if (field.name !== 'externalCompanyId') continue;
        if (value === null) return current; // a lead cannot leave a company
        const target = companies.findByKeys([value]);
        if (!target) throw invalidValue(field.name, value);
        return target.id;
      }
      return current;
    },
    write(companyId: number, changes: LeadValuesOrNull, { by, via }: WriteContext): void {
      const row = companies.get(companyId);
      if (!row) return;
      const values = { ...row.values };
      let isChange = false;
      for (const [name, value] of Object.entries(changes)) {
        if ((values[name] ?? null) === value) continue;
        isChange = true;
        if (value === null) delete values[name];
        else values[name] = value;
      }
      if (!isChange) return;
      const after: ObjectRow = companies.update(row, values);
      onCompanyChange(companyId);
      leads.touchCompany(companyId, now());
      core.logWrite({
        by,
        via,
        object: 'company',
        recordId: String(companyId),
        operation: 'update',
        before: companies.snapshot(row),
        after: companies.snapshot(after),
      });
    },
  };
}
