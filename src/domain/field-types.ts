import type { Definition, DefinitionProblem } from './definition';
import { filterColumns } from './filter';
import { compileExpression, ExpressionError } from './mapping-expression';
import { matchOf } from './match';
import type { FieldType, ObjectDescription } from './object-description';

/** A field that a definition uses: where it is named, and of what type it is. */
export interface UsedField {
  /** `mappings[2].to` */
  path: string;
  object: string;
  field: string;
  type: FieldType;
}

/** The fields that a definition uses, with their types; one that an object lacks is left out. */
export function usedFields(
  definition: Pick<Definition, 'match' | 'mappings' | 'filter'>,
  source: ObjectDescription,
  destination: ObjectDescription,
): UsedField[] {
  const match = matchOf(definition, source, destination);
  const used = (object: ObjectDescription, path: string, name: string | null): UsedField[] =>
    object.fields.flatMap((field) =>
      field.name === name ? [{ path, object: object.name, field: field.name, type: field.type }] : [],
    );
  return [
    ...used(source, 'match.source', match.source),
    ...used(destination, 'match.destination', match.destination),
    ...(definition.filter ? filterColumns(definition.filter) : []).flatMap((name) => used(source, 'filter', name)),
    ...definition.mappings.flatMap(({ from, to }, index) => {
      const path = `mappings[${index}]`;
      const read = 'field' in from ? used(source, `${path}.from.field`, from.field) : [];
      const computed = 'expression' in from ? fieldsIn(from.expression, source) : [];
      return [
        ...read,
        ...computed.flatMap((name) => used(source, `${path}.from.expression`, name)),
        ...used(destination, `${path}.to`, to),
      ];
    }),
  ];
}

/** An expression with a mistake uses nothing; its mistake is told elsewhere. */
function fieldsIn(expression: string, { fields }: ObjectDescription): string[] {
  try {
    return compileExpression(expression, new Set(fields.map(({ name }) => name))).fields;
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

/**
 * What a person has to look at before anything is written: a field of another type than when the definition was checked. Its values may
 * mean something else, or be refused one by one.
 */
export function typeProblems(before: readonly UsedField[], now: readonly UsedField[]): DefinitionProblem[] {
  const keyOf = ({ path, object, field }: UsedField) => JSON.stringify([path, object, field]);
  const types = new Map(before.map((used) => [keyOf(used), used.type]));
  return now.flatMap((used) => {
    const type = types.get(keyOf(used));
    if (type === undefined || type === used.type) return [];
    const { path, object, field } = used;
    return [
      {
        path,
        message: `${field} of ${object} was of type ${type}, and is of type ${used.type} now; resume if that is right.`,
      },
    ];
  });
}
