import { ApiError } from '../api-error';

/** How much of the query is shown around the place of an error. */
const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 40;

/**
 * An error with the place in the query that it is about: a snippet, a caret, row and column (from 1).
 * @param at offset in the query, from 0
 */
export function errorAt(soql: string, at: number, errorCode: string, text: string): ApiError {
  const lineStart = soql.lastIndexOf('\n', at - 1) + 1;
  const nextBreak = soql.indexOf('\n', at);
  const lineEnd = nextBreak === -1 ? soql.length : nextBreak;
  const row = soql.slice(0, lineStart).split('\n').length;
  const from = Math.max(lineStart, at - SHOWN_BEFORE);
  const snippet = soql.slice(from, Math.min(lineEnd, at + SHOWN_AFTER));
  const caret = `${' '.repeat(at - from)}^`;
  return new ApiError(
    400,
    errorCode,
    `\n${snippet}\n${caret}\nERROR at Row:${row}:Column:${at - lineStart + 1}\n${text}`,
  );
}

export function malformed(text: string): ApiError {
  return new ApiError(400, 'MALFORMED_QUERY', text);
}

/** The vendor gives up on queries of very many conditions or fields; how many is not documented. */
export function tooComplicated(): ApiError {
  return new ApiError(
    400,
    'QUERY_TOO_COMPLICATED',
    'Query is either selecting too many fields or the filter conditions are too complicated.',
  );
}

export function noSuchColumn(soql: string, at: number, column: string, entity: string): ApiError {
  return errorAt(
    soql,
    at,
    'INVALID_FIELD',
    `No such column '${column}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

export function noSuchRelationship(soql: string, at: number, relationship: string): ApiError {
  return errorAt(
    soql,
    at,
    'INVALID_FIELD',
    `Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

export function noSuchObject(soql: string, at: number, name: string): ApiError {
  return errorAt(
    soql,
    at,
    'INVALID_TYPE',
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}
