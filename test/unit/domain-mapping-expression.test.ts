import { compileExpression, ExpressionError } from '../../src/domain/mapping-expression';
import type { Value } from '../../src/domain/object-description';
import fc from '../support/fast-check';

const FIELDS = new Set(['firstName', 'lastName', 'score', 'rate', 'type', 'in', 'is new', 'createdAt', 'active']);

const evaluate = (expression: string, values: Record<string, Value> = {}): Value =>
  compileExpression(expression, FIELDS).evaluate({
    ...Object.fromEntries([...FIELDS].map((name) => [name, null])),
    ...values,
  });

describe('an expression', () => {
  test.each<[string, Record<string, Value>, Value]>([
    ['firstName + " " + lastName', { firstName: 'Mia', lastName: 'Holt' }, 'Mia Holt'],
    ['firstName.trim() + "."', { firstName: '\u00a0Mia ' }, 'Mia.'],
    ['upper(lastName)', { lastName: 'strauß' }, 'STRAUSS'],
    ['lastName.lower()', { lastName: 'HOLT' }, 'holt'],
    ['lastName.left(2) + lastName.right(1)', { lastName: '\u{1F600}bcd' }, '\u{1F600}bd'],
    ['lastName.replace("o", "0")', { lastName: 'Holloo' }, 'H0ll00'],
    ['score > 50 ? "hot" : "cold"', { score: 51 }, 'hot'],
    ['score + 1', { score: 41 }, 42],
    ['rate * 2', { rate: 0.25 }, 0.5],
    ['score / 2', { score: 5 }, 2.5],
    ['text(score)', { score: 1e21 }, '1000000000000000000000'],
    ['text(timestamp(createdAt))', { createdAt: '2026-03-01T09:30:00Z' }, '2026-03-01T09:30:00.000Z'],
    ['coalesce(firstName, lastName)', { firstName: ' ', lastName: 'Holt' }, 'Holt'],
    ['isBlank(firstName)', { firstName: '\u3000' }, true],
    ['lastName in ["Holt", "Hart"]', { lastName: 'Hart' }, true],
    ['lastName.contains("ol") && lastName.startsWith("H")', { lastName: 'Holt' }, true],
    ['timestamp(createdAt).getFullYear()', { createdAt: '2026-03-01T09:30:00.000Z' }, 2026],
    ['timestamp(createdAt) + duration("24h")', { createdAt: '2026-03-01T09:30:00.000Z' }, '2026-03-02T09:30:00.000Z'],
    ['active', { active: false }, false],
    ['null', {}, null],
    ['9007199254740993', {}, '9007199254740993'],
  ])('%s with %j gives %j', (expression, values, expected) => {
    expect(evaluate(expression, values)).toBe(expected);
  });

  test('takes a blank as nothing where texts are joined or changed', () => {
    expect(
      evaluate('firstName + " " + lastName.upper() + trim(firstName) + lastName.left(3)', { firstName: 'Mia' }),
    ).toBe('Mia Mia');
    expect(evaluate('"<" + text(firstName) + ">"')).toBe('<>');
    expect(evaluate('lastName.replace("a", "b")')).toBe('');
  });

  test('names a field whose name means something else by way of `fields`', () => {
    expect(evaluate('fields.type + fields["in"] + fields["is new"]', { type: 'a', in: 'b', 'is new': 'c' })).toBe(
      'abc',
    );
    expect(() => compileExpression('type', FIELDS)).toThrow('write fields.type for the field at character 1');
  });

  test('tells which fields it uses, each once', () => {
    expect(compileExpression('lastName + fields["is new"] + lastName + text(score)', FIELDS).fields.sort()).toEqual([
      'is new',
      'lastName',
      'score',
    ]);
  });
});

describe('a mistake', () => {
  test.each([
    ['firstNam + "x"', 'The source has no field firstNam at character 1.'],
    ['fields.gone', 'The source has no field gone at character'],
    ['"a" + upperr(lastName)', 'There is no function upperr at character 7.'],
    ['lastName.foo()', 'There is no function foo'],
    ['left(lastName, 40)', 'left stands behind a value, as in lastName.left(…) at character 1.'],
    ['firstName +', 'at character'],
    ['[firstName lastName]', 'Expected ], got a name at character 12'],
    ['1 + "a"', 'at character'],
    ['[1, 2]', 'It has to give a text, a number, true or false, or a time stamp.'],
    ['{"a": 1}', 'It has to give a text, a number, true or false, or a time stamp.'],
  ])('%s is told when it is compiled: %s', (expression, message) => {
    expect(() => compileExpression(expression, FIELDS)).toThrow(ExpressionError);
    expect(() => compileExpression(expression, FIELDS)).toThrow(message);
  });

  test.each([
    ['lastName.left(1 / 0)', {}],
    ['score / 0', { score: 1 }],
    ['score + lastName', { score: 1, lastName: 'Xq7z' }],
    ['int(lastName)', { lastName: 'Xq7z' }],
    ['timestamp(lastName)', { lastName: 'Xq7z' }],
    ['score > 1', { score: 'Xq7z' }],
    ['lastName.substring(0, 1)', { lastName: '\u{1F600}' }],
  ])('%s with %j fails the record, and shows no value', (expression, values) => {
    const evaluating = () => evaluate(expression, values);

    expect(evaluating).toThrow(ExpressionError);
    expect(evaluating).not.toThrow('Xq7z');
  });

  test.each([
    '[1, 2].map(x, x * 2)',
    '[1, 2].all(x, x > 0)',
    'lastName.matches("(a+)+$")',
    'lastName.split("")',
    'cel.bind(a, "x", a + a)',
  ])('what could keep a worker busy is not offered: %s (ASVS 1.3.12)', (expression) => {
    expect(() => compileExpression(expression, FIELDS)).toThrow(ExpressionError);
  });

  test('a text that grows without end is stopped', () => {
    const tenfold = Array.from({ length: 10 }, () => 'lastName').join(' + ');

    expect(() => evaluate(tenfold, { lastName: 'x'.repeat(30_000) })).toThrow('more than 200000 characters');
    expect(() => evaluate('lastName.replace("x", "0123456789")', { lastName: 'x'.repeat(30_000) })).toThrow(
      'more than 200000 characters',
    );
  });

  test('a very long or deep expression is refused instead of evaluated', () => {
    expect(() => compileExpression(Array.from({ length: 400 }, () => '1').join('+'), FIELDS)).toThrow(ExpressionError);
    expect(() => compileExpression(`${'('.repeat(200)}1${')'.repeat(200)}`, FIELDS)).toThrow(ExpressionError);
  });
});

test('whatever is written and whatever the record holds: a value, or an error of its own kind, soon (ASVS 1.3.2, 1.3.5)', () => {
  const token = fc.constantFrom(
    ...[
      'firstName',
      'score',
      'fields',
      '"a"',
      '1',
      '2.5',
      'null',
      'true',
      '+',
      '-',
      '*',
      '/',
      '%',
      '==',
      '<',
      'in',
      '&&',
      '!',
    ],
    ...[
      '?',
      ':',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '.',
      ',',
      'size',
      'upper',
      'coalesce',
      'timestamp',
      'duration',
      'text',
      ' ',
    ],
  );
  const value: fc.Arbitrary<Value> = fc.oneof(fc.constant(null), fc.string(), fc.double({ noNaN: true }), fc.boolean());
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), value, value, (tokens, firstName, score) => {
      const before = process.cpuUsage();
      try {
        const result = evaluate(tokens.join(''), { firstName, score });
        expect(['string', 'number', 'boolean', 'object']).toContain(typeof result);
        if (typeof result === 'number') expect(Number.isFinite(result)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
      }
      // the processor's work, in microseconds, whatever else the machine does
      expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
    }),
    { numRuns: 2_000 },
  );
});
