import { neutralised, restored } from '../../../../domain/csv-cell';
import { type Mapping, mapping as mappingSchema } from '../../../../domain/definition';
import { newKey } from './suggested-rows';
import { type MappingRow, mappingOfRow, rowOf, type Scalar } from './sync-form';

/** The columns of a file of mappings. `from` is a field's name, a constant or an expression, as `kind` says. */
export const MAPPING_COLUMNS = [
  'kind',
  'from',
  'to',
  'default',
  'values',
  'otherwise',
  'lookup',
  'blankValues',
] as const;
type Column = (typeof MAPPING_COLUMNS)[number];
const NEEDED: readonly Column[] = ['kind', 'from', 'to'];
const KINDS: readonly string[] = ['field', 'constant', 'expression'] satisfies MappingRow['kind'][];

/** The finished mappings as lines of such a file; value tables and look-ups are JSON. */
export function tableOfRows(rows: readonly MappingRow[]): string[][] {
  const mappings = rows.map(mappingOfRow).filter((mapping) => mapping !== null);
  return mappings.map((mapping) => {
    const cells = cellsOf(mapping);
    return MAPPING_COLUMNS.map((column) => neutralised(cells[column] ?? ''));
  });
}

function cellsOf(mapping: Mapping): Partial<Record<Column, string>> {
  const { from, to, default: instead, values, otherwise, lookup, blankValues } = mapping;
  const source =
    'field' in from
      ? { kind: 'field', from: from.field }
      : 'constant' in from
        ? { kind: 'constant', from: cellOfScalar(from.constant) }
        : { kind: 'expression', from: from.expression };
  return {
    ...source,
    to,
    ...(instead === undefined ? {} : { default: cellOfScalar(instead) }),
    ...(values ? { values: JSON.stringify(values) } : {}),
    ...(otherwise ? { otherwise } : {}),
    ...(lookup ? { lookup: JSON.stringify(lookup) } : {}),
    ...(blankValues ? { blankValues } : {}),
  };
}

/** What a file says, or why it cannot be taken: each reason names its line. */
export type ReadMappings = { rows: MappingRow[] } | { problems: string[] };

/** @param table the cells of a file, the names of the columns first */
export function rowsOfTable(table: readonly (readonly string[])[]): ReadMappings {
  const [names = [], ...lines] = table;
  const places = new Map(names.map((name, index) => [name.trim(), index]));
  const lacking = NEEDED.filter((column) => !places.has(column));
  if (lacking.length > 0)
    return { problems: [`The first line has to name the columns; it lacks ${lacking.join(', ')}.`] };
  if (lines.length === 0) return { problems: ['The file has no mapping.'] };
  const rows: MappingRow[] = [];
  const problems: string[] = [];
  for (const [index, line] of lines.entries()) {
    const read = mappingOfCells((column) => restored(line[places.get(column) ?? -1] ?? ''));
    if ('problem' in read) problems.push(`Line ${index + 2}: ${read.problem}`);
    else rows.push(rowOf(read.mapping, newKey()));
  }
  return problems.length > 0 ? { problems } : { rows };
}

function mappingOfCells(cell: (column: Column) => string): { mapping: Mapping } | { problem: string } {
  const kind = cell('kind').trim();
  if (!KINDS.includes(kind)) return { problem: `kind has to be ${KINDS.join(', ')}; it is “${kind}”.` };
  const members = {
    from: { [kind]: kind === 'constant' ? scalarOfCell(cell('from')) : cell('from') },
    to: cell('to').trim(),
    default: cell('default') === '' ? undefined : scalarOfCell(cell('default')),
    values: jsonOfCell(cell('values')),
    otherwise: cell('otherwise').trim() || undefined,
    lookup: jsonOfCell(cell('lookup')),
    blankValues: cell('blankValues').trim() || undefined,
  };
  const result = mappingSchema.safeParse(members);
  if (result.success) return { mapping: result.data };
  const member = result.error.issues[0]?.path[0] ?? 'from';
  return { problem: `${String(member)} cannot be “${cell(member as Column)}”.` };
}

/** A text stands as it is, unless it would be read as a number, as true, false or null, or as nothing. */
function cellOfScalar(value: Scalar): string {
  return typeof value === 'string' && value !== '' && scalarOfCell(value) === value ? value : JSON.stringify(value);
}

function scalarOfCell(cell: string): Scalar {
  const value = jsonOfCell(cell);
  return value === null || ['string', 'number', 'boolean'].includes(typeof value) ? (value as Scalar) : cell;
}

/** Undefined for an empty cell; what is no JSON is given as it is. */
function jsonOfCell(cell: string): unknown {
  if (cell === '') return undefined;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
