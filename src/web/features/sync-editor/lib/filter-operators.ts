import { OPERATORS, type Operator } from '../../../../domain/definition';
import { filterProblems } from '../../../../domain/filter';
import { operatorInWords } from '../../../../domain/filter-words';
import type { FieldDescription, ObjectDescription } from '../../../../domain/object-description';
import { type FilterGroup, isGroup } from './filter-query';

/** The operators that a column takes, in words. */
export function operatorsOf(field: FieldDescription): { name: Operator; label: string }[] {
  const object = { name: '', fields: [field] } as unknown as ObjectDescription; // what is looked at of it
  return OPERATORS.filter((operator) => {
    const problems = filterProblems({ column: field.name, operator }, object);
    return !problems.some(({ path }) => path === 'filter.operator');
  }).map((name) => ({ name, label: operatorInWords(name, field) }));
}

/** How the value of a condition is entered. */
export type ValueShape = 'none' | 'one' | 'list' | 'range' | 'amount';

export function valueShapeOf(operator: string): ValueShape {
  switch (operator) {
    case 'isEmpty':
    case 'isNotEmpty':
      return 'none';
    case 'in':
    case 'notIn':
    case 'includesAny':
    case 'includesAll':
      return 'list';
    case 'between':
      return 'range';
    case 'inLast':
    case 'inNext':
      return 'amount';
    default:
      return 'one';
  }
}

/** A value for an operator of another shape: what was entered is kept where it fits. */
export function valueOfShape(value: unknown, shape: ValueShape): unknown {
  const first = Array.isArray(value) ? value[0] : typeof value === 'object' ? undefined : value;
  const given = first === undefined || first === '' ? undefined : first;
  switch (shape) {
    case 'none':
      return undefined;
    case 'list':
      return Array.isArray(value) ? value : given === undefined ? [] : [given];
    case 'range':
      return Array.isArray(value) && value.length === 2 ? value : [given ?? '', ''];
    case 'amount':
      return typeof value === 'object' && value !== null && 'amount' in value ? value : { amount: 30, unit: 'day' };
    case 'one':
      return given ?? '';
  }
}

/** What the query builder calls a column that is not chosen. */
const NO_COLUMN = '~';

/** The edited filter with values of the shape that each operator takes. */
export const withFittingValues = (group: FilterGroup): FilterGroup => ({
  ...group,
  rules: group.rules.map((part) =>
    isGroup(part)
      ? withFittingValues(part)
      : {
          ...part,
          field: part.field === NO_COLUMN ? '' : part.field,
          value: valueOfShape(part.value, valueShapeOf(part.operator)),
        },
  ),
});
