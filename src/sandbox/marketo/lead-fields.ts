import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { DATA_TYPES } from './field-values';
import {
  COMPANY_FIELD_NAMES,
  CRM_LEAD_FIELDS,
  SEARCHABLE_CRM_FIELDS,
  SEARCHABLE_STANDARD_FIELDS,
  STANDARD_LEAD_FIELDS,
} from './standard-lead-fields';

const REST_NAME = /^[A-Za-z][A-Za-z0-9_]{0,254}$/;

export const leadFieldSchema = z.object({
  id: z.number().int().positive(),
  name: z.string().regex(REST_NAME),
  displayName: z.string().min(1).max(255),
  dataType: z.enum(DATA_TYPES),
  length: z.number().int().positive().optional(),
  description: z.string().optional(),
  /** `rest.readOnly`: values sent for it are ignored without a word. */
  readOnly: z.boolean(),
  /** A hidden field is not there for the API. */
  isHidden: z.boolean(),
  isCustom: z.boolean(),
  isApiCreated: z.boolean(),
});
export type LeadField = z.infer<typeof leadFieldSchema>;

/** What the control API and the schema calls give for a new field. */
export const newLeadFieldSchema = z.strictObject({
  name: z.string().regex(REST_NAME),
  displayName: z.string().min(1).max(255).optional(),
  dataType: z.enum(DATA_TYPES),
  length: z.number().int().positive().max(2000).optional(),
  description: z.string().optional(),
  readOnly: z.boolean().default(false),
  isHidden: z.boolean().default(false),
  isApiCreated: z.boolean().default(false),
});
export type NewLeadField = z.input<typeof newLeadFieldSchema>;

/** What can be changed of a field; everything else is fixed by its first definition. */
export interface LeadFieldChange {
  displayName?: string | undefined;
  description?: string | undefined;
  readOnly?: boolean | undefined;
  isHidden?: boolean | undefined;
}

export interface LeadFields {
  /** Visible fields, sorted by id. */
  all(): readonly LeadField[];
  /** Also the hidden ones. */
  everything(): readonly LeadField[];
  /** A visible field by its REST name, which is case-sensitive. */
  get(name: string): LeadField | undefined;
  /** Whether leads can be looked up by this field; `false` also for names that are no field. */
  isSearchable(name: string): boolean;
  searchableNames(): readonly string[];
  add(definition: NewLeadField): LeadField;
  change(name: string, change: LeadFieldChange): LeadField | undefined;
}

/** Custom fields of a new instance. */
const DEFAULT_CUSTOM_FIELDS: readonly NewLeadField[] = [
  { name: 'score__c', displayName: 'Partner Score', dataType: 'integer' },
  { name: 'crmKey', displayName: 'CRM Key', dataType: 'string', length: 255 },
  { name: 'renewalDate', displayName: 'Renewal Date', dataType: 'date' },
  { name: 'isPartner__c', displayName: 'Is Partner (Program)', dataType: 'boolean' },
  { name: 'externalRef', displayName: 'External Reference', dataType: 'string', length: 255 },
];
const FIRST_CUSTOM_ID = 1000;
const TEXT_TYPES_WITH_LENGTH: ReadonlySet<string> = new Set(['string', 'email', 'phone', 'url']);
/** A custom field of these types can be looked up (Marketo guide, "Get Leads by Filter Type"). */
const SEARCHABLE_CUSTOM_TYPES: ReadonlySet<string> = new Set(['string', 'email', 'integer']);

/** The fields of leads: the standard ones as the vendor has them, and the custom ones of this instance. */
export function createLeadFields(database: Database, hasCrmSync: () => boolean): LeadFields {
  const save = database.prepare('insert or replace into mk_lead_fields (id, name, definition) values (?, ?, ?)');
  const readAll = database.prepare('select definition from mk_lead_fields order by id').pluck();
  let stored = new Map<string, LeadField>();
  let byName = new Map<string, LeadField>();
  let visible: LeadField[] = [];
  let everything: LeadField[] = [];
  let searchable = new Set<string>();
  let builtForCrm: boolean | undefined;

  const rebuild = (): void => {
    builtForCrm = hasCrmSync();
    const fields = new Map<string, LeadField>();
    for (const standard of [...STANDARD_LEAD_FIELDS, ...(builtForCrm ? CRM_LEAD_FIELDS : [])])
      fields.set(standard.name, { ...standard, isHidden: false, isCustom: false, isApiCreated: false });
    for (const [name, field] of stored) if (field.isCustom || fields.has(name)) fields.set(name, field);
    everything = [...fields.values()].sort((a, b) => a.id - b.id);
    visible = everything.filter((field) => !field.isHidden);
    byName = new Map(visible.map((field) => [field.name, field]));
    const names = [
      ...SEARCHABLE_STANDARD_FIELDS.filter((name) => fields.get(name)?.isHidden !== true),
      ...(builtForCrm ? SEARCHABLE_CRM_FIELDS : []),
      ...visible
        .filter((field) => field.isCustom && SEARCHABLE_CUSTOM_TYPES.has(field.dataType))
        .map(({ name }) => name),
    ];
    searchable = new Set(names);
  };
  const upToDate = (): void => {
    if (builtForCrm !== hasCrmSync()) rebuild();
  };
  const keep = (field: LeadField): LeadField => {
    save.run(field.id, field.name, JSON.stringify(field));
    stored.set(field.name, field);
    rebuild();
    return field;
  };
  const add = (given: NewLeadField): LeadField => {
    const { displayName, length, description, ...definition } = newLeadFieldSchema.parse(given);
    if (everything.some(({ name }) => name === definition.name))
      throw new RangeError(`There is a field '${definition.name}' already`);
    const id = Math.max(FIRST_CUSTOM_ID - 1, ...everything.map((field) => field.id)) + 1;
    return keep({
      ...definition,
      id,
      displayName: displayName ?? definition.name,
      isCustom: true,
      ...(TEXT_TYPES_WITH_LENGTH.has(definition.dataType) ? { length: length ?? 255 } : {}),
      ...(description === undefined ? {} : { description }),
    });
  };

  stored = new Map(
    (readAll.all() as string[])
      .map((text) => leadFieldSchema.parse(JSON.parse(text)))
      .map((field) => [field.name, field] as const),
  );
  rebuild();
  if (stored.size === 0) for (const definition of DEFAULT_CUSTOM_FIELDS) add(definition);

  return {
    all() {
      upToDate();
      return visible;
    },
    everything() {
      upToDate();
      return everything;
    },
    get(name) {
      upToDate();
      return byName.get(name);
    },
    isSearchable(name) {
      upToDate();
      return searchable.has(name);
    },
    searchableNames() {
      upToDate();
      return [...searchable];
    },
    add,
    change(name, { displayName, description, readOnly, isHidden }) {
      upToDate();
      const field = everything.find((candidate) => candidate.name === name);
      if (!field) return undefined;
      return keep({
        ...field,
        ...(displayName === undefined ? {} : { displayName }),
        ...(description === undefined ? {} : { description }),
        ...(readOnly === undefined ? {} : { readOnly }),
        ...(isHidden === undefined ? {} : { isHidden }),
      });
    },
  };
}

export const isCompanyField = (name: string): boolean => COMPANY_FIELD_NAMES.has(name);
