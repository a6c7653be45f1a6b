import { ApiError } from '../api-error';
import { completeField, type Field, isCompound } from '../field';
import { jsonWriter } from '../stored-values';
import { ConditionCompiler } from './conditions';
import { type AggregatePlan, isSortedByKey, limitSql, orderTerm, type PlanContext, whereSql } from './plan-parts';
import type { ResolvedField, Scope } from './scope';
import { errorAt, malformed } from './soql-error';
import type { FieldPath, FunctionCall, Query } from './syntax';

/** A query with groups: its rows are not records, and do not page. */
export function planAggregate(scope: Scope, query: Query, context: PlanContext): AggregatePlan {
  const groups = query.groupBy.map((path) => {
    const resolved = scope.resolve(path);
    if (!resolved.field.groupable)
      throw errorAt(
        scope.soql,
        path.at,
        'INVALID_FIELD',
        `field '${resolved.field.name}' can not be grouped in a query call`,
      );
    return { key: keyOf(resolved), sql: groupSql(resolved), resolved };
  });
  const keys = new Set<string>();
  let expressions = 0;
  const columns = query.select.map((item) => {
    if (item.kind === 'function') {
      if (!item.call.argument)
        throw errorAt(
          scope.soql,
          item.call.at,
          'MALFORMED_QUERY',
          'COUNT() must be the only element of a query without groups',
        );
      const resolved = aggregateField(scope, item.call);
      const name = item.alias ?? `expr${expressions++}`;
      return column(name, resolved.sql, resolved.field, keys, context);
    }
    if (item.kind !== 'field')
      throw malformed('Only fields and aggregate functions can be selected in a query with groups');
    const resolved = scope.resolve(item.path);
    if (!groups.some(({ key }) => key === keyOf(resolved)))
      throw malformed(`Field must be grouped or aggregated: ${resolved.field.name}`);
    const base = resolved.idBase === 0 ? resolved.sql : `${resolved.sql} + ${resolved.idBase}`;
    const field: Field = resolved.idBase === 0 ? resolved.field : { ...resolved.field, type: 'reference' };
    return column(item.alias ?? resolved.field.name, `min(${base})`, field, keys, context);
  });
  const where = whereSql(scope, query, context);
  const having = new ConditionCompiler(scope, {
    ...context,
    subselect: () => {
      throw malformed('Semi join sub-selects are not allowed in HAVING');
    },
    aggregate: (call) => aggregateField(scope, call),
  });
  const havingSql = query.having ? ` having ${having.compile(query.having)}` : '';
  const groupBy = groups.length > 0 ? ` group by ${groups.map(({ sql }) => sql).join(', ')}` : '';
  const order = aggregateOrder(scope, query);
  const selected = columns.map(({ sql }) => sql).join(', ');
  return {
    kind: 'aggregate',
    object: scope.object,
    select: {
      sql: `select ${selected} from ${scope.fromSql()}${where.sql}${groupBy}${havingSql}${order}${limitSql(query)}`,
      parameters: [...where.parameters, ...having.parameters],
    },
    writeJson: (row) =>
      `{"attributes":{"type":"AggregateResult"}${columns.map(({ key, write }, place) => `,${key}:${write(row[place] ?? null)}`).join('')}}`,
  };
}

function column(name: string, sql: string, field: Field, taken: Set<string>, context: PlanContext) {
  if (taken.has(name.toLowerCase())) throw malformed(`duplicate alias: ${name}`);
  taken.add(name.toLowerCase());
  return { key: JSON.stringify(name), sql, write: jsonWriter(field, context.ids) };
}

function keyOf({ names }: ResolvedField): string {
  return names.join('.').toLowerCase();
}

/** Text is grouped without regard to case. */
function groupSql({ field, sql }: ResolvedField): string {
  return isSortedByKey(field.type) && !field.caseSensitive ? `fold(${sql})` : sql;
}

/** The result of a function, as if it were a field. */
function aggregateField(scope: Scope, call: FunctionCall): ResolvedField {
  if (!call.argument) return made(scope, 'int', 'count(*)');
  const resolved = scope.resolve(call.argument);
  const { field, sql } = resolved;
  const numeric = ['int', 'double', 'currency', 'percent'].includes(field.type);
  switch (call.name) {
    case 'COUNT':
      requireAggregatable(scope, call.argument, field, !isCompound(field));
      return made(scope, 'int', `count(${sql})`);
    case 'COUNT_DISTINCT':
      requireAggregatable(scope, call.argument, field, !isCompound(field));
      return made(scope, 'int', `count(distinct ${groupSql(resolved)})`);
    case 'SUM':
      requireAggregatable(scope, call.argument, field, numeric);
      return made(scope, field.type === 'int' ? 'int' : 'double', `sum(${sql})`);
    case 'AVG':
      requireAggregatable(scope, call.argument, field, numeric);
      return made(scope, 'double', `avg(${sql})`);
    default: {
      const isComparable = field.sortable && field.type !== 'boolean';
      requireAggregatable(scope, call.argument, field, isComparable);
      const base = resolved.idBase === 0 ? '' : ` + ${resolved.idBase}`;
      const result = made(scope, field.type, `${call.name === 'MIN' ? 'min' : 'max'}(${sql})${base}`);
      return { ...result, field: { ...field, type: resolved.idBase === 0 ? field.type : 'reference' } };
    }
  }
}

function requireAggregatable(scope: Scope, path: FieldPath, field: Field, isSo: boolean): void {
  if (!isSo)
    throw errorAt(scope.soql, path.at, 'MALFORMED_QUERY', `field ${field.name} does not support aggregate operator`);
}

function made(scope: Scope, type: Field['type'], sql: string): ResolvedField {
  const field = completeField({ name: 'expr', type, nillable: true });
  return {
    field,
    object: scope.object,
    names: ['expr'],
    sql,
    comparedSql: undefined,
    idBase: 0,
    parentSql: undefined,
  };
}

function aggregateOrder(scope: Scope, query: Query): string {
  if (query.orderBy.length === 0) return '';
  const terms = query.orderBy.map(({ operand, descending, nullsFirst }) => {
    const resolved = operand.kind === 'call' ? aggregateField(scope, operand.call) : scope.resolve(operand.path);
    if (operand.kind === 'path' && !query.groupBy.some((path) => keyOf(scope.resolve(path)) === keyOf(resolved)))
      throw new ApiError(400, 'MALFORMED_QUERY', `Ordered field must be grouped or aggregated: ${resolved.field.name}`);
    const sql = isSortedByKey(resolved.field.type) ? `sort_key(min(${resolved.sql}))` : resolved.sql;
    return orderTerm(sql, descending, nullsFirst, true);
  });
  return ` order by ${terms.join(', ')}`;
}
