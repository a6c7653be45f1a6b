import type { Value, Values } from '../domain/object-description';
import { valueText } from '../domain/values';
import type { Role } from './schemas/roles';

const MASK = '•••';

const isHidden = (role: Role, value: Value): boolean => role === 'viewer' && value !== null && value !== '';

/** Values of records for who asks: a viewer learns which fields have one, and not what it is. */
export const valuesFor = (role: Role, values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, isHidden(role, value) ? MASK : value]));

/** How values of records are told: as text, a blank one as an empty text; see `valuesFor`. */
export const valueTextFor =
  (role: Role) =>
  (value: Value): string => {
    if (isHidden(role, value)) return MASK;
    return value === null ? '' : valueText(value);
  };
