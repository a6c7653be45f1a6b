import { declaredFields, declaredObject, type FieldDeclaration, type ObjectDeclaration } from './declarations';
import { completeField, type Field, isStored } from './field';
import { ACCOUNT, CAMPAIGN, CAMPAIGN_MEMBER, OPPORTUNITY, TASK } from './objects/business-objects';
import { fieldsOf, type ObjectDefinition } from './objects/object-definition';
import { CONTACT, LEAD, USER } from './objects/person-objects';
import { GROUP, ORGANIZATION, PROFILE, RECORD_TYPE, USER_ROLE } from './objects/setup-objects';

const STANDARD_OBJECTS: readonly ObjectDefinition[] = [
  ACCOUNT,
  CONTACT,
  LEAD,
  OPPORTUNITY,
  CAMPAIGN,
  CAMPAIGN_MEMBER,
  TASK,
  USER,
  GROUP,
  RECORD_TYPE,
  PROFILE,
  USER_ROLE,
  ORGANIZATION,
];

/** Objects of which people, not data, are the subject: they show no recycle bin. */
const WITHOUT_RECYCLE_BIN = new Set(['User', 'Group', 'RecordType', 'Profile', 'UserRole', 'Organization']);

export type ObjectAccess = 'edit' | 'read' | 'none';
const CHANGES: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'undelete', 'merge']);

export interface ChildRelationship {
  parent: string;
  child: string;
  field: Field;
  /** Null where children cannot be listed in a query. */
  relationshipName: string | null;
  cascadeDelete: boolean;
}

/** One object of an org, with its fields in the order of describe. */
export class ObjectSchema {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  readonly custom: boolean;
  /** Those that the API user sees. */
  fields: Field[] = [];
  /** In the order of a stored row, hidden ones included. */
  stored: Field[] = [];
  /** What the API user may do with it at all (object permissions of the profile). */
  access: ObjectAccess = 'edit';
  private byName = new Map<string, Field>();
  private byStoredName = new Map<string, Field>();
  private byRelationship = new Map<string, Field>();
  private readonly all: Field[];

  constructor(readonly definition: ObjectDefinition) {
    this.name = definition.name;
    this.label = definition.label;
    this.labelPlural = definition.labelPlural;
    this.keyPrefix = definition.keyPrefix;
    this.custom = definition.custom;
    this.all = withSystemFields(definition).map((field) => ({ ...field }));
    this.arrange();
  }

  /** Case does not matter. Hidden fields are not found. */
  field(name: string): Field | undefined {
    return this.byName.get(name.toLowerCase());
  }

  /** Case does not matter. Hidden fields too: for what the org itself does, whoever its user is. */
  storedField(name: string): Field | undefined {
    return this.byStoredName.get(name.toLowerCase());
  }

  /** The reference field behind a relationship name such as `Account` or `Owner`. */
  relationship(name: string): Field | undefined {
    return this.byRelationship.get(name.toLowerCase());
  }

  /** A field that every object has, seen or not. */
  system(name: SystemFieldName): Field {
    const field = this.all.find((one) => one.name === name);
    if (!field) throw new Error(`${this.name} has no system field ${name}`);
    return field;
  }

  can(operation: ObjectDefinition['cannot'][number]): boolean {
    if (this.access === 'none') return false;
    if (this.access === 'read' && CHANGES.has(operation)) return false;
    return !this.definition.cannot.includes(operation);
  }

  /** Adds fields, or replaces those of the same name. */
  put(fields: readonly Field[]): void {
    for (const field of fields) {
      const index = this.all.findIndex((one) => one.name.toLowerCase() === field.name.toLowerCase());
      const known = this.all[index];
      if (known) this.all[index] = { ...field, position: known.position };
      else this.all.push({ ...field });
    }
    this.arrange();
  }

  change(name: string, changes: Partial<Field>): boolean {
    const field = this.all.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!field) return false;
    Object.assign(field, changes);
    this.arrange();
    return true;
  }

  private arrange(): void {
    this.stored = this.all.filter(isStored);
    this.stored.forEach((field, position) => {
      field.position = position;
    });
    this.fields = this.all.filter((field) => !field.hidden);
    this.byName = new Map(this.fields.map((field) => [field.name.toLowerCase(), field]));
    this.byStoredName = new Map(this.stored.map((field) => [field.name.toLowerCase(), field]));
    this.byRelationship = new Map();
    for (const field of this.fields)
      if (field.relationshipName !== null) this.byRelationship.set(field.relationshipName.toLowerCase(), field);
  }
}

export type SystemFieldName =
  | 'IsDeleted'
  | 'CreatedDate'
  | 'CreatedById'
  | 'LastModifiedDate'
  | 'LastModifiedById'
  | 'SystemModstamp';

function withSystemFields(definition: ObjectDefinition): Field[] {
  const { name, label, owners } = definition;
  const hasBin = !WITHOUT_RECYCLE_BIN.has(name);
  const [isDeleted, ...stamps] = fieldsOf([
    ['IsDeleted', 'boolean', 0, 'D', { label: 'Deleted', hidden: !hasBin }],
    ['CreatedDate', 'datetime', 0, 'D'],
    ['CreatedById', 'reference', 18, 'D', { referenceTo: ['User'] }],
    ['LastModifiedDate', 'datetime', 0, 'D'],
    ['LastModifiedById', 'reference', 18, 'D', { referenceTo: ['User'] }],
    ['SystemModstamp', 'datetime', 0, 'D', { label: 'System Modstamp' }],
    ['LastActivityDate', 'date', 0, 'N', { label: 'Last Activity', hidden: !hasBin }],
    ['LastViewedDate', 'datetime', 0, 'N', { hidden: !hasBin }],
    ['LastReferencedDate', 'datetime', 0, 'N', { hidden: !hasBin }],
  ]);
  const id = completeField({
    name: 'Id',
    type: 'id',
    label: `${label} ID`,
    nillable: false,
    defaultedOnCreate: true,
    groupable: true,
  });
  const owner = fieldsOf([['OwnerId', 'reference', 18, 'CUD', { referenceTo: owners }]]);
  const recordType = fieldsOf([
    [
      'RecordTypeId',
      'reference',
      18,
      'CUN',
      { referenceTo: ['RecordType'], hidden: definition.hasRecordTypes !== true },
    ],
  ]);
  return [
    id,
    ...(isDeleted ? [isDeleted] : []),
    ...definition.fields,
    ...(owners.length > 0 ? owner : []),
    ...(hasBin ? recordType : []),
    ...stamps,
  ];
}

/** All objects of an org. */
export class OrgSchema {
  private readonly objects = new Map<string, ObjectSchema>();
  private readonly byPrefix = new Map<string, ObjectSchema>();
  private customObjects = 0;

  constructor() {
    for (const definition of STANDARD_OBJECTS) this.add(definition);
  }

  all(): ObjectSchema[] {
    return [...this.objects.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Case does not matter. */
  object(name: string): ObjectSchema | undefined {
    return this.objects.get(name.toLowerCase());
  }

  /** @param access by object names; all others may be changed */
  setAccess(access: Readonly<Record<string, ObjectAccess>>): void {
    const byName = new Map(Object.entries(access).map(([name, one]) => [name.toLowerCase(), one]));
    for (const [name, object] of this.objects) object.access = byName.get(name) ?? 'edit';
  }

  /** Those that the API user may see. */
  visible(): ObjectSchema[] {
    return this.all().filter(({ access }) => access !== 'none');
  }

  /** @throws when there is none: for names that the sandbox itself knows */
  require(name: string): ObjectSchema {
    const object = this.object(name);
    if (!object) throw new Error(`The org has no object ${name}`);
    return object;
  }

  byKeyPrefix(prefix: string): ObjectSchema | undefined {
    return this.byPrefix.get(prefix);
  }

  /** Lists of children of an object: one for each reference that may point to it. */
  childrenOf(parent: string): ChildRelationship[] {
    const children: ChildRelationship[] = [];
    for (const object of this.all())
      for (const field of object.fields)
        if (field.type === 'reference' && field.referenceTo.includes(parent))
          children.push({
            parent,
            child: object.name,
            field,
            relationshipName: field.childRelationshipName,
            cascadeDelete: field.cascadeDelete,
          });
    return children;
  }

  declareObject(declaration: ObjectDeclaration): ObjectSchema {
    const known = this.object(declaration.name);
    if (known) {
      known.put(declaration.fields.flatMap(declaredFields).map((field) => withChildName(field, known)));
      return known;
    }
    const prefix = `a${base36(this.customObjects)}`;
    this.customObjects += 1;
    const object = this.add(declaredObject(declaration, prefix));
    object.put(object.fields.filter((field) => field.custom).map((field) => withChildName(field, object)));
    return object;
  }

  /** @returns the object, or undefined when there is none of that name */
  declareField(objectName: string, declaration: FieldDeclaration): ObjectSchema | undefined {
    const object = this.object(objectName);
    object?.put(declaredFields(declaration).map((field) => withChildName(field, object)));
    return object;
  }

  private add(definition: ObjectDefinition): ObjectSchema {
    const object = new ObjectSchema(definition);
    this.objects.set(definition.name.toLowerCase(), object);
    this.byPrefix.set(definition.keyPrefix, object);
    return object;
  }
}

/** A lookup from `Visit__c` is listed on its parent as `Visits__r`, unless it says otherwise. */
function withChildName(field: Field, object: ObjectSchema): Field {
  if (field.type !== 'reference' || field.childRelationshipName !== null) return field;
  return { ...field, childRelationshipName: `${object.name.replace(/__c$/, '')}s__r` };
}

function base36(value: number): string {
  return value.toString(36).toUpperCase().padStart(2, '0');
}
