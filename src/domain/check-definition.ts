import { isBlank } from './blank';
import { type Definition, type DefinitionProblem, type Filter, InvalidDefinition, type Mapping } from './definition';
import { filterProblems } from './filter';
import { compileMappings } from './mapping';
import { matchOf } from './match';
import type { FieldDescription, ObjectDescription, Value } from './object-description';
import { scheduleProblems } from './schedule';
import { convertValue } from './values';

interface Context {
  /** ISO 8601 UTC. */
  now: string;
  defaultTimeZone: string;
}

/**
 * Everything that is wrong with a definition, each with its path: what activation demands besides the right shape.
 * @param source as the source system describes the object; `destination` likewise
 */
export function checkDefinition(
  definition: Definition,
  source: ObjectDescription,
  destination: ObjectDescription,
  context: Context,
): DefinitionProblem[] {
  return [
    ...fitProblems(definition, source, destination, context),
    ...requiredProblems(definition, source, destination),
    ...checkWithoutObjects(definition, context),
  ];
}

/** What each run asks once more, since objects change: whether the fields that the definition names are there, and can be used as it says. */
export const fitProblems = (
  definition: Definition,
  source: ObjectDescription,
  destination: ObjectDescription,
  context: Pick<Context, 'defaultTimeZone'>,
): DefinitionProblem[] => [
  ...matchProblems(definition, source, destination),
  ...(definition.filter ? filterProblems(definition.filter, source) : []),
  ...readingProblems(definition, source),
  ...definition.mappings.flatMap((mapping, index) =>
    mappingProblems(mapping, `mappings[${index}]`, definition, source, destination, context),
  ),
];

/** The part of `checkDefinition` that holds whatever the objects look like. */
export function checkWithoutObjects(definition: Definition, context: Context): DefinitionProblem[] {
  return [
    ...twiceProblems(definition.mappings),
    ...scheduleProblems(definition.schedule, context.now, context.defaultTimeZone),
  ];
}

const fieldOf = (object: ObjectDescription, name: string) => object.fields.find((field) => field.name === name);

function matchProblems(
  definition: Definition,
  source: ObjectDescription,
  destination: ObjectDescription,
): DefinitionProblem[] {
  const match = matchOf(definition, source, destination);
  if (!match.source || !match.destination) {
    return [{ path: 'match', message: 'Say by which fields a record is recognised in the destination.' }];
  }
  const problems: DefinitionProblem[] = [];
  if (!fieldOf(source, match.source)) {
    problems.push({ path: 'match.source', message: `${source.name} has no field ${match.source}.` });
  }
  const field = fieldOf(destination, match.destination);
  if (!field)
    problems.push({ path: 'match.destination', message: `${destination.name} has no field ${match.destination}.` });
  else if (!field.matchable) {
    problems.push({
      path: 'match.destination',
      message: `Records of ${destination.name} cannot be looked up by ${field.name}.`,
    });
  }
  return problems;
}

function readingProblems(definition: Definition, source: ObjectDescription): DefinitionProblem[] {
  if (source.readableAsWhole || selectsByKey(definition.filter, source)) return [];
  const keys = source.keyFields.join(', ');
  return [{ path: 'filter', message: `${source.name} can be read by its keys alone. Add a filter "in" on ${keys}.` }];
}

const selectsByKey = (filter: Filter | undefined, source: ObjectDescription): boolean => {
  if (filter === undefined) return false;
  if ('all' in filter) return filter.all.some((part) => selectsByKey(part, source));
  return 'operator' in filter && ['in', 'equals'].includes(filter.operator) && source.keyFields.includes(filter.column);
};

function mappingProblems(
  mapping: Mapping,
  path: string,
  definition: Definition,
  source: ObjectDescription,
  destination: ObjectDescription,
  { defaultTimeZone }: Pick<Context, 'defaultTimeZone'>,
): DefinitionProblem[] {
  const field = fieldOf(destination, mapping.to);
  if (!field) return [{ path: `${path}.to`, message: `${destination.name} has no field ${mapping.to}.` }];
  const problems: DefinitionProblem[] = [];
  if (!field.createable && !field.updateable) {
    problems.push({ path: `${path}.to`, message: `${field.name} cannot be written.` });
  } else if (definition.importRule === 'create' && !field.createable) {
    problems.push({ path: `${path}.to`, message: `${field.name} cannot be set when a record is created.` });
  } else if (definition.importRule === 'update' && !field.updateable) {
    problems.push({ path: `${path}.to`, message: `${field.name} can be set only when a record is created.` });
  }
  const { from } = mapping;
  if ('field' in from && !fieldOf(source, from.field)) {
    problems.push({ path: `${path}.from.field`, message: `${source.name} has no field ${from.field}.` });
  }
  if ('expression' in from) problems.push(...expressionProblems(mapping, path, source, destination));
  if ('constant' in from && !mapping.lookup) {
    const converted = convertValue(from.constant, field, { timeZone: definition.schedule.timeZone ?? defaultTimeZone });
    if ('refused' in converted) problems.push({ path: `${path}.from.constant`, message: converted.refused.message });
    else if (leavesBlank(mapping, from.constant) && field.required && definition.importRule !== 'update') {
      const message = `${field.name} is required to create a ${destination.label}; enter a value.`;
      problems.push({ path: `${path}.from.constant`, message });
    }
  }
  return problems;
}

const leavesBlank = ({ default: other = null, values }: Mapping, constant: Value): boolean =>
  isBlank(constant) && isBlank(other) && values === undefined;

/**
 * What is wrong with where mappings look up references.
 * @param objects of the destination by their names; null for one that it lacks
 */
export function lookupProblems(
  mappings: readonly Pick<Mapping, 'lookup'>[],
  objects: ReadonlyMap<string, ObjectDescription | null>,
): DefinitionProblem[] {
  return mappings.flatMap(({ lookup }, index) => {
    if (!lookup) return [];
    const path = `mappings[${index}].lookup`;
    const object = objects.get(lookup.object);
    if (!object) return [{ path: `${path}.object`, message: `The destination has no object ${lookup.object}.` }];
    const field = fieldOf(object, lookup.by);
    if (!field) return [{ path: `${path}.by`, message: `${object.name} has no field ${lookup.by}.` }];
    if (field.matchable) return [];
    return [{ path: `${path}.by`, message: `Records of ${object.name} cannot be looked up by ${field.name}.` }];
  });
}

/** Compiling is what tells whether an expression can be compiled. */
function expressionProblems(
  mapping: Mapping,
  path: string,
  source: ObjectDescription,
  destination: ObjectDescription,
): DefinitionProblem[] {
  try {
    compileMappings({ mappings: [mapping], blankValues: 'keep' }, source, destination, { timeZone: 'UTC' });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    // there it is the only mapping
    return error.problems
      .filter((problem) => problem.path === 'mappings[0].from.expression')
      .map(({ message }) => ({ path: `${path}.from.expression`, message }));
  }
}

function twiceProblems(mappings: readonly Mapping[]): DefinitionProblem[] {
  return mappings.flatMap(({ to }, index) => {
    const first = mappings.findIndex((other) => other.to === to);
    return first < index
      ? [{ path: `mappings[${index}].to`, message: `${to} is mapped already, by mapping ${first + 1}.` }]
      : [];
  });
}

/**
 * Fields of the destination that have no default there, without which a definition that creates records would fail to, and to which it maps
 * nothing.
 */
export function unmappedRequired(
  { importRule, mappings, match }: Pick<Definition, 'importRule' | 'match'> & { mappings: readonly { to: string }[] },
  source: ObjectDescription,
  destination: ObjectDescription,
): FieldDescription[] {
  if (importRule === 'update') return [];
  // the match key is written without a mapping
  const mapped = new Set([...mappings.map(({ to }) => to), matchOf({ match }, source, destination).destination]);
  return destination.fields.filter((field) => field.required && field.createable && !mapped.has(field.name));
}

const requiredProblems = (
  definition: Definition,
  source: ObjectDescription,
  destination: ObjectDescription,
): DefinitionProblem[] =>
  unmappedRequired(definition, source, destination).map((field) => ({
    path: 'mappings',
    message: `${field.name} is required to create a ${destination.label}; map something to it.`,
  }));
