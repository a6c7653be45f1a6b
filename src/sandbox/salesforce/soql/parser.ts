import { isDateLiteral } from './date-literals';
import { illegalEscape, tokenize } from './lexer';
import { errorAt, malformed } from './soql-error';
import {
  AGGREGATES,
  type AggregateName,
  type ComparisonOperator,
  type Condition,
  type FieldGroup,
  type FieldPath,
  type FunctionCall,
  type Literal,
  type Operand,
  type OrderKey,
  type Query,
  type SelectItem,
} from './syntax';
import { TokenCursor } from './token-cursor';

/** SOQL guide, "SOQL and SOSL Limits". */
const MAX_QUERY_LENGTH = 100_000;
const MAX_LITERAL_LENGTH = 4_000;

/** Words that end a clause, so that they cannot be an alias. */
const CLAUSE_WORDS = new Set([
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'FOR',
  'WITH',
  'USING',
  'ALL',
  'AND',
  'OR',
  'NOT',
  'IN',
  'LIKE',
  'INCLUDES',
  'EXCLUDES',
  'ASC',
  'DESC',
  'NULLS',
  'END',
  'WHEN',
  'THEN',
  'ELSE',
]);

/**
 * Reads a query.
 * @throws ApiError MALFORMED_QUERY with the vendor's texts
 */
export function parseSoql(soql: string): Query {
  if (soql.length > MAX_QUERY_LENGTH)
    throw malformed(`SOQL statements cannot be longer than ${MAX_QUERY_LENGTH} characters.`);
  return new Parser(soql, tokenize(soql)).wholeQuery();
}

class Parser extends TokenCursor {
  wholeQuery(): Query {
    const first = this.peek();
    if (!this.isWord('SELECT')) throw malformed(`unexpected token: ${first.kind === 'end' ? '<EOF>' : first.text}`);
    const query = this.query();
    if (this.peek().kind !== 'end') throw this.unexpected();
    return query;
  }

  private query(): Query {
    this.expectWord('SELECT');
    const query: Query = {
      select: [],
      isCount: false,
      from: { name: '', alias: undefined, at: 0 },
      where: undefined,
      groupBy: [],
      having: undefined,
      orderBy: [],
      limit: undefined,
      offset: undefined,
    };
    do query.select.push(this.selectItem());
    while (this.takeSign(','));
    const [only] = query.select;
    query.isCount =
      query.select.length === 1 &&
      only?.kind === 'function' &&
      only.call.argument === undefined &&
      only.alias === undefined;
    this.expectWord('FROM');
    const at = this.peek().at;
    query.from = { name: this.name(), at, alias: this.alias() };
    if (this.takeWord('USING')) this.scope();
    if (this.takeWord('WHERE')) query.where = this.condition();
    this.security();
    this.grouping(query);
    this.ordering(query);
    if (this.takeWord('LIMIT')) query.limit = this.count();
    if (this.takeWord('OFFSET')) query.offset = this.count();
    if (this.takeWord('FOR')) this.purpose();
    return query;
  }

  private grouping(query: Query): void {
    if (this.takeWord('GROUP')) {
      this.expectWord('BY');
      do query.groupBy.push(this.path());
      while (this.takeSign(','));
    }
    if (this.takeWord('HAVING')) query.having = this.condition();
  }

  private ordering(query: Query): void {
    if (!this.takeWord('ORDER')) return;
    this.expectWord('BY');
    do query.orderBy.push(this.orderKey());
    while (this.takeSign(','));
  }

  private selectItem(): SelectItem {
    const { at } = this.peek();
    if (this.takeSign('(')) {
      const query = this.nested(() => this.query());
      this.expectSign(')');
      return { kind: 'subquery', query, at };
    }
    if (this.isWord('TYPEOF')) return this.typeOf();
    if (this.isWord('FIELDS') && this.isSignAhead('(')) {
      this.index += 2;
      const group = this.name().toUpperCase();
      if (group !== 'ALL' && group !== 'STANDARD' && group !== 'CUSTOM') throw this.unexpected(this.index - 1);
      this.expectSign(')');
      return { kind: 'fields', group: group satisfies FieldGroup, at };
    }
    const operand = this.operand();
    const alias = this.alias();
    return operand.kind === 'call'
      ? { kind: 'function', call: operand.call, alias }
      : { kind: 'field', path: operand.path, alias };
  }

  private typeOf(): SelectItem {
    this.expectWord('TYPEOF');
    const relationship = this.path();
    const branches: { type: string; at: number; fields: FieldPath[] }[] = [];
    let otherwise: FieldPath[] = [];
    while (this.takeWord('WHEN')) {
      const { at } = this.peek();
      const type = this.name();
      this.expectWord('THEN');
      branches.push({ type, at, fields: this.paths() });
    }
    if (branches.length === 0) throw this.unexpected();
    if (this.takeWord('ELSE')) otherwise = this.paths();
    this.expectWord('END');
    return { kind: 'typeof', relationship, branches, otherwise };
  }

  private paths(): FieldPath[] {
    const paths: FieldPath[] = [];
    do paths.push(this.path());
    while (this.takeSign(','));
    return paths;
  }

  private operand(): Operand {
    const token = this.peek();
    if (token.kind === 'word' && this.isSignAhead('(')) {
      const name = token.text.toUpperCase();
      if (!isAggregate(name)) throw errorAt(this.soql, token.at, 'MALFORMED_QUERY', `unexpected token: '('`);
      this.index += 2;
      const call: FunctionCall = { name, argument: undefined, at: token.at };
      if (!this.takeSign(')')) {
        call.argument = this.path();
        this.expectSign(')');
      } else if (name !== 'COUNT') throw this.unexpected(this.index - 1);
      return { kind: 'call', call };
    }
    return { kind: 'path', path: this.path() };
  }

  private path(): FieldPath {
    const { at } = this.peek();
    const parts = [this.name()];
    while (this.takeSign('.')) parts.push(this.name());
    return { parts, at };
  }

  /** Conditions of one level: all joined by AND, or all by OR. */
  private condition(): Condition {
    const first = this.term(true);
    const joint = this.isWord('AND') ? 'AND' : this.isWord('OR') ? 'OR' : undefined;
    if (joint === undefined) return first;
    const items = [first];
    while (this.takeWord(joint)) items.push(this.term(false));
    const other = joint === 'AND' ? 'OR' : 'AND';
    if (this.isWord(other)) throw errorAt(this.soql, this.peek().at, 'MALFORMED_QUERY', `unexpected token: ${other}`);
    return { kind: joint === 'AND' ? 'and' : 'or', items };
  }

  /** @param mayNegate NOT stands only at the beginning of a level: after AND it needs parentheses around it */
  private term(mayNegate: boolean): Condition {
    if (this.isWord('NOT') && mayNegate) {
      this.index += 1;
      return { kind: 'not', item: this.nested(() => this.term(true)) };
    }
    if (this.takeSign('(')) {
      const inner = this.nested(() => this.condition());
      this.expectSign(')');
      // parentheses are kept where they matter: around what was joined or negated
      return inner.kind === 'compare' || inner.kind === 'includes' ? inner : { kind: 'and', items: [inner] };
    }
    return this.comparison();
  }

  private comparison(): Condition {
    if (this.isWord('NOT')) throw this.unexpected();
    const left = this.operand();
    const operator = this.peek();
    const { at } = operator;
    if (operator.kind === 'word') {
      const word = operator.text.toUpperCase();
      if (word === 'LIKE') {
        this.index += 1;
        return { kind: 'compare', left, operator: 'LIKE', value: this.literal('LIKE'), at };
      }
      if (word === 'IN' || word === 'NOT') {
        this.index += 1;
        if (word === 'NOT') this.expectWord('IN');
        return { kind: 'in', left, negated: word === 'NOT', values: this.inValues(), at };
      }
      if (word === 'INCLUDES' || word === 'EXCLUDES') {
        this.index += 1;
        return { kind: 'includes', left, negated: word === 'EXCLUDES', values: this.literals(), at };
      }
    }
    if (operator.kind !== 'punctuation' || !isComparison(operator.text)) throw this.unexpected();
    this.index += 1;
    return { kind: 'compare', left, operator: comparisonOf(operator.text), value: this.literal('other'), at };
  }

  private inValues(): Literal[] | Query {
    const next = this.tokens[this.index + 1];
    if (next?.kind === 'word' && next.text.toUpperCase() === 'SELECT') {
      this.expectSign('(');
      const query = this.nested(() => this.query());
      this.expectSign(')');
      return query;
    }
    return this.literals();
  }

  private literals(): Literal[] {
    this.expectSign('(');
    const values: Literal[] = [];
    do values.push(this.literal('other'));
    while (this.takeSign(','));
    this.expectSign(')');
    return values;
  }

  private literal(use: 'LIKE' | 'other'): Literal {
    const token = this.peek();
    const { at } = token;
    switch (token.kind) {
      case 'text':
        if (token.value.length > MAX_LITERAL_LENGTH)
          throw malformed(`String literals in a WHERE clause cannot be longer than ${MAX_LITERAL_LENGTH} characters.`);
        if (use === 'other' && token.likeEscape !== undefined)
          throw illegalEscape(token.text.slice(1, -1), token.likeEscape);
        this.index += 1;
        return { kind: 'text', value: token.value, pattern: token.pattern, at };
      case 'number':
        this.index += 1;
        return { kind: 'number', value: token.value, at };
      case 'date':
        this.index += 1;
        return { kind: 'date', value: token.text, at };
      case 'datetime':
        this.index += 1;
        return { kind: 'datetime', value: token.value, at };
      case 'word':
        return this.wordLiteral(token.text, at);
      default:
        throw this.unexpected();
    }
  }

  private wordLiteral(text: string, at: number): Literal {
    const [name = '', count] = text.toUpperCase().split(':');
    const currency = /^[A-Z]{3}(\d+(?:\.\d+)?)$/.exec(text);
    if (name === 'TRUE' || name === 'FALSE') {
      this.index += 1;
      return { kind: 'boolean', value: name === 'TRUE', at };
    }
    if (name === 'NULL') {
      this.index += 1;
      return { kind: 'null', at };
    }
    if (isDateLiteral(name, count !== undefined)) {
      this.index += 1;
      return { kind: 'dateLiteral', name, count: count === undefined ? undefined : Number(count), at };
    }
    if (currency) {
      this.index += 1;
      return { kind: 'number', value: Number(currency[1]), at };
    }
    throw this.unexpected();
  }

  private orderKey(): OrderKey {
    const operand = this.operand();
    const descending = this.takeWord('DESC');
    if (!descending) this.takeWord('ASC');
    let nullsFirst = true;
    if (this.takeWord('NULLS')) {
      if (this.takeWord('LAST')) nullsFirst = false;
      else this.expectWord('FIRST');
    }
    return { operand, descending, nullsFirst };
  }

  private count(): number {
    const token = this.peek();
    if (token.kind !== 'number' || !/^\d{1,9}$/.test(token.text)) throw this.unexpected();
    this.index += 1;
    return token.value;
  }

  /** `FOR VIEW`, `FOR REFERENCE`, `FOR UPDATE`: taken, without effect on the answer. */
  private purpose(): void {
    if (!this.takeWord('VIEW') && !this.takeWord('REFERENCE') && !this.takeWord('UPDATE')) throw this.unexpected();
  }

  private scope(): void {
    this.expectWord('SCOPE');
    this.name();
  }

  private security(): void {
    if (!this.takeWord('WITH')) return;
    if (!this.takeWord('SECURITY_ENFORCED') && !this.takeWord('USER_MODE') && !this.takeWord('SYSTEM_MODE'))
      throw this.unexpected();
  }

  private alias(): string | undefined {
    const token = this.peek();
    if (token.kind !== 'word' || CLAUSE_WORDS.has(token.text.toUpperCase()) || token.text.includes(':'))
      return undefined;
    this.index += 1;
    return token.text;
  }
}

function isAggregate(name: string): name is AggregateName {
  return (AGGREGATES as readonly string[]).includes(name);
}

function isComparison(sign: string): boolean {
  return ['=', '!=', '<>', '<', '<=', '>', '>='].includes(sign);
}

function comparisonOf(sign: string): ComparisonOperator {
  return sign === '<>' ? '!=' : (sign as ComparisonOperator); // isComparison has seen it
}
