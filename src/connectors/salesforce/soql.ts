import type { ReadRequest, SplitFilter } from '../connector';
import { ConnectorError } from '../connector-error';
import { compileFilter, unknownField } from './soql-filter';
import { secondLiteral, textLiteral } from './soql-literal';

const API_NAME = /^[A-Za-z]\w{0,254}$/;
/** Dates that decide between duplicates; read with every record where the object has them. */
export const CREATED_AT = 'CreatedDate';
export const UPDATED_AT = 'LastModifiedDate';

/** Names of the columns that a read asks for, each once, in this order. */
export function columnsOf({ object, fields }: Pick<ReadRequest, 'object' | 'fields'>): string[] {
  const known = new Set(object.fields.map(({ name }) => name));
  for (const name of fields) if (!known.has(name)) throw unknownField(name);
  const dates = [CREATED_AT, UPDATED_AT].filter((name) => known.has(name));
  return [...new Set([object.idField, ...dates, ...fields])].map(checkedName);
}

/** Names come from a description of Salesforce; checked all the same, since they are not quoted in a query. */
export function checkedName(name: string): string {
  if (API_NAME.test(name)) return name;
  throw new ConnectorError('A name is not one that Salesforce gives to objects and fields.', 'INVALID_NAME', {
    retry: 'never',
  });
}

/** @param conditions joined by AND; each is complete in itself */
export function select(
  columns: readonly string[],
  objectName: string,
  conditions: readonly string[],
  end = '',
): string {
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  return `SELECT ${columns.join(', ')} FROM ${checkedName(objectName)}${where}${end}`;
}

/** The conditions that a read asks Salesforce to evaluate. */
export function conditionsOf(request: ReadRequest): string[] {
  const { object, filter, changedSince, asOf, timeZone } = request;
  const { clauses } = compileFilter(filter, { object, asOf, timeZone });
  if (changedSince === null) return clauses;
  if (object.updatedAtField === null) {
    throw new ConnectorError(
      'The object keeps no time of change, so it can only be read as a whole.',
      'NO_CHANGE_STAMP',
      {
        retry: 'never',
      },
    );
  }
  // no upper end: a record that changes while it is read is taken as it is, and again by the next run
  return [...clauses, `${checkedName(object.updatedAtField)} >= ${secondLiteral(changedSince)}`];
}

/** Records behind one in the order of Ids, by which a read begins again after its position was lost. */
export const afterId = (id: string): string => `Id > ${textLiteral(id)}`;

/** What of the filter Salesforce evaluates; calls and megabytes cannot be told without asking how many records there are. */
export function splitFilter(request: ReadRequest): SplitFilter {
  const { object, filter, asOf, timeZone } = request;
  const { pushed, local } = compileFilter(filter, { object, asOf, timeZone });
  const query = select(columnsOf(request), object.name, conditionsOf(request));
  return { pushed, local, query, apiCalls: null, megabytes: null };
}
