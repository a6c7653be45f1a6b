import { hasNul, isBlank, someHaveNul, trimBlanks, trimPlainBlanks, withoutNul } from './blank';
import { type BlankPolicy, type DefinitionProblem, InvalidDefinition, type Mapping } from './definition';
import { type CompiledExpression, compileExpression, ExpressionError } from './mapping-expression';
import { keyProblem } from './match-key';
import type { FieldDescription, ObjectDescription, Value, Values } from './object-description';
import {
  type Converted,
  converterOf,
  converterWithoutNul,
  isPlain,
  multiValues,
  nulDropped,
  valueText,
} from './values';

/** A mapped value that the destination would not take: the code groups it, the message names the field and what would be right. */
export interface MappingRefusal {
  field: string;
  code: string;
  message: string;
}

/** What a source record becomes. */
export type MappedRecord =
  /** `warnings`: what the destination takes, but what is probably not meant. */
  | { values: Values; warnings: MappingRefusal[] }
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

/** Answers for a key that `lookupKeys` gave. */
export type Resolve = (mappingIndex: number, key: string) => LookupAnswer;

export interface CompiledMappings {
  /** The fields that have to be read, each once. */
  sourceFields: string[];
  /** The fields that are written, each once. */
  destinationFields: string[];
  lookups: CompiledLookup[];
  /**
   * The keys that have to be looked up before a record can be mapped; never a blank.
   * @param values in the order of `sourceFields`
   */
  lookupKeys(values: readonly Value[]): { mappingIndex: number; key: string }[];
  /** @param values in the order of `sourceFields` */
  map(values: readonly Value[], resolve: Resolve): MappedRecord;
}

/** A value on its way, or why it ends here; the former goes without an object around it, since there are millions. */
type Result = Value | { refused: Omit<MappingRefusal, 'field'> };

interface CompiledMapping {
  index: number;
  field: FieldDescription;
  /** The source fields that it reads. */
  from: readonly string[];
  lookup: Mapping['lookup'];
  /** A blank clears the destination's value; otherwise it is left out, and the value kept. */
  clears: boolean;
  /** The value before look-up and conversion: read or computed, sent through the value table, the default where it is blank. */
  read(values: readonly Value[]): Result;
  convert(value: Value): Converted;
}

/** What of a definition decides how records are mapped. */
export interface MappingDefinition {
  mappings: readonly Mapping[];
  blankValues: BlankPolicy;
  match?: { source: string; destination: string } | undefined;
}

/**
 * Compiles the mappings of a definition. A record whose match key no destination record can hold (a malformed Id) is refused too.
 * @param options.timeZone the sync's zone, in which days begin
 * @throws InvalidDefinition for what `checkDefinition` tells as well: an unknown field, a mistake in an expression
 */
export function compileMappings(
  definition: MappingDefinition,
  source: ObjectDescription,
  destination: ObjectDescription,
  options: { timeZone: string },
): CompiledMappings {
  const sourceNames = new Set(source.fields.map(({ name }) => name));
  const problems: DefinitionProblem[] = [];
  const expressions = definition.mappings.map((mapping, index) =>
    compiledExpression(mapping, index, sourceNames, problems),
  );
  const { match } = definition;
  const sourceFields = [
    ...new Set([
      ...definition.mappings.flatMap((mapping, index) => fieldsOf(mapping, expressions[index])),
      ...(match ? [match.source] : []),
    ]),
  ];
  const compiled = definition.mappings.flatMap((mapping, index): CompiledMapping[] => {
    const field = fieldNamed(destination, mapping.to, `mappings[${index}].to`, problems);
    if ('field' in mapping.from) fieldNamed(source, mapping.from.field, `mappings[${index}].from.field`, problems);
    if (!field) return [];
    return [
      {
        index,
        field,
        from: fieldsOf(mapping, expressions[index]),
        lookup: mapping.lookup,
        // a boolean is never cleared, since neither system has a blank one
        clears: (mapping.blankValues ?? definition.blankValues) === 'clear' && field.type !== 'boolean',
        read: reader(mapping, field, valueReader(mapping, expressions[index], source, sourceFields)),
        convert: converter(mapping, field, options),
      },
    ];
  });
  const matchField = match && fieldNamed(destination, match.destination, 'match.destination', problems);
  const refusedKey = match && matchField ? keyRefusal(match.source, sourceFields, matchField) : () => null;
  if (problems.length > 0) throw new InvalidDefinition(problems);
  const withLookup = compiled.filter(({ lookup }) => lookup !== undefined);
  return {
    sourceFields,
    destinationFields: [...new Set(compiled.map(({ field }) => field.name))],
    lookups: withLookup.flatMap(({ index, lookup }) => (lookup ? [{ mappingIndex: index, ...lookup }] : [])),
    lookupKeys: (values) => {
      const clean = values.map(withoutNul);
      return withLookup.flatMap((mapping) => keyToLookUp(mapping, clean));
    },
    map: (values, resolve) => {
      const hadNul = someHaveNul(values)
        ? new Set(sourceFields.filter((_name, position) => hasNul(values[position])))
        : NO_FIELDS;
      const clean = hadNul.size === 0 ? values : values.map(withoutNul);
      return mapRecord(compiled, { values: clean, hadNul }, resolve, refusedKey(values));
    },
  };
}

/** Tells what is wrong with a record's match key. */
function keyRefusal(field: string, sourceFields: readonly string[], matchField: FieldDescription) {
  const position = sourceFields.indexOf(field);
  return (values: readonly Value[]): MappingRefusal | null => {
    const problem = keyProblem(values[position] ?? null, matchField);
    return problem && { field, ...problem };
  };
}

const NO_FIELDS: ReadonlySet<string> = new Set();

function fieldNamed(object: ObjectDescription, name: string, path: string, problems: DefinitionProblem[]) {
  const field = object.fields.find((candidate) => candidate.name === name);
  if (!field) problems.push({ path, message: `${object.name} has no field ${name}.` });
  return field;
}

function compiledExpression(
  { from }: Mapping,
  index: number,
  fieldNames: ReadonlySet<string>,
  problems: DefinitionProblem[],
): CompiledExpression | undefined {
  if (!('expression' in from)) return undefined;
  try {
    return compileExpression(from.expression, fieldNames);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push({ path: `mappings[${index}].from.expression`, message: error.message });
    return undefined;
  }
}

const fieldsOf = ({ from }: Mapping, expression: CompiledExpression | undefined): string[] =>
  'field' in from ? [from.field] : (expression?.fields ?? []);

interface ValueReader {
  /** @throws ExpressionError */
  read(values: readonly Value[]): Value;
  /** The value is a list of a multi-picklist, whose parts a value table translates one by one. */
  isList: boolean;
}

function valueReader(
  { from }: Mapping,
  expression: CompiledExpression | undefined,
  source: ObjectDescription,
  sourceFields: readonly string[],
): ValueReader {
  if ('constant' in from) return { read: () => from.constant, isList: false };
  if ('field' in from) {
    const position = sourceFields.indexOf(from.field);
    const field = source.fields.find(({ name }) => name === from.field);
    return { read: (values) => values[position] ?? null, isList: field?.type === 'multipicklist' };
  }
  const positions = (expression?.fields ?? []).map((name) => [name, sourceFields.indexOf(name)] as const);
  // one for all records: an evaluation keeps nothing of it
  const scope: Values = Object.fromEntries(positions.map(([name]) => [name, null]));
  return {
    read: (values) => {
      for (const [name, position] of positions) scope[name] = values[position] ?? null;
      return expression?.evaluate(scope) ?? null;
    },
    isList: false,
  };
}

/** U+0000 has been dropped from what is read; from what a definition itself says it has not. */
const converter = ({ from, values, default: whenBlank, lookup }: Mapping, ...of: Parameters<typeof converterOf>) =>
  'field' in from && !values && whenBlank === undefined && !lookup ? converterWithoutNul(...of) : converterOf(...of);

/** Reads a mapping's value: the default where it is blank, else what the value table makes of it. */
function reader(mapping: Mapping, { name }: FieldDescription, { read, isList }: ValueReader): CompiledMapping['read'] {
  // a Map, so that `constructor` and the like are no entries
  const table = mapping.values && new Map(Object.entries(mapping.values));
  // a blank becomes null when it is converted, at the latest
  const isUnchanged = !table && mapping.default === undefined;
  if (isUnchanged && !('expression' in mapping.from)) return read;
  const whenMissing = mapping.otherwise ?? 'pass';
  const notInTable: Result = {
    refused: {
      code: 'notInTable',
      message: `The value table for ${name} lacks this value. Add it, or let other values pass.`,
    },
  };
  const translated = (value: string | number | boolean): Value | undefined => {
    const entry = table?.get(trimBlanks(valueText(value)));
    if (entry !== undefined) return entry;
    return whenMissing === 'fail' ? undefined : whenMissing === 'pass' ? value : null;
  };
  return (values) => {
    let value: Value;
    try {
      value = read(values);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const message = `The expression for ${name} cannot be computed: ${error.message}`;
      return { refused: { code: 'expression', message } };
    }
    if (isUnchanged) return value;
    if (value === null || isBlank(value)) return mapping.default ?? null;
    if (!table) return value;
    const parts = isList && typeof value === 'string' && !table.has(value) ? multiValues(value) : [value];
    const results = parts.map(translated);
    if (results.includes(undefined)) return notInTable;
    const [only] = results;
    if (results.length === 1) return only ?? null;
    const filled = results.filter((part) => part !== null && part !== undefined);
    return filled.map(valueText).join(';');
  };
}

/** A destination may hold it with blanks that it does not take off. */
const keyText = (value: Value): string => (value === null || isBlank(value) ? '' : trimPlainBlanks(valueText(value)));

function keyToLookUp(mapping: CompiledMapping, values: readonly Value[]): { mappingIndex: number; key: string }[] {
  const result = mapping.read(values);
  const key = isPlain(result) ? keyText(result) : '';
  return key === '' ? [] : [{ mappingIndex: mapping.index, key }];
}

type Reference = Result | Extract<MappedRecord, { skip: string }>;

function dereferenced({ index, field, lookup }: CompiledMapping, value: Value, resolve: Resolve): Reference {
  const key = keyText(value);
  if (!lookup || key === '') return value;
  const answer = resolve(index, key);
  if ('id' in answer) return answer.id;
  const { object, by, missing } = lookup;
  if ('several' in answer) {
    const message = `${object} has ${answer.several} records with this ${by}, and ${field.name} takes one. Merge them, or look up by another field.`;
    return { refused: { code: 'ambiguousReference', message } };
  }
  if (missing === 'blank') return null;
  const message = `${object} has no record with this ${by}, which ${field.name} refers to.`;
  return missing === 'skip'
    ? { skip: 'missingReference', field: field.name, message }
    : { refused: { code: 'missingReference', message } };
}

/** What becomes of one value: read, looked up where it is a reference's key, converted to what the field takes. */
function mapValue(mapping: CompiledMapping, values: readonly Value[], resolve: Resolve): Reference | Converted {
  const read = mapping.read(values);
  if (!isPlain(read)) return read;
  const found = mapping.lookup ? dereferenced(mapping, read, resolve) : read;
  return isPlain(found) ? mapping.convert(found) : found;
}

function mapRecord(
  compiled: readonly CompiledMapping[],
  { values, hadNul }: { values: readonly Value[]; hadNul: ReadonlySet<string> },
  resolve: Resolve,
  refusedKey: MappingRefusal | null,
): MappedRecord {
  const mapped: Values = {};
  const refused: MappingRefusal[] = refusedKey ? [refusedKey] : [];
  const warnings: MappingRefusal[] = [];
  for (const mapping of compiled) {
    const field = mapping.field.name;
    const result = mapValue(mapping, values, resolve);
    if (isPlain(result)) {
      put(mapped, mapping, result);
    } else if ('skip' in result) {
      return result;
    } else if ('refused' in result) {
      refused.push({ field, ...result.refused });
      continue;
    } else {
      put(mapped, mapping, result.value);
      warnings.push({ field, ...result.warning });
    }
    if (hadNul.size > 0 && mapping.from.some((name) => hadNul.has(name)))
      warnings.push({ field, ...nulDropped(mapping.field) });
  }
  return refused.length > 0 ? { refused } : { values: mapped, warnings };
}

function put(mapped: Values, { field, clears }: CompiledMapping, value: Value): void {
  if (value !== null || clears) mapped[field.name] = value;
}
