import { z } from 'zod';
import { completeField, FIELD_TYPES, type Field, labelOf, type PicklistValue } from './field';
import type { ObjectDefinition } from './objects/object-definition';

const customName = z
  .string()
  .regex(/^(?:[A-Za-z][A-Za-z0-9]*__)?[A-Za-z][A-Za-z0-9_]*__c$/, 'an API name that ends in __c');

const picklistValueSchema = z.union([
  z.string().min(1),
  z.strictObject({
    value: z.string().min(1),
    label: z.string().optional(),
    active: z.boolean().optional(),
    isDefault: z.boolean().optional(),
  }),
]);

/** A custom field as the control API takes it; what is left out follows from the type. */
export const fieldDeclarationSchema = z.strictObject({
  name: customName,
  type: z.enum(FIELD_TYPES).exclude(['id', 'address', 'anyType']),
  label: z.string().min(1).max(40).optional(),
  length: z.number().int().min(1).max(131_072).optional(),
  precision: z.number().int().min(1).max(18).optional(),
  scale: z.number().int().min(0).max(17).optional(),
  required: z.boolean().default(false),
  unique: z.boolean().default(false),
  externalId: z.boolean().default(false),
  caseSensitive: z.boolean().default(false),
  picklist: z.array(picklistValueSchema).default([]),
  restricted: z.boolean().default(false),
  controllerName: z.string().optional(),
  referenceTo: z.array(z.string()).default([]),
  relationshipName: z.string().optional(),
  childRelationshipName: z.string().optional(),
  masterDetail: z.boolean().default(false),
  defaultValue: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Format of an automatic number, e.g. `T-{0000}`; the field is then read-only. */
  autoNumber: z.string().optional(),
  /** A formula: read-only. The sandbox does not evaluate it, its value is null. */
  calculated: z.boolean().default(false),
  htmlFormatted: z.boolean().default(false),
  helpText: z.string().optional(),
  createable: z.boolean().optional(),
  updateable: z.boolean().optional(),
});
export type FieldDeclaration = z.output<typeof fieldDeclarationSchema>;
export type FieldDeclarationInput = z.input<typeof fieldDeclarationSchema>;

export const objectDeclarationSchema = z.strictObject({
  name: customName,
  label: z.string().min(1).optional(),
  labelPlural: z.string().min(1).optional(),
  /** The object's Name: text of 80 characters, or an automatic number. */
  nameField: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), label: z.string().optional() }),
      z.strictObject({
        type: z.literal('autoNumber'),
        label: z.string().optional(),
        format: z.string().default('A-{00000}'),
      }),
    ])
    .default({ type: 'text' }),
  fields: z.array(fieldDeclarationSchema).default([]),
});
export type ObjectDeclaration = z.output<typeof objectDeclarationSchema>;
export type ObjectDeclarationInput = z.input<typeof objectDeclarationSchema>;

/** The fields that a declaration stands for: a location has two parts besides itself. */
export function declaredFields(declaration: FieldDeclaration): Field[] {
  const { required, unique, externalId, caseSensitive, masterDetail, restricted, helpText, ...rest } = declaration;
  // without the absent keys, which would hide what follows from the type
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Partial<Field>;
  const field = completeField({
    ...given,
    name: declaration.name,
    type: declaration.type,
    nillable: declaration.type !== 'boolean' && !required && !masterDetail,
    unique,
    externalId,
    caseSensitive,
    cascadeDelete: masterDetail,
    picklist: declaration.picklist.map(completePicklistValue),
    restrictedPicklist: restricted,
    inlineHelpText: helpText ?? null,
    ...(declaration.defaultValue === undefined ? {} : { defaultedOnCreate: true }),
    ...(declaration.type === 'reference' && declaration.referenceTo.length === 0 ? { referenceTo: ['Account'] } : {}),
  });
  if (declaration.type !== 'location') return [field];
  const base = declaration.name.slice(0, -'__c'.length);
  const part = (axis: 'Latitude' | 'Longitude'): Field =>
    completeField({
      name: `${base}__${axis}__s`,
      type: 'double',
      label: `${field.label} (${axis})`,
      precision: 18,
      scale: 15,
      compoundFieldName: declaration.name,
    });
  return [part('Latitude'), part('Longitude'), field];
}

function completePicklistValue(value: z.output<typeof picklistValueSchema>): PicklistValue {
  if (typeof value === 'string') return { value, label: value, active: true, isDefault: false };
  return {
    value: value.value,
    label: value.label ?? value.value,
    active: value.active ?? true,
    isDefault: value.isDefault ?? false,
  };
}

/** A change of a field that is there, standard ones included. */
export const fieldChangeSchema = z.strictObject({
  label: z.string().min(1).max(40).optional(),
  length: z.number().int().min(1).max(131_072).optional(),
  precision: z.number().int().min(1).max(18).optional(),
  scale: z.number().int().min(0).max(17).optional(),
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  externalId: z.boolean().optional(),
  createable: z.boolean().optional(),
  updateable: z.boolean().optional(),
  filterable: z.boolean().optional(),
  sortable: z.boolean().optional(),
  /** Not visible to the API user. */
  hidden: z.boolean().optional(),
  picklist: z.array(picklistValueSchema).optional(),
  restricted: z.boolean().optional(),
  defaultValue: z.union([z.string(), z.number(), z.boolean()]).nullable().optional(),
  helpText: z.string().nullable().optional(),
});

/** The same in the words of a field. */
export function toFieldChanges(change: z.output<typeof fieldChangeSchema>): Partial<Field> {
  const { required, restricted, picklist, helpText, externalId, defaultValue, ...same } = change;
  const changes: Partial<Field> = {
    nillable: required === undefined ? undefined : !required,
    restrictedPicklist: restricted,
    picklist: picklist?.map(completePicklistValue),
    inlineHelpText: helpText,
    externalId,
    idLookup: externalId,
    defaultValue,
    defaultedOnCreate: defaultValue === undefined ? undefined : defaultValue !== null,
    ...same,
  } as Partial<Field>; // what is undefined is taken out below
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<Field>;
}

/** @param keyPrefix three characters, `a00` for the first custom object of an org */
export function declaredObject(declaration: ObjectDeclaration, keyPrefix: string): ObjectDefinition {
  const label = declaration.label ?? labelOf(declaration.name);
  const { nameField } = declaration;
  const name = completeField({
    name: 'Name',
    type: 'string',
    length: 80,
    label: nameField.label ?? `${label} Name`,
    nameField: true,
    idLookup: true,
    defaultedOnCreate: true,
    custom: false,
    ...(nameField.type === 'autoNumber' ? { autoNumber: nameField.format, nillable: false } : {}),
  });
  const isDetail = declaration.fields.some((field) => field.masterDetail);
  return {
    name: declaration.name,
    label,
    labelPlural: declaration.labelPlural ?? `${label}s`,
    keyPrefix,
    custom: true,
    cannot: ['merge'],
    owners: isDetail ? [] : ['Group', 'User'],
    fields: [name, ...declaration.fields.flatMap(declaredFields)],
  };
}
