import { numberText, roundedText } from './decimal';
import type { ImportRule } from './definition';
import { matchKey as keyOf, keyText } from './match-key';
import type { FieldDescription, ObjectDescription, Value, Values } from './object-description';
import type { SkipReason } from './outcome';
import { sameMeaning } from './values';

/** A record of the destination that a key was found in. */
export interface Existing {
  destinationId: string;
  values: Values;
  /** Why it must not be written, although it is there. */
  locked?: string;
}

/** What is done with one record, before anything is sent. */
export type Decision =
  | { action: 'create'; values: Values }
  /** Only what differs is sent; `previous` holds what was there, for undo. */
  | { action: 'update'; destinationId: string; values: Values; previous: Values }
  | { action: 'unchanged'; destinationId: string }
  | { action: 'skip'; reason: SkipReason }
  | { action: 'fail'; reason: string; message: string; field?: string };

/** Ids that are named in the message of an ambiguous record; more of them help nobody. */
const IDS_NAMED = 5;

/**
 * The import rule. `create`: what the destination has is skipped. `update`: what it lacks is skipped. `createAndUpdate`: upsert.
 * A key that fits several records changes none of them.
 * @param input.existing what the destination holds under the record's key; for one that has or had none, what the sync made of it before
 * @param input.matchField the destination field in which keys are looked up
 * @param input.writesKey false where nothing but the match says that the key is written: then a record that is there keeps its own spelling
 */
export function decide(input: {
  importRule: ImportRule;
  matchKey: string | null;
  existing: readonly Existing[];
  values: Values;
  destination: ObjectDescription;
  matchField: FieldDescription;
  writesKey: boolean;
}): Decision {
  const { importRule, matchKey, existing, values, destination, matchField } = input;
  const [only] = existing;
  if (only === undefined) {
    if (importRule === 'update') return { action: 'skip', reason: matchKey === null ? 'noKey' : 'notFound' };
    return (matchKey !== null && keyProblem(matchKey, matchField, input)) || create(values, destination);
  }
  if (importRule === 'create') return { action: 'skip', reason: 'exists' };
  if (importRule === 'update' && matchKey === null) return { action: 'skip', reason: 'noKey' };
  if (existing.length > 1) {
    const ids = existing.slice(0, IDS_NAMED).map((record) => record.destinationId);
    const more = existing.length > IDS_NAMED ? ', …' : '';
    const message = `${existing.length} destination records have this key: ${ids.join(', ')}${more}. Merge them, or match by another field.`;
    return { action: 'fail', reason: 'ambiguous', message };
  }
  if (only.locked !== undefined) return { action: 'fail', reason: 'locked', message: only.locked };
  const keepsKey = isKeyKept(input, only.values[matchField.name] ?? null);
  return update(only, values, destination, keepsKey ? matchField.name : null);
}

const AMBIGUOUS =
  /^(?:\d+ destination records have this key|The key fits \d+ records of the destination): (.+?)(?:, …)?\. Merge them/;

/** The Ids that the message of an ambiguous record names, also one of an earlier release. @param message of any kind, or none */
export const ambiguousIds = (message: string | null): string[] => AMBIGUOUS.exec(message ?? '')?.[1]?.split(', ') ?? [];

/** Whether a record that is there keeps its own spelling of the key: also where that differs from ours in code points alone. */
function isKeyKept({ writesKey, values, matchField }: Parameters<typeof decide>[0], present: Value): boolean {
  const wanted = values[matchField.name];
  const isText = typeof present === 'string' && typeof wanted === 'string';
  return !isBlank(present) && (!writesKey || (isText && keyText(present) === keyText(wanted)));
}

/** A value as the destination keeps it, which gives a number no more places than its field has. */
function asKept(value: Value, { type, scale }: FieldDescription): Value {
  const isNumber = type === 'number' || type === 'integer';
  return typeof value === 'number' && isNumber ? roundedText(numberText(value), scale) : value;
}

/** Why a new record would not be recognised by the next run, which would create it again. */
function keyProblem(
  key: string,
  field: FieldDescription,
  { values, destination }: { values: Values; destination: ObjectDescription },
): Decision | null {
  const fail = (reason: string, message: string): Decision => ({ action: 'fail', reason, message, field: field.name });
  if (field.name === destination.idField && !field.createable) {
    const message = `The destination has no record with this ${field.label}, and would give a new one another.`;
    return fail('keyNotWritable', message);
  }
  // what the destination computes by itself, it may compute from what is written
  if (!field.createable || keyOf(asKept(values[field.name] ?? null, field), field) === key) return null;
  const message = `What ${field.label} would hold is not the match key: the next run would not recognise the record.`;
  return fail('keyDiffers', message);
}

const requiredMissing = ({ name, label }: FieldDescription): Decision => ({
  action: 'fail',
  reason: 'requiredMissing',
  message: `${label} is required and has no value.`,
  field: name,
});

function create(values: Values, destination: ObjectDescription): Decision {
  const { byName, required } = fieldsOf(destination);
  const missing = required.find((field) => isBlank(values[field.name]));
  if (missing) return requiredMissing(missing);
  const written: Values = {};
  for (const name of Object.keys(values)) {
    const value = values[name] ?? null;
    // what a new record has not is blank already
    if (value !== null && byName.get(name)?.createable) written[name] = value;
  }
  return { action: 'create', values: written };
}

interface Fields {
  byName: ReadonlyMap<string, FieldDescription>;
  /** What a new record cannot lack. */
  required: readonly FieldDescription[];
}

const FIELDS = new WeakMap<Pick<ObjectDescription, 'fields'>, Fields>();

/** The fields of an object by their names. Objects can have hundreds of them: they are sorted out once, not for every record. */
export function fieldsOf(object: Pick<ObjectDescription, 'fields'>): Fields {
  const known = FIELDS.get(object);
  if (known) return known;
  const made = {
    byName: new Map(object.fields.map((field) => [field.name, field])),
    required: object.fields.filter((field) => field.required && field.createable),
  };
  FIELDS.set(object, made);
  return made;
}

const isBlank = (value: Value | undefined): boolean => value === undefined || value === null || value === '';

/** @param left the field that stays as it is */
function update(existing: Existing, values: Values, destination: ObjectDescription, left: string | null): Decision {
  const { byName } = fieldsOf(destination);
  const changed: Values = {};
  const previous: Values = {};
  for (const [name, wanted] of Object.entries(values)) {
    const field = byName.get(name);
    const present = existing.values[name] ?? null;
    if (name === left || !field?.updateable || sameMeaning(field, wanted, present)) continue;
    // a blank that is to clear what no record can lack
    if (field.required && isBlank(wanted)) return requiredMissing(field);
    changed[name] = wanted;
    previous[name] = present;
  }
  const { destinationId } = existing;
  if (Object.keys(changed).length === 0) return { action: 'unchanged', destinationId };
  return { action: 'update', destinationId, values: changed, previous };
}
