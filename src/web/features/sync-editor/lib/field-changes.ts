import type { ObjectDescription } from '../../../../domain/object-description';
import { counted } from '../../../lib/format';

type Described = Pick<ObjectDescription, 'label' | 'fields'>;

/** What has changed of an object since its fields were read before: "Lead: 2 fields added, 1 field removed." */
export function fieldChanges(before: Described, after: Described): string {
  const old = new Map(before.fields.map((field) => [field.name, field]));
  const present = new Set(after.fields.map(({ name }) => name));
  const added = after.fields.filter(({ name }) => !old.has(name)).length;
  const gone = before.fields.filter(({ name }) => !present.has(name)).length;
  const retyped = after.fields.filter(({ name, type, length }) => {
    const was = old.get(name);
    return was !== undefined && (was.type !== type || was.length !== length);
  }).length;
  const parts = [
    added > 0 && `${counted(added, 'field')} added`,
    gone > 0 && `${counted(gone, 'field')} removed`,
    retyped > 0 && `${counted(retyped, 'field')} with a new type or length`,
  ].filter((part) => part !== false);
  return `${after.label}: ${parts.length === 0 ? 'no field has changed' : parts.join(', ')}.`;
}
