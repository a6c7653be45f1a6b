import { parseQuery } from '@jetstreamapp/soql-parser-js';
import { compileFilter } from '../../src/connectors/salesforce/soql-filter';
import { likeLiteral, textLiteral } from '../../src/connectors/salesforce/soql-literal';
import type { Filter } from '../../src/domain/definition';
import fc from '../support/fast-check';
import { contactDescription } from '../support/salesforce-description';

const context = { object: contactDescription, asOf: '2026-03-31T10:20:30.000Z', timeZone: 'Asia/Kolkata' };
const compiled = (filter: Filter) => compileFilter(filter, context);
const clause = (column: string, operator: string, value?: unknown) =>
  compiled({ column, operator, value } as Filter).clauses.join(' AND ');

describe('a condition becomes SOQL that means the same', () => {
  test.each([
    ['Email', 'equals', "o'neil@example.com", "Email = 'o\\'neil@example.com'"],
    ['Email', 'equals', null, 'Email = null'],
    ['Email', 'equals', '', 'Email = null'],
    ['Email', 'notEquals', 'a@example.com', "(Email != 'a@example.com' OR Email = null)"],
    ['Email', 'notEquals', null, 'Email != null'],
    ['LeadSource', 'in', ['Web', 'Other'], "LeadSource IN ('Web', 'Other')"],
    ['LeadSource', 'in', ['Web'], "LeadSource = 'Web'"],
    ['LeadSource', 'in', ['Web', 'Other', null], "(LeadSource IN ('Web', 'Other') OR LeadSource = null)"],
    ['LeadSource', 'in', [null], 'LeadSource = null'],
    ['LeadSource', 'in', [], 'Id = null'],
    ['LeadSource', 'notIn', ['Web', 'Other'], "(LeadSource NOT IN ('Web', 'Other') OR LeadSource = null)"],
    ['LeadSource', 'notIn', ['Web', null], "((LeadSource != 'Web' OR LeadSource = null) AND LeadSource != null)"],
    ['LastName', 'isEmpty', undefined, 'LastName = null'],
    ['LastName', 'isNotEmpty', undefined, 'LastName != null'],
    ['LastName', 'contains', '100% Juice_', "LastName LIKE '%100\\% Juice\\_%'"],
    ['LastName', 'notContains', 'x', "((NOT LastName LIKE '%x%') OR LastName = null)"],
    ['LastName', 'startsWith', 'Edge\\', "LastName LIKE 'Edge\\\\%'"],
    ['LastName', 'endsWith', '_Co', "LastName LIKE '%\\_Co'"],
    ['Amount__c', 'equals', 12.5, 'Amount__c = 12.5'],
    ['Amount__c', 'lessThan', 5, '(Amount__c < 5 AND Amount__c != null)'],
    ['Count__c', 'between', [1, 9], '(Count__c >= 1 AND Count__c <= 9)'],
    ['DoNotCall', 'equals', true, 'DoNotCall = TRUE'],
    ['DoNotCall', 'notEquals', true, 'DoNotCall != TRUE'],
    ['DoNotCall', 'in', [true, false], '(DoNotCall = TRUE OR DoNotCall = FALSE)'],
    ['DoNotCall', 'isEmpty', undefined, 'Id = null'],
    ['DoNotCall', 'isNotEmpty', undefined, 'Id != null'],
    ['AccountId', 'equals', '0012A00001abcDE', "AccountId = '0012A00001abcDEQAY'"],
    ['AccountId', 'equals', 'no id', 'Id = null'],
    ['AccountId', 'notEquals', 'no id', 'Id != null'],
    ['AccountId', 'in', ['0012A00001abcDE', 'no id'], "AccountId = '0012A00001abcDEQAY'"],
    ['Code__c', 'equals', 'Ab', "Code__c = 'Ab'"],
    ['Joined__c', 'equals', '2026-03-01', 'Joined__c = 2026-03-01'],
    ['Joined__c', 'between', ['2026-03-01', '2026-03-31'], '(Joined__c >= 2026-03-01 AND Joined__c <= 2026-03-31)'],
    ['Joined__c', 'inLast', { amount: 7, unit: 'day' }, '(Joined__c >= 2026-03-24 AND Joined__c <= 2026-03-31)'],
    ['Joined__c', 'inNext', { amount: 1, unit: 'month' }, '(Joined__c >= 2026-03-31 AND Joined__c <= 2026-04-30)'],
    ['Birthdate', 'isEmpty', undefined, 'Birthdate = null'],
    ['Interests__c', 'includesAny', ['A', 'B'], "Interests__c INCLUDES ('A', 'B')"],
    ['Interests__c', 'includesAll', ['A', 'B'], "Interests__c INCLUDES ('A;B')"],
  ])('%s %s %j', (column, operator, value, expected) => {
    expect(clause(column, operator, value)).toBe(expected);
    expect(compiled({ column, operator, value } as Filter).local).toBeNull();
  });

  test.each([
    ['equals', '2026-03-01', '(Go_Live__c >= 2026-02-28T18:30:00Z AND Go_Live__c < 2026-03-01T18:30:00Z)'],
    [
      'between',
      ['2026-02-28', '2026-03-01'],
      '(Go_Live__c >= 2026-02-27T18:30:00Z AND Go_Live__c < 2026-03-01T18:30:00Z)',
    ],
    ['lessThan', '2026-03-01', '(Go_Live__c < 2026-02-28T18:30:00Z AND Go_Live__c != null)'],
    ['lessOrEqual', '2026-03-01', '(Go_Live__c < 2026-03-01T18:30:00Z AND Go_Live__c != null)'],
    ['greaterThan', '2026-03-01', '(Go_Live__c >= 2026-03-01T18:30:00Z AND Go_Live__c != null)'],
    ['greaterOrEqual', '2026-03-01', '(Go_Live__c >= 2026-02-28T18:30:00Z AND Go_Live__c != null)'],
    ['greaterThan', '2026-03-01T10:00:00+02:00', '(Go_Live__c > 2026-03-01T08:00:00Z AND Go_Live__c != null)'],
    [
      'inLast',
      { amount: 2, unit: 'hour' },
      '(Go_Live__c >= 2026-03-31T08:20:30Z AND Go_Live__c <= 2026-03-31T10:20:30Z)',
    ],
    [
      'inLast',
      { amount: 30, unit: 'day' },
      '(Go_Live__c >= 2026-02-28T18:30:00Z AND Go_Live__c <= 2026-03-31T10:20:30Z)',
    ],
  ])('a day of a date-time field is that day in the zone of the sync: %s %j', (operator, value, expected) => {
    expect(clause('Go_Live__c', operator, value)).toBe(expected);
  });
});

describe('what SOQL says differently is left to Sync', () => {
  test.each<[string, Filter]>([
    ['a birthday, whose year SOQL ignores', { column: 'Birthdate', operator: 'equals', value: '1988-03-27' }],
    ['a long text, which SOQL cannot filter', { column: 'Description', operator: 'isEmpty' }],
    ['a part of a case-sensitive text', { column: 'Code__c', operator: 'contains', value: 'Ab' }],
    ['a letter without a simple capital', { column: 'LastName', operator: 'equals', value: 'Groß' }],
    ['outer blanks', { column: 'LastName', operator: 'equals', value: 'Holt ' }],
    ['half a surrogate pair', { column: 'LastName', operator: 'contains', value: '\ud83d' }],
    ['a literal that is too long', { column: 'LastName', operator: 'equals', value: 'x'.repeat(4_001) }],
    ['a number that no field can hold', { column: 'Amount__c', operator: 'equals', value: 1e21 }],
    ['a multi-picklist as a whole', { column: 'Interests__c', operator: 'equals', value: 'A;B' }],
    ['a time', { column: 'Opens__c', operator: 'equals', value: '09:30:00.000' }],
    ['a wall-clock time without a zone', { column: 'Go_Live__c', operator: 'lessThan', value: '2026-03-01T10:00:00' }],
    ['a part of an Id', { column: 'AccountId', operator: 'startsWith', value: '001' }],
    ['an order of texts', { column: 'LastName', operator: 'lessThan', value: 'M' }],
  ])('%s', (_why, filter) => {
    expect(compiled(filter)).toEqual({ pushed: null, local: filter, clauses: [] });
  });

  test('when an instant lies within a second, whole seconds are asked for and Sync checks again', () => {
    const filter: Filter = { column: 'Go_Live__c', operator: 'greaterThan', value: '2026-03-01T10:00:00.500Z' };

    expect(compiled(filter)).toEqual({
      pushed: { column: 'Go_Live__c', operator: 'greaterOrEqual', value: '2026-03-01T10:00:00.000Z' },
      local: filter,
      clauses: ['(Go_Live__c >= 2026-03-01T10:00:00Z AND Go_Live__c != null)'],
    });
  });

  test('when a run starts within a second, its relative conditions are checked again', () => {
    const filter: Filter = { column: 'Go_Live__c', operator: 'inLast', value: { amount: 1, unit: 'hour' } };

    const { clauses, local } = compileFilter(filter, { ...context, asOf: '2026-03-31T10:20:30.400Z' });

    expect(clauses).toEqual(['(Go_Live__c >= 2026-03-31T09:20:30Z AND Go_Live__c <= 2026-03-31T10:20:31Z)']);
    expect(local).toEqual(filter);
  });

  test('an unknown column is an error that no repeat makes right', () => {
    expect(() => compiled({ column: 'Emial', operator: 'isEmpty' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_FIELD', advice: { retry: 'never' } }),
    );
  });
});

describe('groups', () => {
  const pushable: Filter = { column: 'LastName', operator: 'equals', value: 'Holt' };
  const local: Filter = { column: 'Birthdate', operator: 'equals', value: '1988-03-27' };

  test('of conditions joined by AND each is pushed by itself', () => {
    expect(compiled({ all: [pushable, { all: [local, pushable] }] })).toEqual({
      pushed: { all: [pushable, pushable] },
      local,
      clauses: ["LastName = 'Holt'", "LastName = 'Holt'"],
    });
  });

  test('of conditions joined by OR all are pushed or none', () => {
    expect(compiled({ any: [pushable, local] })).toEqual({
      pushed: null,
      local: { any: [pushable, local] },
      clauses: [],
    });
    expect(compiled({ any: [pushable, { all: [pushable, pushable] }] }).clauses).toEqual([
      "(LastName = 'Holt' OR (LastName = 'Holt' AND LastName = 'Holt'))",
    ]);
  });

  test('NOT is carried to the conditions, so that blanks count as the definition says', () => {
    const filter: Filter = { not: { any: [{ column: 'Amount__c', operator: 'lessThan', value: 5 }, local] } };

    expect(compiled(filter)).toEqual({
      pushed: { not: { column: 'Amount__c', operator: 'lessThan', value: 5 } },
      local: { not: local },
      clauses: ['(Amount__c >= 5 OR Amount__c = null)'],
    });
  });

  test('an empty AND holds for all, an empty OR for none', () => {
    expect(compiled({ all: [] }).clauses).toEqual([]);
    expect(compiled({ any: [] }).clauses).toEqual(['Id = null']);
    expect(compiled({ any: [{ all: [] }] }).clauses).toEqual(['Id != null']);
  });

  test('a list that is too long for a query is left to Sync', () => {
    const value = Array.from({ length: 10_000 }, (_none, index) => `person${index}@example.com`);

    expect(compiled({ column: 'Email', operator: 'in', value }).pushed).toBeNull();
  });
});

describe('any value survives as the same literal', () => {
  const parsedCondition = (where: string) => {
    const query = parseQuery(`SELECT Id FROM Contact WHERE ${where}`);
    const condition = query.where?.left;
    if (!condition || !('value' in condition)) throw new Error('not one condition');
    return condition;
  };
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
  const hostile = fc.oneof(
    text,
    fc.string({
      unit: fc.constantFrom("'", '\\', '%', '_', '\n', '\r', '\t', '"', ')', ' OR ', 'a'),
      minLength: 1,
      maxLength: 30,
    }),
  );

  test('a text stays one literal, and unescaping gives it back (ASVS 1.1.2, 1.2.4)', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const condition = parsedCondition(`LastName = ${textLiteral(value)}`);

        expect(condition.literalType).toBe('STRING');
        expect(unescaped(String(condition.value))).toBe(value);
      }),
    );
  });

  test('a pattern keeps what was typed: no wildcard but our own (ASVS 1.2.9)', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const condition = parsedCondition(`LastName LIKE ${likeLiteral('%', value, '%')}`);

        const pattern = /^'%(.*)%'$/s.exec(String(condition.value))?.[1] ?? '';
        expect(pattern.replace(/\\[\s\S]/g, '')).not.toMatch(/[%_']/);
        expect(unescaped(`'${pattern.replace(/\\([%_])/g, '$1')}'`)).toBe(value);
      }),
    );
  });

  /** The escape sequences of the SOQL and SOSL Reference, undone by a reader of our own. */
  function unescaped(literal: string): string {
    const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
    return literal
      .slice(1, -1)
      .replace(/\\(?:u([0-9a-f]{4})|([\s\S]))/g, (_all, code: string | undefined, letter: string) =>
        code ? String.fromCharCode(Number.parseInt(code, 16)) : (letters[letter] ?? letter),
      );
  }
});
