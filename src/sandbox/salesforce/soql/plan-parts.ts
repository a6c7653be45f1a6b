import type { ObjectSchema, OrgSchema } from '../org-schema';
import type { IdCodec } from '../record-id';
import { ConditionCompiler } from './conditions';
import type { ResultRow } from './output';
import { Scope } from './scope';
import { malformed } from './soql-error';
import type { Query } from './syntax';

export interface PlanContext {
  schema: OrgSchema;
  ids: IdCodec;
  nowMs: number;
  timeZone: string;
  /** queryAll. */
  includeDeleted: boolean;
  /** Bulk queries know no aggregates, no lists of children, no compound fields. */
  isBulk: boolean;
}

export interface Sql {
  sql: string;
  parameters: readonly unknown[];
}

export interface AggregatePlan {
  kind: 'aggregate';
  object: ObjectSchema;
  select: Sql;
  writeJson(row: ResultRow): string;
}

/** WHERE with the condition that hides the recycle bin. */
export function whereSql(scope: Scope, query: Query, context: PlanContext): Sql {
  const compiler = new ConditionCompiler(scope, {
    ...context,
    subselect: (inner, bind) => subselectSql(scope, inner, context, bind),
  });
  const conditions: string[] = [];
  if (query.where) conditions.push(compiler.compile(query.where));
  if (!context.includeDeleted) conditions.push(`${scope.alias}."IsDeleted" = 0`);
  const sql = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
  return { sql, parameters: compiler.parameters };
}

/** `select reference from …` of a semi-join's inner query. */
function subselectSql(outer: Scope, query: Query, context: PlanContext, bind: (value: unknown) => string): string {
  const scope = new Scope(outer.soql, context.schema, query);
  const [item] = query.select;
  if (query.select.length !== 1 || item?.kind !== 'field')
    throw malformed('Semi join sub-selects must select exactly one ID or reference field');
  const { field, sql, idBase } = scope.resolve(item.path);
  if (field.type !== 'id' && field.type !== 'reference')
    throw malformed(`Semi join sub-selects must select an ID or reference field: ${field.name}`);
  const where = whereSql(scope, query, context);
  const limit = query.limit === undefined ? '' : ` limit ${query.limit}`;
  const text = `select ${sql} + ${idBase} as reference from ${scope.fromSql()}${where.sql}${limit}`;
  for (const value of where.parameters) bind(value);
  return text;
}

export function limitSql(query: Query): string {
  if (query.limit === undefined && query.offset === undefined) return '';
  return ` limit ${query.limit ?? -1} offset ${query.offset ?? 0}`;
}

/** Fields that are never null need no word about nulls, and can be read in the order of their index. */
export function orderTerm(sql: string, descending: boolean, nullsFirst: boolean, mayBeNull: boolean): string {
  const direction = descending ? ' desc' : '';
  return mayBeNull ? `${sql}${direction} nulls ${nullsFirst ? 'first' : 'last'}` : `${sql}${direction}`;
}

export function isSortedByKey(type: string): boolean {
  return !['id', 'reference', 'boolean', 'int', 'double', 'currency', 'percent', 'date', 'datetime', 'time'].includes(
    type,
  );
}
