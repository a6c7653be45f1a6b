import { ApiError } from '../api-error';
import { type Field, isCompound, isTextType } from '../field';
import { choicesInOrder } from '../picklist-order';
import { type IdCodec, UNKNOWN_RECORD } from '../record-id';
import { fold, sortKey } from '../text-folding';
import { soapTypeOf } from '../value-parsing';
import { dayIn, daysOf, startOfDay } from './date-literals';
import type { ResolvedField, Scope } from './scope';
import { errorAt, malformed, tooComplicated } from './soql-error';
import type { PatternParts } from './sql-functions';
import type { ComparisonOperator, Condition, FunctionCall, LikePattern, Literal, Operand, Query } from './syntax';

/** What a condition needs besides the query: the org's Ids, the clock and the calling user's zone. */
export interface ConditionContext {
  ids: IdCodec;
  nowMs: number;
  timeZone: string;
  /** True for queryAll: rows in the recycle bin count. */
  includeDeleted: boolean;
  /** SQL of a sub-select's references; given by the planner. */
  subselect(query: Query, bind: (value: unknown) => string): string;
  /** SQL of an aggregate in HAVING; absent in WHERE. */
  aggregate?: (call: FunctionCall) => ResolvedField;
}

/** SOQL guide: "at most two semi-joins or anti-joins". */
const MAX_SEMI_JOINS = 2;
/** More are refused; the vendor's own figure is not documented. */
const MAX_CONDITIONS = 2_000;

/**
 * Turns conditions into SQL. A comparison with null is false, so under NOT it must not become unknown: SQL's third value
 * is turned into false there.
 */
export class ConditionCompiler {
  readonly parameters: unknown[] = [];
  private semiJoins = 0;
  private conditions = 0;

  constructor(
    private readonly scope: Scope,
    private readonly context: ConditionContext,
  ) {}

  compile(condition: Condition): string {
    return this.condition(condition, 'top');
  }

  private readonly bind = (value: unknown): string => {
    this.parameters.push(value);
    return '?';
  };

  private condition(condition: Condition, place: SemiJoinPlace): string {
    this.conditions += 1;
    if (this.conditions > MAX_CONDITIONS) throw tooComplicated();
    switch (condition.kind) {
      case 'and':
      case 'or': {
        const isWrapped = condition.items.length === 1;
        const inner = isWrapped ? 'nested' : place === 'top' && condition.kind === 'or' ? 'choice' : place;
        const parts = condition.items.map((item) => this.condition(item, inner));
        return joined(parts, condition.kind);
      }
      case 'not':
        return `not coalesce(${this.condition(condition.item, 'nested')}, 0)`;
      case 'compare':
        return this.comparison(condition);
      case 'in':
        return Array.isArray(condition.values)
          ? this.inList(condition.left, condition.values, condition.negated)
          : this.semiJoin(condition.left, condition.values, condition.negated, place);
      case 'includes':
        return this.includes(condition);
    }
  }

  private operand(left: Operand): ResolvedField {
    if (left.kind === 'call') {
      if (!this.context.aggregate)
        throw errorAt(this.scope.soql, left.call.at, 'MALFORMED_QUERY', `unexpected token: '('`);
      return this.context.aggregate(left.call);
    }
    const resolved = this.scope.resolve(left.path);
    if (!resolved.field.filterable) {
      const text = `field '${resolved.field.name}' can not be filtered in a query call`;
      throw errorAt(this.scope.soql, left.path.at, 'INVALID_FIELD', text);
    }
    // describe calls them filterable, which is for distances alone
    if (isCompound(resolved.field)) throw invalidOperator(resolved.field.type);
    return resolved;
  }

  private comparison({ left, operator, value }: Extract<Condition, { kind: 'compare' }>): string {
    const resolved = this.operand(left);
    const { sql, field } = resolved;
    if (operator === 'LIKE') return this.like(resolved, value);
    if (value.kind === 'null' || (value.kind === 'text' && value.value === '' && isTextType(field.type)))
      return this.againstNull(resolved, operator, value);
    const isOrdered = operator !== '=' && operator !== '!=';
    if (field.type === 'boolean' && isOrdered) throw invalidOperator('boolean');
    if (field.type === 'multipicklist' && isOrdered) throw invalidOperator('multipicklist');
    if (value.kind === 'dateLiteral') return this.againstDays(resolved, operator, value);
    const bound = this.valueOf(resolved, value);
    if (isTextType(field.type)) return this.againstText(resolved, operator, String(bound));
    const sign = operator === '!=' ? '<>' : operator;
    const compared = `${sql} ${sign} ${this.bind(bound)}`;
    return operator === '!=' ? `(${sql} is null or ${compared})` : compared;
  }

  private againstNull({ sql, field }: ResolvedField, operator: ComparisonOperator, value: Literal): string {
    if (operator !== '=' && operator !== '!=') {
      if (value.kind === 'null') throw malformed(`unexpected token: 'null'`);
      return '0';
    }
    // a checkbox is never null: asking for null means unchecked
    if (field.type === 'boolean') return operator === '=' ? `coalesce(${sql}, 0) = 0` : `coalesce(${sql}, 0) = 1`;
    return operator === '=' ? `${sql} is null` : `${sql} is not null`;
  }

  private againstText(resolved: ResolvedField, operator: ComparisonOperator, text: string): string {
    const { sql, field } = resolved;
    if (field.caseSensitive) {
      const compared = `${sql} ${operator === '!=' ? '<>' : operator} ${this.bind(text)}`;
      return operator === '!=' ? `(${sql} is null or ${compared})` : compared;
    }
    if (operator === '=') return `(${sql} is not null and ${comparedSql(resolved)} = ${this.bind(fold(text))})`;
    if (operator === '!=') return `(${sql} is null or ${comparedSql(resolved)} <> ${this.bind(fold(text))})`;
    return `sort_key(${sql}) ${operator} ${this.bind(sortKey(text))}`;
  }

  private againstDays(
    { sql, field }: ResolvedField,
    operator: ComparisonOperator,
    literal: Extract<Literal, { kind: 'dateLiteral' }>,
  ): string {
    if (field.type !== 'date' && field.type !== 'datetime') throw this.wrongType(field, literal);
    const { nowMs, timeZone } = this.context;
    const days = daysOf(literal.name, literal.count, dayIn(timeZone, nowMs));
    const isDate = field.type === 'date';
    const start = isDate ? days.start.toString() : startOfDay(days.start, timeZone);
    const end = isDate ? days.end.toString() : startOfDay(days.end, timeZone);
    switch (operator) {
      case '=':
        return `(${sql} >= ${this.bind(start)} and ${sql} < ${this.bind(end)})`;
      case '!=':
        return `(${sql} is null or ${sql} < ${this.bind(start)} or ${sql} >= ${this.bind(end)})`;
      case '<':
        return `${sql} < ${this.bind(start)}`;
      case '<=':
        return `${sql} < ${this.bind(end)}`;
      case '>':
        return `${sql} >= ${this.bind(end)}`;
      default:
        return `${sql} >= ${this.bind(start)}`;
    }
  }

  private like({ sql, field }: ResolvedField, value: Literal): string {
    if (field.type === 'multipicklist' || !isTextType(field.type)) throw invalidOperator(field.type);
    if (value.kind !== 'text') throw this.wrongType(field, value);
    return `coalesce(soql_like(${sql}, ${this.bind(JSON.stringify(patternParts(value.pattern)))}), 0)`;
  }

  private inList(left: Operand, values: readonly Literal[], negated: boolean): string {
    const resolved = this.operand(left);
    const { sql, field } = resolved;
    if (field.type === 'boolean' && values.some(({ kind }) => kind !== 'boolean' && kind !== 'null'))
      throw this.wrongType(field, values.find(({ kind }) => kind !== 'boolean' && kind !== 'null') as Literal);
    const ranges = values.filter((value) => value.kind === 'dateLiteral');
    if (ranges.length > 0) {
      const parts = ranges.map((range) => this.againstDays(resolved, '=', range));
      const others = values.filter((value) => value.kind !== 'dateLiteral');
      if (others.length > 0) parts.push(this.inList(left, others, false));
      const any = `coalesce((${parts.join(' or ')}), 0)`;
      return negated ? `not ${any}` : any;
    }
    const isText = isTextType(field.type);
    const isNull = (value: Literal): boolean =>
      value.kind === 'null' || (value.kind === 'text' && value.value === '' && isText);
    const bound = values
      .filter((value) => !isNull(value))
      .map((value) => {
        const one = this.valueOf(resolved, value);
        return typeof one === 'string' && isText && !field.caseSensitive ? fold(one) : one;
      });
    const compared = isText && !field.caseSensitive ? comparedSql(resolved) : sql;
    const list = `(select value from json_each(${this.bind(JSON.stringify(bound))}))`;
    const holdsNull = values.some(isNull);
    if (negated) {
      const outside = `${compared} not in ${list}`;
      return holdsNull ? `(${sql} is not null and ${outside})` : `(${sql} is null or ${outside})`;
    }
    const within = `(${sql} is not null and ${compared} in ${list})`;
    return holdsNull ? `(${sql} is null or ${within})` : within;
  }

  private semiJoin(left: Operand, query: Query, negated: boolean, place: SemiJoinPlace): string {
    if (place === 'choice') throw malformed("Semi join sub-selects are not allowed with the 'OR' operator");
    if (place === 'nested')
      throw malformed(
        'Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions.',
      );
    this.semiJoins += 1;
    if (this.semiJoins > MAX_SEMI_JOINS) throw malformed(`Maximum ${MAX_SEMI_JOINS} semi join sub-selects are allowed`);
    const resolved = this.operand(left);
    const { sql, field, idBase } = resolved;
    if (field.type !== 'id' && field.type !== 'reference')
      throw malformed(`Semi join sub-selects can only be compared with an ID or reference field: ${field.name}`);
    const references = this.context.subselect(query, this.bind);
    const values = idBase === 0 ? references : `select reference - ${idBase} from (${references})`;
    const inside = `${sql} in (select * from (${values}) where 1)`;
    return negated ? `(${sql} is null or not coalesce(${inside}, 0))` : inside;
  }

  private includes({ left, values, negated }: Extract<Condition, { kind: 'includes' }>): string {
    const { sql, field } = this.operand(left);
    if (field.type !== 'multipicklist') throw invalidOperator(field.type);
    const groups = values.map((value) => {
      if (value.kind !== 'text') throw this.wrongType(field, value);
      return value.value.split(';').map((one) => fold(one.trim()));
    });
    const included = `coalesce(soql_includes(${sql}, ${this.bind(JSON.stringify(groups))}), 0)`;
    return negated ? `not ${included}` : included;
  }

  /** The literal as the column keeps it. */
  private valueOf(resolved: ResolvedField, value: Literal): string | number {
    const { field } = resolved;
    switch (field.type) {
      case 'id':
      case 'reference':
        if (value.kind !== 'text') throw this.wrongType(field, value);
        return this.idOf(resolved, value.value);
      case 'boolean':
        if (value.kind !== 'boolean') throw this.wrongType(field, value);
        return value.value ? 1 : 0;
      case 'int':
      case 'double':
      case 'currency':
      case 'percent':
        if (value.kind !== 'number') throw this.wrongType(field, value);
        return value.value;
      case 'date':
        if (value.kind !== 'date') throw this.wrongType(field, value);
        return value.value;
      case 'datetime':
        if (value.kind !== 'datetime') throw this.wrongType(field, value);
        return value.value;
      case 'time':
        throw this.wrongType(field, value);
      default:
        if (value.kind !== 'text') throw this.wrongType(field, value);
        return field.type === 'multipicklist' ? choicesInOrder(field, value.value).join(';') : value.value;
    }
  }

  private idOf({ idBase }: ResolvedField, text: string): number {
    if (text === '') return UNKNOWN_RECORD;
    const reference = this.context.ids.parse(text);
    if (reference === undefined) throw new ApiError(400, 'INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${text}`);
    if (reference === UNKNOWN_RECORD) return UNKNOWN_RECORD;
    // an Id of another object is as far away as its prefix: nothing is found there
    return reference - idBase;
  }

  private wrongType(field: Field, value: Literal): ApiError {
    const type = soapTypeOf(field.type).replace('xsd:', '').replace('tns:', '');
    const isText = isTextType(field.type) || field.type === 'id' || field.type === 'reference';
    const ending = isText ? 'should be enclosed in quotes' : 'should not be enclosed in quotes';
    const text = `value of filter criterion for field '${field.name}' must be of type ${isText ? 'string' : type} and ${ending}`;
    return errorAt(this.scope.soql, value.at, 'INVALID_FIELD', text);
  }
}

/** Where a condition stands, since sub-selects stand on the first level alone, and not as one of several choices. */
type SemiJoinPlace = 'top' | 'choice' | 'nested';

/** Joined two by two: the database's expressions have a limited depth. */
function joined(parts: readonly string[], kind: 'and' | 'or'): string {
  const [only = ''] = parts;
  if (parts.length <= 1) return `(${only})`;
  const middle = parts.length >> 1;
  return `(${joined(parts.slice(0, middle), kind)} ${kind} ${joined(parts.slice(middle), kind)})`;
}

function comparedSql({ comparedSql: column, sql }: ResolvedField): string {
  return column ?? `fold(${sql})`;
}

function invalidOperator(type: string): ApiError {
  return new ApiError(400, 'INVALID_QUERY_FILTER_OPERATOR', `invalid operator on ${type} field`);
}

/** The pattern in folded characters, as `soql_like` reads it. */
function patternParts(pattern: LikePattern): PatternParts {
  const parts: (string | null)[] = [];
  for (const part of pattern) {
    if (typeof part === 'string') parts.push(...Array.from(fold(part)));
    else if (part.wild === 'one') parts.push('');
    else if (parts[parts.length - 1] !== null) parts.push(null);
  }
  return parts;
}
