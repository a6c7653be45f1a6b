export const FIELD_TYPES = [
  'id',
  'reference',
  'string',
  'phone',
  'url',
  'email',
  'textarea',
  'picklist',
  'combobox',
  'multipicklist',
  'boolean',
  'int',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'time',
  'address',
  'location',
  'encryptedstring',
  'base64',
  'anyType',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export interface PicklistValue {
  value: string;
  label: string;
  active: boolean;
  isDefault: boolean;
}

/** Everything that is known about a field; describe, queries and writes all read it from here. */
export interface Field {
  name: string;
  label: string;
  type: FieldType;
  /** Characters; 0 for what is not text. */
  length: number;
  /** For numbers with decimals; 0 otherwise. */
  precision: number;
  scale: number;
  /** For whole numbers; 0 otherwise. */
  digits: number;
  createable: boolean;
  updateable: boolean;
  nillable: boolean;
  defaultedOnCreate: boolean;
  custom: boolean;
  externalId: boolean;
  idLookup: boolean;
  unique: boolean;
  caseSensitive: boolean;
  calculated: boolean;
  /** Format such as `T-{0000}`, or null. */
  autoNumber: string | null;
  nameField: boolean;
  filterable: boolean;
  sortable: boolean;
  groupable: boolean;
  htmlFormatted: boolean;
  extraTypeInfo: string | null;
  /** Empty for fields without a list. */
  picklist: readonly PicklistValue[];
  restrictedPicklist: boolean;
  controllerName: string | null;
  /** Names of objects; several make the reference polymorphic. */
  referenceTo: readonly string[];
  relationshipName: string | null;
  /** On the parent's side: the name of the list of children. */
  childRelationshipName: string | null;
  cascadeDelete: boolean;
  /** `Name` on name parts, `MailingAddress` on the parts of that address. */
  compoundFieldName: string | null;
  defaultValue: string | number | boolean | null;
  inlineHelpText: string | null;
  /** Not visible to the API user (field-level security): absent from describe, queries and writes alike. */
  hidden: boolean;
  /** Place in a stored row; -1 for what has no column. Given by the object that the field belongs to. */
  position: number;
}

/** A field as it is declared: what follows from its type may be left out. */
export type FieldDraft = Pick<Field, 'name' | 'type'> & Partial<Field>;

const NOT_TEXT: ReadonlySet<FieldType> = new Set([
  'boolean',
  'int',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'time',
  'address',
  'location',
  'base64',
  'anyType',
]);
const DEFAULT_LENGTHS: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  phone: 40,
  email: 80,
  multipicklist: 4099,
  encryptedstring: 175,
};
/** A text area of more characters can neither be filtered nor sorted. */
const SHORT_TEXT_AREA = 255;

/** Completes a draft with what describe shows for fields of its type (SOAP guide, "Field Types"). */
export function completeField(draft: FieldDraft): Field {
  const { type } = draft;
  const length = NOT_TEXT.has(type) ? 0 : (draft.length ?? DEFAULT_LENGTHS[type] ?? 255);
  const isLongText = type === 'textarea' && length > SHORT_TEXT_AREA;
  const isOpaque = isLongText || type === 'encryptedstring' || type === 'base64' || type === 'anyType';
  const hasDecimals = type === 'double' || type === 'currency' || type === 'percent';
  const isMadeOfParts = isCompound(draft);
  const writable = draft.calculated !== true && draft.autoNumber == null && !isMadeOfParts && type !== 'id';
  return {
    label: labelOf(draft.name),
    precision: hasDecimals ? 18 : 0,
    scale: 0,
    digits: type === 'int' ? 9 : 0,
    createable: writable,
    updateable: writable,
    nillable: type !== 'boolean',
    defaultedOnCreate: type === 'boolean',
    custom: /__[cs]$/.test(draft.name),
    externalId: false,
    idLookup: draft.externalId === true || type === 'id',
    unique: false,
    caseSensitive: false,
    calculated: false,
    autoNumber: null,
    nameField: false,
    filterable: !isOpaque,
    sortable: !isOpaque && !isMadeOfParts && type !== 'multipicklist',
    groupable:
      !isOpaque && !isMadeOfParts && !hasDecimals && type !== 'multipicklist' && type !== 'datetime' && type !== 'time',
    htmlFormatted: false,
    extraTypeInfo: type === 'textarea' && draft.htmlFormatted !== true ? 'plaintextarea' : null,
    picklist: [],
    restrictedPicklist: false,
    controllerName: null,
    referenceTo: [],
    relationshipName: type === 'reference' ? relationshipNameOf(draft.name) : null,
    childRelationshipName: null,
    cascadeDelete: false,
    compoundFieldName: null,
    defaultValue: type === 'boolean' ? false : null,
    inlineHelpText: null,
    hidden: false,
    position: -1,
    ...draft,
    length,
  };
}

function relationshipNameOf(fieldName: string): string {
  if (fieldName.endsWith('__c')) return `${fieldName.slice(0, -1)}r`;
  return fieldName.endsWith('Id') ? fieldName.slice(0, -2) : fieldName;
}

/** `NumberOfEmployees` → `Number Of Employees`, `Go_Live__c` → `Go Live`. */
export function labelOf(name: string): string {
  const bare = name.endsWith('__c') ? name.slice(0, -3).replaceAll('_', ' ') : name;
  return bare.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/\bId$/, 'ID');
}

/** Addresses and locations: made from their parts when they are read. */
export function isCompound({ type }: Pick<Field, 'type'>): boolean {
  return type === 'address' || type === 'location';
}

/** Everything but compound fields and the Id has a column. */
export function isStored(field: Field): boolean {
  return !isCompound(field) && field.type !== 'id';
}

export function isTextType(type: FieldType): boolean {
  return !NOT_TEXT.has(type) && type !== 'id' && type !== 'reference';
}
