import { z } from 'zod';

/** The types that both systems' field types are translated to; what each converts to is decided in `values`. */
export const FIELD_TYPES = [
  'id',
  'reference',
  'text',
  'email',
  'phone',
  'url',
  'picklist',
  'multipicklist',
  'boolean',
  'integer',
  'number',
  'date',
  'datetime',
  'time',
  'other',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** One field of an object, as a connector describes it and the API shows it. */
export const fieldDescription = z.object({
  name: z.string(),
  label: z.string(),
  type: z.enum(FIELD_TYPES),
  /** Most characters that the field holds; null where the system states none. */
  length: z.number().nullable(),
  /** Digits before and after the decimal point; null for what is not a number. */
  precision: z.number().nullable().default(null),
  scale: z.number().nullable().default(null),
  /** A record cannot be created without it. */
  required: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  /** The system itself can select by it. */
  filterable: z.boolean(),
  /** It can be the destination side of the match. */
  matchable: z.boolean(),
  /** The system takes no value of it twice. */
  unique: z.boolean().default(false),
  /** It is marked as the key that another system knows the record by. */
  externalId: z.boolean().default(false),
  caseSensitive: z.boolean().default(false),
  /** The system refuses values outside of `picklistValues`. */
  restricted: z.boolean().default(false),
  picklistValues: z.array(z.object({ value: z.string(), label: z.string() })),
  /** Names of the objects that a reference points to. */
  referenceTo: z.array(z.string()),
});
export type FieldDescription = z.output<typeof fieldDescription>;

export const objectSummary = z.object({
  name: z.string(),
  label: z.string(),
  readable: z.boolean(),
  writable: z.boolean(),
});
export type ObjectSummary = z.output<typeof objectSummary>;

export const objectDescription = z.object({
  name: z.string(),
  label: z.string(),
  /** How source Ids are put in order: as numbers (Marketo) or byte by byte (Salesforce). */
  idOrder: z.enum(['number', 'bytes']),
  idField: z.string(),
  createdAtField: z.string().nullable(),
  updatedAtField: z.string().nullable(),
  /** It can be read as a whole; otherwise a filter `in` on one of `keyFields` is needed. */
  readableAsWhole: z.boolean(),
  keyFields: z.array(z.string()),
  /** The field that people are matched by when the definition names none (an e-mail), else null. */
  defaultMatchField: z.string().nullable(),
  fields: z.array(fieldDescription),
});
export type ObjectDescription = z.output<typeof objectDescription>;

/**
 * A value as it is staged, on every path alike: text as is (without NUL); numbers as numbers; a date as `2026-03-01`;
 * a date-time in UTC as `2026-03-01T09:30:00.000Z`; a time as `09:30:00.000`; a multi-picklist as its values joined by `;`;
 * an Id of Salesforce in its 18-character form; blank (null, missing, empty text) as null.
 */
export type Value = string | number | boolean | null;

/** Field name → value. In records to be written a missing name means "leave as it is", null means "clear". */
export type Values = Record<string, Value>;
