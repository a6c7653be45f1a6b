import type { FieldDescription } from '../../../../domain/object-description';

/** A field as a list to choose from shows it once it is chosen: "Email Address (email)". */
export const fieldName = ({ name, label }: Pick<FieldDescription, 'name' | 'label'>): string =>
  name === label ? name : `${label} (${name})`;

/**
 * Fields to choose from.
 * @param chosen stays in the list also where the object has no such field any more
 */
export function fieldOptions(
  fields: readonly FieldDescription[],
  chosen: string | null,
): { value: string; label: string }[] {
  const options = fields.map((field) => ({ value: field.name, label: fieldName(field) }));
  const isKnown = chosen === null || chosen === '' || options.some(({ value }) => value === chosen);
  return isKnown ? options : [...options, { value: chosen, label: `${chosen} (not there)` }];
}

/** What matters of a field besides its type, in a word or two each. @param isWritten it is chosen to be written to: then it counts when it can be */
export function fieldTags(field: FieldDescription, isWritten: boolean): string[] {
  const { required, unique, externalId, createable, updateable } = field;
  return [
    ...(required ? ['required'] : []),
    ...(unique ? ['unique'] : []),
    ...(externalId ? ['external Id'] : []),
    ...(isWritten && createable !== updateable ? [createable ? 'at creation only' : 'not at creation'] : []),
  ];
}

/** Type and size of a field in a few words: `text, 40`. */
export const typeInWords = ({ type, length }: Pick<FieldDescription, 'type' | 'length'>): string =>
  length === null ? type : `${type}, ${length}`;
