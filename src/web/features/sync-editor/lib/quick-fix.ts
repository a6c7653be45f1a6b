import type { FieldDescription } from '../../../../domain/object-description';
import { fieldInExpression } from './expression-words';
import type { MappingRow } from './sync-form';

const SHORTENED = /^text\((.+)\)\.left\((\d+)\)$/;

/** A field, and how many of its characters are taken. */
export interface Shortening {
  field: string;
  length: number;
}

/** The expression that takes the first characters of a field. */
export const shortened = ({ field, length }: Shortening): string => `text(${fieldInExpression(field)}).left(${length})`;

/** What a row takes the first characters of, where it does that and nothing else; null for every other. */
export function shorteningOf(
  { kind, expression }: Pick<MappingRow, 'kind' | 'expression'>,
  fields: readonly Pick<FieldDescription, 'name'>[],
): Shortening | null {
  const [, read, length] = (kind === 'expression' && SHORTENED.exec(expression.trim())) || [];
  const field = fields.find(({ name }) => fieldInExpression(name) === read);
  return field ? { field: field.name, length: Number(length) } : null;
}

/** What an expression does that `quickFix` has made of a field, in words; null for every other. */
export function shorteningInWords(expression: string, fields: readonly FieldDescription[]): string | null {
  const taken = shorteningOf({ kind: 'expression', expression }, fields);
  const label = fields.find(({ name }) => name === taken?.field)?.label;
  return taken && `The first ${taken.length} characters of ${label}`;
}

/** A change of a mapping that does away with a problem of the preview. */
export interface QuickFix {
  label: string;
  patch: Partial<MappingRow>;
}

/**
 * The usual remedy for a group of refused values, if there is one.
 * @param code such as `tooLong`
 */
export function quickFix(code: string, row: MappingRow, field: FieldDescription): QuickFix | null {
  if (code === 'tooLong' && field.length !== null && row.kind !== 'constant') {
    const read = row.kind === 'field' ? fieldInExpression(row.field) : row.expression;
    const expression = `text(${read}).left(${field.length})`;
    return { label: `Shorten to ${field.length} characters`, patch: { kind: 'expression', expression } };
  }
  if (code === 'notInTable') return { label: 'Let other values pass', patch: { otherwise: 'pass' } };
  if (code === 'notInPicklist' && row.table) {
    return { label: 'Leave other values blank', patch: { otherwise: 'blank' } };
  }
  return null;
}
