import { ApiError } from '../api-error';
import { isCompound } from '../field';
import type { ObjectSchema } from '../org-schema';
import { firstReference } from '../record-id';
import { quoted } from '../record-store';
import { planAggregate } from './aggregate-plan';
import { Output, RecordShape, type ResultRow } from './output';
import {
  type AggregatePlan,
  isSortedByKey,
  limitSql,
  orderTerm,
  type PlanContext,
  type Sql,
  whereSql,
} from './plan-parts';
import { type ResolvedField, Scope } from './scope';
import { errorAt, malformed } from './soql-error';
import type { FieldPath, OrderKey, Query, SelectItem } from './syntax';

/** SOQL guide, "OFFSET". */
const MAX_OFFSET = 2_000;
const MAX_SUBQUERIES = 20;
const MAX_FIELDS_ALL = 200;

export interface RowsPlan {
  kind: 'rows';
  object: ObjectSchema;
  /** Has neither WHERE nor LIMIT: reads a whole object. */
  isUnbounded: boolean;
  /** Selects the sequence numbers of all records of the answer, in order. */
  sequences: Sql;
  /** Selects the columns of given records; its one parameter is a JSON array of sequence numbers. */
  fetchSql: string;
  writeJson(row: ResultRow, path: string): string;
  csvHeadings: readonly string[];
  csvCells: readonly ((row: ResultRow) => string)[];
  children: readonly ChildPlan[];
  /** How many columns a row has; wide rows come in smaller pages. */
  width: number;
}

export interface ChildPlan {
  key: string;
  /** The column of the parent's row that holds its reference. */
  parentPlace: number;
  parentBase: number;
  /** Its last parameter is a JSON array of parents' references; the first column of a row is the parent's reference. */
  select: Sql;
  limit: number | undefined;
  writeJson(row: ResultRow, path: string): string;
}

export interface CountPlan {
  kind: 'count';
  object: ObjectSchema;
  count: Sql;
}

export type Plan = RowsPlan | CountPlan | AggregatePlan;

/**
 * Looks up every name and turns the query into SQL.
 * @throws ApiError with the vendor's codes and texts
 */
export function planQuery(soql: string, query: Query, context: PlanContext): Plan {
  const scope = new Scope(soql, context.schema, query);
  if (query.offset !== undefined && query.offset > MAX_OFFSET)
    throw new ApiError(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  const hasAggregates = query.groupBy.length > 0 || query.select.some(({ kind }) => kind === 'function');
  if (context.isBulk) refuseInBulk(query, hasAggregates || query.isCount);
  if (query.isCount && query.groupBy.length === 0) return planCount(scope, query, context);
  if (hasAggregates) return planAggregate(scope, query, context);
  return planRows(scope, query, context);
}

function refuseInBulk(query: Query, hasAggregates: boolean): void {
  const refuse = (what: string): never => {
    throw new ApiError(400, 'FUNCTIONALITY_NOT_ENABLED', `${what} not supported in Bulk Query`);
  };
  if (hasAggregates || query.select.some(({ kind }) => kind === 'subquery')) refuse('Aggregate Relationships');
  if (query.offset !== undefined) refuse('OFFSET');
  if (query.select.some(({ kind }) => kind === 'typeof')) refuse('TYPEOF');
}

function planCount(scope: Scope, query: Query, context: PlanContext): CountPlan {
  const where = whereSql(scope, query, context);
  const from = `${scope.fromSql()}${where.sql}`;
  const sql =
    query.limit === undefined && query.offset === undefined
      ? `select count(*) from ${from}`
      : `select count(*) from (select 1 from ${from}${limitSql(query)})`;
  return { kind: 'count', object: scope.object, count: { sql, parameters: where.parameters } };
}

function planRows(scope: Scope, query: Query, context: PlanContext): RowsPlan {
  const output = new Output(scope, context.schema, context.ids);
  const shape = new RecordShape([]);
  const children: ChildPlan[] = [];
  for (const item of query.select) selectItem(item, { scope, query, context, output, shape, children });
  const writeJson = shape.writer();
  const where = whereSql(scope, query, context);
  const order = orderSql(scope, query.orderBy);
  const from = scope.fromSql();
  const { alias } = scope;
  return {
    kind: 'rows',
    object: scope.object,
    isUnbounded: query.where === undefined && query.limit === undefined,
    sequences: {
      sql: `select ${alias}.seq from ${from}${where.sql}${order}${limitSql(query)}`,
      parameters: where.parameters,
    },
    // "cross join" keeps the order: the list of records leads, whatever the planner thinks
    fetchSql: `select ${output.columns.join(', ')} from json_each(?) wanted cross join ${withJoinCondition(from, alias)} order by wanted.key`,
    writeJson,
    csvHeadings: output.csv.map(({ heading }) => heading),
    csvCells: output.csv.map(({ write }) => write),
    children,
    width: output.columns.length,
  };
}

/** The own table is found by the wanted sequence numbers; parents follow it. */
function withJoinCondition(from: string, alias: string): string {
  const own = from.indexOf(` ${alias}`) + alias.length + 1;
  return `${from.slice(0, own)} on ${alias}.seq = wanted.value${from.slice(own)}`;
}

interface SelectContext {
  scope: Scope;
  query: Query;
  context: PlanContext;
  output: Output;
  shape: RecordShape;
  children: ChildPlan[];
}

function selectItem(item: SelectItem, target: SelectContext): void {
  const { scope, query } = target;
  switch (item.kind) {
    case 'field': {
      if (item.alias !== undefined)
        throw errorAt(scope.soql, item.path.at, 'MALFORMED_QUERY', 'only aggregate expressions use field aliasing');
      addField(scope.resolve(item.path), item.path.at, target);
      return;
    }
    case 'fields': {
      const isLimited = query.limit !== undefined && query.limit <= MAX_FIELDS_ALL;
      if (item.group !== 'STANDARD' && !isLimited)
        throw malformed(`The SOQL FIELDS function must have a LIMIT of at most ${MAX_FIELDS_ALL}`);
      for (const field of scope.object.fields)
        if (item.group === 'ALL' || (item.group === 'CUSTOM') === field.custom)
          addField(scope.resolve({ parts: [field.name], at: item.at }), item.at, target);
      return;
    }
    case 'subquery':
      target.children.push(planChildren(item.query, item.at, target));
      return;
    case 'typeof':
      addTypeOf(item, target);
      return;
    case 'function':
      throw new Error('Aggregates are planned elsewhere');
  }
}

function addField(resolved: ResolvedField, at: number, { scope, context, output, shape }: SelectContext): void {
  const { names, field } = resolved;
  if (context.isBulk && isCompound(field))
    throw new ApiError(400, 'FUNCTIONALITY_NOT_ENABLED', 'Selecting compound data not supported in Bulk Query');
  if (context.isBulk && field.type === 'base64')
    throw new ApiError(400, 'FUNCTIONALITY_NOT_ENABLED', 'Selecting base64 data not supported in Bulk Query');
  const heading = names.join('.');
  if (output.csv.some((column) => column.heading === heading))
    throw errorAt(scope.soql, at, 'MALFORMED_QUERY', `duplicate field selected: ${heading}`);
  const { json, cell } = output.value(resolved);
  output.csv.push({ heading, write: cell });
  shape.add(names, json, output);
}

function addTypeOf(item: Extract<SelectItem, { kind: 'typeof' }>, { scope, output, shape }: SelectContext): void {
  const { relationship, branches, otherwise } = item;
  const resolveOther = (path: FieldPath): ResolvedField =>
    scope.resolve({ parts: [...relationship.parts, ...path.parts], at: path.at });
  const cases = branches.map(({ type, at, fields }) => ({
    type: type.toLowerCase(),
    fields: fields.map((path) => scope.resolveOn(relationship, { name: type, at }, path)),
  }));
  const rest = otherwise.map(resolveOther);
  const sample = cases[0]?.fields[0] ?? rest[0];
  if (!sample) throw errorAt(scope.soql, relationship.at, 'MALFORMED_QUERY', "unexpected token: 'END'");
  const names = sample.names.slice(0, -1);
  const attributes = output.attributes(names);
  const writers = (fields: readonly ResolvedField[]) =>
    fields.map((resolved) => ({
      key: `,${JSON.stringify(resolved.field.name)}:`,
      write: output.value(resolved).json,
    }));
  const prepared = cases.map(({ type, fields }) => ({ type, fields: writers(fields) }));
  const preparedRest = writers(rest);
  shape.add(
    names,
    (row, path) => {
      if (row[attributes.place] === null) return 'null';
      const head = attributes.write(row, path);
      const type = /"type":"([^"]+)"/.exec(head)?.[1]?.toLowerCase();
      const fields = prepared.find((one) => one.type === type)?.fields ?? preparedRest;
      return `{${head}${fields.map(({ key, write }) => key + write(row, path)).join('')}}`;
    },
    output,
  );
}

function orderSql(scope: Scope, keys: readonly OrderKey[]): string {
  if (keys.length === 0) return '';
  const terms = keys.map(({ operand, descending, nullsFirst }) => {
    if (operand.kind === 'call') throw errorAt(scope.soql, operand.call.at, 'MALFORMED_QUERY', `unexpected token: '('`);
    const { field, sql, parentSql } = scope.resolve(operand.path);
    if (!field.sortable)
      throw errorAt(
        scope.soql,
        operand.path.at,
        'INVALID_FIELD',
        `field '${field.name}' can not be sorted in a query call`,
      );
    const sorted = isSortedByKey(field.type) ? `sort_key(${sql})` : sql;
    return orderTerm(sorted, descending, nullsFirst, field.nillable || parentSql !== undefined);
  });
  return ` order by ${[...terms, `${scope.alias}.seq`].join(', ')}`;
}

function planChildren(query: Query, at: number, { scope, context, output, shape, children }: SelectContext): ChildPlan {
  if (children.length >= MAX_SUBQUERIES) throw malformed(`A query may have ${MAX_SUBQUERIES} sub-selects at most`);
  const name = query.from.name;
  const relationship = context.schema
    .childrenOf(scope.object.name)
    .find(({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase());
  if (!relationship)
    throw errorAt(
      scope.soql,
      query.from.at,
      'INVALID_TYPE',
      `Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  const object = context.schema.require(relationship.child);
  const childScope = new Scope(scope.soql, context.schema, query, object);
  const childOutput = new Output(childScope, context.schema, context.ids);
  const parentSql = `${childScope.alias}.${quoted(relationship.field.name)}`;
  childOutput.column(parentSql);
  const childShape = new RecordShape([]);
  for (const item of query.select) {
    if (item.kind === 'subquery' || item.kind === 'function')
      throw errorAt(scope.soql, at, 'MALFORMED_QUERY', 'Nesting of sub-selects is not supported');
    selectItem(item, { scope: childScope, query, context, output: childOutput, shape: childShape, children: [] });
  }
  const writeJson = childShape.writer();
  const where = whereSql(childScope, query, context);
  const order = orderSql(childScope, query.orderBy);
  const joint = where.sql === '' ? ' where ' : ' and ';
  const key = relationship.relationshipName ?? name;
  if (shape.has(key)) throw errorAt(scope.soql, query.from.at, 'MALFORMED_QUERY', `duplicate field selected: ${key}`);
  const parentPlace = output.column(`${scope.alias}.seq`);
  // the place in the outer record is kept; what stands there is fetched for a page at a time
  shape.add([key], (row) => childMarker(key, Number(row[parentPlace])), output);
  return {
    key,
    parentPlace,
    parentBase: firstReference(scope.object.keyPrefix),
    select: {
      sql: `select ${childOutput.columns.join(', ')} from ${childScope.fromSql()}${where.sql}${joint}${parentSql} in (select value from json_each(?))${order}`,
      parameters: where.parameters,
    },
    limit: query.limit,
    writeJson,
  };
}

/** Stands for a list of children until the page's children have been fetched. No value of a record can hold U+0000 raw. */
function childMarker(key: string, parentSequence: number): string {
  return `\u0000${key}:${parentSequence}\u0000`;
}
