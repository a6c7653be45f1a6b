import type { Field } from './field';
import type { IdCodec } from './record-id';
import { isoSeconds, type StoredValue } from './stored-values';

/** A stored value for people: Ids of 18 characters, times in ISO 8601, checkboxes as true and false. */
export function plainValue(field: Field, value: StoredValue, ids: IdCodec): unknown {
  if (value === null) return null;
  switch (field.type) {
    case 'boolean':
      return value === 1;
    case 'datetime':
      return `${isoSeconds(Number(value))}.000Z`;
    case 'reference':
      return ids.encode(Number(value));
    default:
      return value;
  }
}
