import type { Value } from '../domain/object-description';
import { valueText } from '../domain/values';
import type { Role } from './schemas/roles';

const MASK = '•••';

/** How values of records are told: as text, a blank one as an empty text; a viewer learns that there is one, and not what it is. */
export const valueTextFor =
  (role: Role) =>
  (value: Value): string => {
    const text = value === null ? '' : valueText(value);
    return role === 'viewer' && text !== '' ? MASK : text;
  };
