import type { FieldDescription } from '../../../../domain/object-description';
import { fieldInExpression } from './expression-words';
import type { MappingRow } from './sync-form';

const SHORTENED = /^text\((.+)\)\.left\((\d+)\)$/;

/** What an expression does that `quickFix` has made of a field, in words; null for every other. */
export function shorteningInWords(expression: string, fields: readonly FieldDescription[]): string | null {
  const [, read, length] = SHORTENED.exec(expression.trim()) ?? [];
  const field = fields.find(({ name }) => fieldInExpression(name) === read);
  return field ? `The first ${length} characters of ${field.label}` : null;
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
