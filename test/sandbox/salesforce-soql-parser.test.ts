import { ApiError } from '../../src/sandbox/salesforce/api-error';
import { parseSoql } from '../../src/sandbox/salesforce/soql/parser';
import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';

const refusal = (soql: string): ApiError => {
  try {
    parseSoql(soql);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error(`${soql} was not refused.`);
};

test('a query is read with its paths, conditions, order and limit', () => {
  const query = parseSoql(
    "select Id, Account.Name from Contact where (Email in ('a@b.example', 'c') or Phone = null) and Score__c >= 1.5 order by Name desc nulls last limit 10",
  );

  expect(query.select).toMatchObject([{ path: { parts: ['Id'] } }, { path: { parts: ['Account', 'Name'] } }]);
  expect(query.where).toMatchObject({
    kind: 'and',
    items: [
      { kind: 'and', items: [{ kind: 'or' }] },
      { kind: 'compare', operator: '>=' },
    ],
  });
  expect(query).toMatchObject({ from: { name: 'Contact' }, limit: 10, isCount: false });
});

test.each([
  ["SELECT Id FROM Contact WHERE A = 'x' AND B = 'y' OR C = 'z'", 'unexpected token'],
  ['SELECT Id FROM Contact WHERE A = 1 AND NOT (B = 2)', 'unexpected token'],
  ['SELECT FROM Contact', 'unexpected token'],
  ["SELECT Id FROM Contact WHERE A = 'open", ''],
])('%s is malformed, and the place is shown', (soql, text) => {
  const error = refusal(soql);

  expect(error).toMatchObject({ status: 400, errorCode: 'MALFORMED_QUERY' });
  expect(error.message).toContain(text);
});

test('whatever text comes, it is a query or is refused in the vendor’s way', () => {
  const word = fc.constantFrom(
    'SELECT',
    'Id',
    'FROM',
    'Contact',
    'WHERE',
    '=',
    "'x'",
    '(',
    ')',
    'AND',
    'NOT',
    'IN',
    ',',
    'LIMIT',
    '1',
    'null',
    '.',
    '\\',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word, { maxLength: 15 }).map((words) => words.join(' ')),
      ),
      (soql) => {
        try {
          parseSoql(soql);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      },
    ),
    propertyRuns(500),
  );
});
