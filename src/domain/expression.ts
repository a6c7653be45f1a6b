import { Environment } from '@marcbachmann/cel-js';
import type { Value } from './object-description';

/** An expression that was checked and compiled; evaluated per record. */
export interface CompiledExpression {
  /** Names of the source fields that it uses. */
  fields: string[];
  /** @throws ExpressionError when it cannot be evaluated for these values */
  evaluate(values: Record<string, Value>): Value;
}

/** An expression that cannot be compiled, or not be evaluated for a record. The message names no value. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Longest text that an expression may make. */
const LONGEST_RESULT = 200_000;

const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 20 };

const environment = new Environment({ unlistedVariablesAreDyn: true, limits: LIMITS })
  .registerFunction('upper(string): string', (text: string) => text.toUpperCase())
  .registerFunction('lower(string): string', (text: string) => text.toLowerCase())
  .registerFunction('text(dyn): string', (value: unknown) => (value === null ? '' : String(value)))
  .registerFunction('coalesce(dyn, dyn): dyn', (value: unknown, other: unknown) => value ?? other);

/**
 * Compiles an expression of the Common Expression Language over the source's fields. A field without a value is null;
 * `text(field)` makes it an empty text, `coalesce(field, 'x')` gives another value instead.
 * @param fieldNames the fields that may be used; other names are refused
 * @throws ExpressionError with the reason and the place
 */
export function compileExpression(expression: string, fieldNames: ReadonlySet<string>): CompiledExpression {
  const run = explained(() => environment.parse(expression));
  const fields = [...identifiersOf(run.ast)].filter((name) => fieldNames.has(name));
  const unknown = [...identifiersOf(run.ast)].filter((name) => !fieldNames.has(name));
  if (unknown.length > 0) throw new ExpressionError(`The source has no field ${unknown.join(', ')}.`);
  return {
    fields,
    evaluate(values) {
      const result: unknown = explained(() => run(values));
      return toValue(result);
    },
  };
}

/** Names that an expression reads, without those that its macros bind (`items.map(i, …)`). */
function identifiersOf(ast: unknown, bound: ReadonlySet<string> = new Set()): Set<string> {
  const names = new Set<string>();
  const visit = (node: unknown, inner: ReadonlySet<string>): void => {
    if (Array.isArray(node)) {
      for (const part of node) visit(part, inner);
      return;
    }
    if (!isNode(node)) return;
    if (node.op === 'id') {
      if (typeof node.args === 'string' && !inner.has(node.args)) names.add(node.args);
    } else if (node.op === 'rcall' && Array.isArray(node.args)) {
      const [method, receiver, parameters] = node.args as [string, unknown, unknown[]]; // shape of the library's syntax tree
      const [variable] = parameters;
      const binds = MACROS.has(method) && isNode(variable) && typeof variable.args === 'string';
      visit(receiver, inner);
      visit(parameters, binds ? new Set([...inner, String(variable.args)]) : inner);
    } else visit(node.args, inner);
  };
  visit(ast, bound);
  return names;
}

const MACROS: ReadonlySet<string> = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

const isNode = (value: unknown): value is { op: string; args: unknown } =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

function explained<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    // the library's message shows the expression and the place, never a value of the record
    throw new ExpressionError(error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error));
  }
}

function toValue(result: unknown): Value {
  if (result === null || result === undefined) return null;
  if (typeof result === 'bigint') return Number(result);
  if (typeof result === 'string') {
    if (result.length > LONGEST_RESULT) throw new ExpressionError('The expression makes too long a text.');
    return result;
  }
  if (typeof result === 'number' || typeof result === 'boolean') return result;
  throw new ExpressionError('The expression gives neither text, number nor boolean.');
}
