import type { BlankPolicy, Mapping } from './definition';
import { type CompiledExpression, compileExpression, ExpressionError } from './expression';
import type { FieldDescription, ObjectDescription, Value, Values } from './object-description';
import { convertValue } from './values';

/** A mapped value that the destination would not take. */
export interface MappingRefusal {
  field: string;
  code: string;
  message: string;
}

/** What a source record becomes. */
export type MappedRecord =
  | { values: Values }
  /** The record is left out as a whole, as a look-up demands. */
  | { skip: 'missingReference'; field: string; message: string }
  | { refused: MappingRefusal[] };

/** What a look-up of a reference found. */
export type LookupAnswer = { id: string } | { missing: true } | { several: number };

/** A mapping whose value is the Id of a record that is found by a key. */
export interface CompiledLookup {
  mappingIndex: number;
  object: string;
  by: string;
  missing: 'fail' | 'blank' | 'skip';
}

export interface CompiledMappings {
  /** The fields that have to be read, each once. */
  sourceFields: string[];
  /** The fields that are written, each once. */
  destinationFields: string[];
  lookups: CompiledLookup[];
  /** The keys that have to be looked up before a record can be mapped. */
  lookupKeys(values: readonly Value[]): { mappingIndex: number; key: string }[];
  /**
   * @param values in the order of `sourceFields`
   * @param resolve answers for each key that `lookupKeys` gave
   */
  map(values: readonly Value[], resolve: (mappingIndex: number, key: string) => LookupAnswer): MappedRecord;
}

interface CompiledMapping {
  index: number;
  mapping: Mapping;
  field: FieldDescription;
  blankValues: BlankPolicy;
  /** The value before default, table and conversion. @throws ExpressionError */
  read(values: readonly Value[]): Value;
}

/**
 * Compiles the mappings of a definition.
 * @param options.timeZone the sync's zone, in which days begin
 * @throws Error for what `checkDefinition` would have refused: an unknown field, an expression with a fault
 */
export function compileMappings(
  definition: { mappings: readonly Mapping[]; blankValues: BlankPolicy },
  source: ObjectDescription,
  destination: ObjectDescription,
  options: { timeZone: string },
): CompiledMappings {
  const expressions = definition.mappings.map((mapping) =>
    'expression' in mapping.from ? compileExpression(mapping.from.expression, fieldNames(source)) : null,
  );
  const sourceFields = [
    ...new Set(definition.mappings.flatMap((mapping, index) => fieldsOf(mapping, expressions[index] ?? null))),
  ];
  const compiled = definition.mappings.map((mapping, index): CompiledMapping => {
    const field = destination.fields.find((candidate) => candidate.name === mapping.to);
    if (!field) throw new Error(`${destination.name} has no field ${mapping.to}.`);
    const read = reader(mapping, expressions[index] ?? null, sourceFields);
    return { index, mapping, field, blankValues: mapping.blankValues ?? definition.blankValues, read };
  });
  const withLookup = compiled.filter(({ mapping }) => mapping.lookup);
  return {
    sourceFields,
    destinationFields: [...new Set(definition.mappings.map((mapping) => mapping.to))],
    lookups: withLookup.flatMap(({ index, mapping }) =>
      mapping.lookup ? [{ mappingIndex: index, ...mapping.lookup }] : [],
    ),
    lookupKeys: (values) => withLookup.flatMap((each) => keyToLookUp(each, values)),
    map: (values, resolve) => mapRecord(compiled, values, resolve, options),
  };
}

const fieldNames = (object: ObjectDescription): ReadonlySet<string> =>
  new Set(object.fields.map((field) => field.name));

function fieldsOf(mapping: Mapping, expression: CompiledExpression | null): string[] {
  if ('field' in mapping.from) return [mapping.from.field];
  return expression?.fields ?? [];
}

function reader(mapping: Mapping, expression: CompiledExpression | null, sourceFields: readonly string[]) {
  const { from } = mapping;
  if ('constant' in from) return () => from.constant;
  if ('field' in from) {
    const position = sourceFields.indexOf(from.field);
    return (values: readonly Value[]) => values[position] ?? null;
  }
  const positions = (expression?.fields ?? []).map((name) => [name, sourceFields.indexOf(name)] as const);
  return (values: readonly Value[]) =>
    expression?.evaluate(Object.fromEntries(positions.map(([name, position]) => [name, values[position] ?? null]))) ??
    null;
}

const isBlank = (value: Value): boolean => value === null || (typeof value === 'string' && value.trim() === '');

type Prepared = { value: Value } | { refused: MappingRefusal };

/** Reads a mapping's value, puts the default where it is blank, and sends it through the value table. */
function prepare({ mapping, read }: CompiledMapping, values: readonly Value[]): Prepared {
  let value: Value;
  try {
    value = read(values);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return {
      refused: {
        field: mapping.to,
        code: 'expression',
        message: `The expression for ${mapping.to} fails: ${error.message}`,
      },
    };
  }
  if (isBlank(value)) return { value: mapping.default ?? null };
  if (!mapping.values) return { value };
  const entry = Object.entries(mapping.values).find(([from]) => from === String(value));
  if (entry) return { value: entry[1] };
  switch (mapping.otherwise ?? 'pass') {
    case 'pass':
      return { value };
    case 'blank':
      return { value: null };
    case 'fail':
      return {
        refused: {
          field: mapping.to,
          code: 'notInTable',
          message: `The value table for ${mapping.to} lacks the value.`,
        },
      };
  }
}

function keyToLookUp(compiled: CompiledMapping, values: readonly Value[]): { mappingIndex: number; key: string }[] {
  const prepared = prepare(compiled, values);
  return 'refused' in prepared || isBlank(prepared.value)
    ? []
    : [{ mappingIndex: compiled.index, key: String(prepared.value).trim() }];
}

function mapRecord(
  compiled: readonly CompiledMapping[],
  values: readonly Value[],
  resolve: (mappingIndex: number, key: string) => LookupAnswer,
  options: { timeZone: string },
): MappedRecord {
  const mapped: Values = {};
  const refused: MappingRefusal[] = [];
  for (const each of compiled) {
    const { field, mapping } = each;
    const prepared = prepare(each, values);
    if ('refused' in prepared) {
      refused.push(prepared.refused);
      continue;
    }
    let value = prepared.value;
    if (mapping.lookup && !isBlank(value)) {
      const answer = resolve(each.index, String(value).trim());
      if ('id' in answer) value = answer.id;
      else if ('several' in answer) {
        const message = `${mapping.lookup.object} has ${answer.several} records with this ${mapping.lookup.by}.`;
        refused.push({ field: field.name, code: 'ambiguousReference', message });
        continue;
      } else if (mapping.lookup.missing === 'blank') value = null;
      else {
        const message = `${mapping.lookup.object} has no record with this ${mapping.lookup.by}.`;
        if (mapping.lookup.missing === 'skip') return { skip: 'missingReference', field: field.name, message };
        refused.push({ field: field.name, code: 'missingReference', message });
        continue;
      }
    }
    const converted = convertValue(value, field, options);
    if ('refused' in converted) refused.push({ field: field.name, ...converted.refused });
    else put(mapped, each, converted.value);
  }
  return refused.length > 0 ? { refused } : { values: mapped };
}

/** A blank is left out where the destination's value is to be kept; no boolean is ever cleared, since it has no blank. */
function put(mapped: Values, { field, blankValues }: CompiledMapping, value: Value): void {
  if (value !== null) mapped[field.name] = value;
  else if (blankValues === 'clear' && field.type !== 'boolean') mapped[field.name] = null;
}
