import { isBlank } from '../../../../domain/blank';
import { InvalidDefinition, type Mapping } from '../../../../domain/definition';
import { compileMappings, type Resolve } from '../../../../domain/mapping';
import type { ObjectDescription, Value, Values } from '../../../../domain/object-description';
import { valueText } from '../../../../domain/values';

/** What a mapping makes of one record. */
export type Tried =
  | { kind: 'value'; value: Value }
  /** The destination would not take it. */
  | { kind: 'refused'; message: string }
  /** The value is looked up in the destination, by this key; only a preview does that. */
  | { kind: 'lookedUp'; key: string }
  /** Nothing is written: a blank that leaves the destination as it is. */
  | { kind: 'kept' };

interface TryContext {
  source: ObjectDescription;
  destination: ObjectDescription;
  blankValues: 'keep' | 'clear';
  timeZone: string;
}

/** A mapping that can be tried on records; null while it has a mistake, which is told elsewhere. */
export function triable(mapping: Mapping, context: TryContext): ((record: Values) => Tried) | null {
  const { lookup, ...plain } = mapping;
  try {
    const definition = { mappings: [plain], blankValues: context.blankValues };
    const compiled = compileMappings(
      definition,
      context.source,
      lookup ? asText(context.destination) : context.destination,
      {
        timeZone: context.timeZone,
      },
    );
    return (record) => {
      const values = compiled.sourceFields.map((name) => record[name] ?? null);
      const mapped = compiled.map(values, NOTHING_LOOKED_UP);
      if ('refused' in mapped)
        return { kind: 'refused', message: mapped.refused.map(({ message }) => message).join(' ') };
      if ('skip' in mapped) return { kind: 'kept' };
      const value = mapped.values[mapping.to];
      if (value === undefined) return { kind: 'kept' };
      return lookup && value !== null ? { kind: 'lookedUp', key: valueText(value) } : { kind: 'value', value };
    };
  } catch (error) {
    if (error instanceof InvalidDefinition) return null;
    throw error;
  }
}

/** Whether a new record would get no value by it. */
export const writesBlank = (tried: Tried): boolean =>
  tried.kind === 'kept' || (tried.kind === 'value' && isBlank(tried.value));

/** Mappings are tried without their look-ups. */
const NOTHING_LOOKED_UP: Resolve = () => ({ missing: true });

/** What is looked up is a key, not yet the Id that the field takes. */
const asText = (object: ObjectDescription): ObjectDescription => ({
  ...object,
  fields: object.fields.map((field) => ({ ...field, type: 'text', length: null })),
});

/** A value as it is shown in a cell. */
export const shownValue = (value: Value | undefined): string =>
  value === null || value === undefined || value === ''
    ? 'blank'
    : typeof value === 'boolean'
      ? String(value)
      : valueText(value);
