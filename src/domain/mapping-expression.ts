import {
  Environment,
  EvaluationError,
  ParseError,
  type ParseResult,
  TypeError as TypeCheckError,
} from '@marcbachmann/cel-js';
import { isBlank, trimBlanks } from './blank';
import { numberText } from './decimal';
import type { Value } from './object-description';

/** An expression that was checked and compiled; evaluated per record. */
export interface CompiledExpression {
  /** Names of the source fields that it uses, each once. */
  fields: string[];
  /**
   * @param values field name → value; a field without one is null
   * @throws ExpressionError when it cannot be evaluated for these values
   */
  evaluate(values: Record<string, Value>): Value;
}

/** An expression that cannot be compiled, or not be evaluated for a record. The message names the place, and no value of the record. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Longest text that an expression may make: the longest field of Salesforce holds 131,072 characters. */
const LONGEST_TEXT = 200_000;

/** Together with the list of functions they bound the time of an evaluation: each node is visited once, nothing repeats. */
const LIMITS = { maxAstNodes: 300, maxDepth: 40, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 5 };

/** Functions that stand behind the value that they are of: `lastName.left(40)`. */
const BEHIND_A_VALUE = [
  ...['replace', 'left', 'right', 'contains', 'startsWith', 'endsWith', 'indexOf', 'lastIndexOf', 'substring'],
  ...['upperAscii', 'lowerAscii', 'getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek'],
  ...['getHours', 'getMinutes'],
];

/**
 * What an expression may call. Of the library's functions those are left out that repeat (`map`, `filter`, `all` …), multiply
 * (`split` and `join`, `cel.bind`) or take a pattern (`matches`): a few of them nested would keep a worker busy for hours.
 */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['text', 'string', 'int', 'double', 'bool', 'size', 'isBlank', 'coalesce', 'trim', 'upper', 'lower'],
  ...['timestamp', 'duration', ...BEHIND_A_VALUE],
]);

/** The source's fields by name, for those whose name means something else to the language: `fields.type`, `fields["in"]`. */
const FIELDS = 'fields';

type Text = string | null;
function textOf(value: unknown): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  // all digits and no exponent, as a field would get it
  return typeof value === 'number' && Number.isFinite(value) ? numberText(value) : String(value);
}

const environment = extended(
  new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false, limits: LIMITS }),
);

/** Teaches the language blanks (null is an empty text where texts are joined) and numbers (fields are doubles, literals integers). */
function extended(base: Environment): Environment {
  base
    .registerFunction('text(dyn): string', textOf)
    .registerFunction('string(null): string', textOf)
    .registerFunction('isBlank(dyn): bool', (value: Value) => isBlank(value))
    .registerFunction('coalesce(dyn, dyn): dyn', (value: Value, other: unknown) => (isBlank(value) ? other : value))
    .registerFunction('string.replace(string, string): string', replaced)
    .registerFunction('null.replace(string, string): string', textOf)
    .registerOperator('string + null', textOf)
    .registerOperator('null + string', (_blank: null, text: string) => text);
  const texts: Record<string, (text: string) => string> = {
    trim: trimBlanks,
    upper: (text) => text.toUpperCase(),
    lower: (text) => text.toLowerCase(),
  };
  for (const [name, change] of Object.entries(texts)) {
    base.registerFunction(`${name}(dyn): string`, (value: unknown) => change(textOf(value)));
    if (name !== 'trim') base.registerFunction(`string.${name}(): string`, change);
    base.registerFunction(`null.${name}(): string`, () => '');
  }
  const ends: Record<string, (letters: string[], count: number) => string[]> = {
    left: (letters, count) => letters.slice(0, count),
    right: (letters, count) => (count > 0 ? letters.slice(-count) : []),
  };
  for (const [name, cut] of Object.entries(ends)) {
    const end = (text: Text, count: bigint) => cut(Array.from(textOf(text)), Math.max(0, Number(count))).join('');
    base.registerFunction(`string.${name}(int): string`, end).registerFunction(`null.${name}(int): string`, end);
  }
  const sums: Record<string, (one: number, other: number) => number> = {
    '+': (one, other) => one + other,
    '-': (one, other) => one - other,
    '*': (one, other) => one * other,
    '/': (one, other) => one / other,
    '%': (one, other) => one % other,
  };
  for (const [operator, compute] of Object.entries(sums)) {
    const mixed = (one: number | bigint, other: number | bigint) => compute(Number(one), Number(other));
    base.registerOperator(`double ${operator} int`, mixed).registerOperator(`int ${operator} double`, mixed);
  }
  return base;
}

function replaced(text: string, from: string, to: string): string {
  if (from === '') return text;
  const parts = text.split(from);
  if (text.length + (parts.length - 1) * (to.length - from.length) > LONGEST_TEXT) throw tooLong();
  return parts.join(to);
}

const tooLong = (): ExpressionError =>
  new ExpressionError(`The expression makes a text of more than ${LONGEST_TEXT} characters.`);

/**
 * Compiles an expression of the Common Expression Language over the source's fields.
 * @param fieldNames the fields that may be used; other names are refused
 * @throws ExpressionError with the reason and the place
 */
export function compileExpression(expression: string, fieldNames: ReadonlySet<string>): CompiledExpression {
  const run = compiled(expression);
  const fields = new Set<string>();
  let asksByName = false;
  walk(run.ast, (node) => {
    for (const name of namesIn(node, fieldNames)) fields.add(name);
    asksByName ||= fieldByName(node) !== null || (node.op === 'id' && node.args === FIELDS);
  });
  const { valid, type, error } = run.check();
  if (!valid) throw mistake(error);
  if (type !== undefined && !RESULTS.has(type))
    throw new ExpressionError(`The expression gives a ${type}. ${ONE_VALUE}`);
  return {
    fields: [...fields],
    evaluate: (values) => toValue(evaluated(run, asksByName ? { ...values, [FIELDS]: values } : values)),
  };
}

const RESULTS: ReadonlySet<string> = new Set([
  ...['string', 'int', 'double', 'bool', 'null', 'dyn', 'google.protobuf.Timestamp', 'timestamp'],
]);
const ONE_VALUE = 'It has to give a text, a number, true or false, or a time stamp.';

function compiled(expression: string): ParseResult {
  try {
    return environment.parse(expression);
  } catch (error) {
    throw mistake(error);
  }
}

function evaluated(run: ParseResult, values: Record<string, unknown>): unknown {
  try {
    return run(values);
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    if (!(error instanceof EvaluationError)) throw error;
    if (error.cause instanceof ExpressionError) throw error.cause;
    // the library's own text can show a value; its code names the kind of mistake alone
    const reason = OVERLOADS.has(error.code) ? WRONG_TYPE : error.code.replaceAll('_', ' ');
    throw new ExpressionError(`${reason}${placeOf(error)}`);
  }
}

const OVERLOADS: ReadonlySet<string> = new Set(['no_such_overload', 'no_matching_overload']);
const WRONG_TYPE = 'a field is blank, or of another type than is needed';

/** The library's errors become ours; any other is a bug and passes through. */
function mistake(error: unknown): unknown {
  if (error instanceof ParseError || error instanceof EvaluationError || error instanceof TypeCheckError) {
    return new ExpressionError(`${inSigns(error.summary)}${placeOf(error)}`);
  }
  return error;
}

/** What the library calls by names of its own, as people write it. */
const SIGNS: Record<string, string> = {
  EOF: 'the end',
  LPAREN: '(',
  RPAREN: ')',
  LBRACKET: '[',
  RBRACKET: ']',
  LBRACE: '{',
  RBRACE: '}',
  DOT: 'a dot',
  COMMA: 'a comma',
  COLON: 'a colon',
  QUESTION: '?',
  NUMBER: 'a number',
  STRING: 'a text',
  IDENTIFIER: 'a name',
  PLUS: '+',
  MINUS: '-',
  MULTIPLY: '*',
  DIVIDE: '/',
  MODULO: '%',
  EQ: '==',
  NE: '!=',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  AND: '&&',
  OR: '||',
  NOT: '!',
};
const inSigns = (text: string): string => text.replaceAll(/\b[A-Z]+\b/g, (name) => SIGNS[name] ?? name);

const placeOf = ({ range }: { range?: { start: number } }): string =>
  range === undefined ? '' : ` at character ${range.start + 1}`;

/** A node of the library's syntax tree. */
interface Node {
  op: string;
  args: unknown;
  start: number;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** Visits all nodes; of `fields.name` the outer one alone, which tells what is meant. */
function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const part of value) walk(part, visit);
  } else if (isNode(value)) {
    visit(value);
    if (fieldByName(value) === null) walk(value.args, visit);
  }
}

/** The name in `fields.name` or `fields["name"]`; null for every other node. */
function fieldByName({ op, args }: Node): string | null {
  if ((op !== '.' && op !== '[]') || !Array.isArray(args)) return null;
  const [of, name]: unknown[] = args;
  if (!isNode(of) || of.op !== 'id' || of.args !== FIELDS) return null;
  const text = isNode(name) && name.op === 'value' ? name.args : name;
  return typeof text === 'string' ? text : null;
}

/** @returns the source fields that a node itself names. @throws ExpressionError for what is no field, and no function that is offered */
function namesIn(node: Node, fieldNames: ReadonlySet<string>): string[] {
  const place = ` at character ${node.start + 1}`;
  if ((node.op === 'call' || node.op === 'rcall') && Array.isArray(node.args)) {
    const name = String(node.args[0]);
    if (!FUNCTIONS.has(name)) throw new ExpressionError(`There is no function ${name}${place}.`);
    if (node.op === 'call' && BEHIND_A_VALUE.includes(name))
      throw new ExpressionError(`${name} stands behind a value, as in lastName.${name}(…)${place}.`);
    return [];
  }
  const name = node.op === 'id' ? String(node.args) : fieldByName(node);
  if (name === null) return [];
  if (node.op === 'id' && environment.hasVariable(name)) {
    throw new ExpressionError(
      `${name} means something else in expressions; write ${FIELDS}.${name} for the field${place}.`,
    );
  }
  if (!fieldNames.has(name)) throw new ExpressionError(`The source has no field ${name}${place}.`);
  return [name];
}

function toValue(result: unknown): Value {
  if (result === null) return null;
  switch (typeof result) {
    case 'string':
      if (result.length > LONGEST_TEXT) throw tooLong();
      // `substring` counts UTF-16 units
      if (!result.isWellFormed()) throw new ExpressionError('the result ends in the middle of a letter');
      return result;
    case 'boolean':
      return result;
    case 'bigint':
      return Number.isSafeInteger(Number(result)) ? Number(result) : String(result);
    case 'number':
      if (!Number.isFinite(result)) throw new ExpressionError('the result is not a finite number');
      return result;
    default:
      if (result instanceof Date && !Number.isNaN(result.getTime())) return result.toISOString();
      throw new ExpressionError(ONE_VALUE);
  }
}
