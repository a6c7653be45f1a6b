import type { ReadRequest } from '../../src/connectors/connector';
import { planOf, splitFilter } from '../../src/connectors/marketo/read-plan';
import type { Condition, Filter } from '../../src/domain/definition';
import { compileFilter } from '../../src/domain/filter';
import type { ObjectDescription, Values } from '../../src/domain/object-description';
import { describedField } from '../support/described';
import fc from '../support/fast-check';

const lead: ObjectDescription = {
  name: 'Lead',
  label: 'Lead',
  idOrder: 'number',
  idField: 'id',
  createdAtField: 'createdAt',
  updatedAtField: 'updatedAt',
  readableAsWhole: true,
  keyFields: ['email', 'id', 'code', 'partition', 'score'],
  defaultMatchField: 'email',
  fields: [
    describedField('id', 'id'),
    describedField('email', 'email'),
    describedField('code', 'text'),
    describedField('partition', 'reference'),
    describedField('score', 'integer'),
    describedField('country', 'text'),
    describedField('createdAt', 'datetime'),
    describedField('updatedAt', 'datetime'),
    describedField('staticListId', 'other'),
  ],
};
const opportunity: ObjectDescription = {
  ...lead,
  name: 'Opportunity',
  idOrder: 'bytes',
  idField: 'marketoGUID',
  readableAsWhole: false,
  keyFields: ['externalOpportunityId'],
};
const request = (filter: Filter | null, more: Partial<ReadRequest> = {}): ReadRequest => ({
  object: lead,
  fields: ['email'],
  filter,
  changedSince: null,
  asOf: '2026-08-15T12:00:00.000Z',
  timeZone: 'UTC',
  ...more,
});
const equals = (column: string, value: string | number): Condition => ({ column, operator: 'equals', value });
const isIn = (column: string, value: (string | number)[]): Condition => ({ column, operator: 'in', value });
const country = equals('country', 'AT');

describe('what is asked of Marketo', () => {
  test('without a filter, everybody is exported by the date of creation', () => {
    expect(planOf(request(null))).toEqual({
      plan: { by: 'windows', field: 'createdAt', fromMs: null, toMs: Date.parse('2026-08-15T12:00:00Z') },
      pushed: [],
      local: null,
    });
  });

  test('the key with the fewest values is asked for, the rest is left to Sync', () => {
    const codes = isIn('code', ['x', 'y']);
    const email = equals('email', 'ada@example.com');

    expect(planOf(request({ all: [codes, { all: [email, country] }] }))).toEqual({
      plan: { by: 'keys', field: 'email', values: ['ada@example.com'] },
      pushed: [email],
      local: { all: [codes, country] },
    });
  });

  test('a key of text is compared again by Sync, since Marketo may compare without accents', () => {
    const code = equals('code', 'Zoë');

    expect(splitFilter(request(code))).toMatchObject({ pushed: code, local: code, apiCalls: 1 });
  });

  test.each([
    ['a key inside of "any"', { any: [equals('email', 'ada@example.com'), country] }],
    ['a key inside of "not"', { not: equals('email', 'ada@example.com') }],
    ['a value with a comma', equals('code', 'Smith, Jones Ltd')],
    ['one value of several with a comma', isIn('code', ['x', 'y, z'])],
    ['another operator', { column: 'email', operator: 'startsWith', value: 'ada' } as const],
    ['a field that cannot be selected by', country],
    [
      'more keys than an export costs',
      isIn(
        'email',
        Array.from({ length: 3_001 }, (_, index) => `${index}@example.com`),
      ),
    ],
  ])('%s is not asked for by key', (_what, filter) => {
    const { plan, pushed, local } = planOf(request(filter));

    expect(plan.by).toBe('windows');
    expect(pushed).toEqual([]);
    expect(local).toEqual(filter);
  });

  test('an id that is no number fits nobody, and is not asked for', () => {
    expect(planOf(request(isIn('id', ['x', '7', 8, ' 9 ']))).plan).toEqual({
      by: 'keys',
      field: 'id',
      values: ['7', '8', '9'],
    });
    expect(planOf(request(equals('id', 'x'))).plan).toEqual({ by: 'keys', field: 'id', values: [] });
  });

  test('a value that is written in another way than Marketo writes it is compared again by Sync', () => {
    for (const filter of [equals('id', '007'), equals('id', ' 7 '), isIn('email', [' ada@example.com'])]) {
      expect(planOf(request(filter))).toMatchObject({ plan: { by: 'keys' }, local: filter });
    }
  });

  test('where a field takes whole numbers, nothing else is asked for: Marketo refuses the whole query', () => {
    expect(planOf(request(isIn('partition', ['x', '1', '1.5', 2]))).plan).toEqual({
      by: 'keys',
      field: 'partition',
      values: ['1', '2'],
    });
    expect(planOf(request(equals('score', 1.5))).plan).toEqual({ by: 'keys', field: 'score', values: [] });
  });

  test('dates of creation narrow the export, and are evaluated again', () => {
    const after: Condition = { column: 'createdAt', operator: 'greaterOrEqual', value: '2026-08-01' };
    const before: Condition = { column: 'createdAt', operator: 'lessThan', value: '2026-08-03' };

    expect(planOf(request({ all: [after, before, country] }))).toEqual({
      plan: {
        by: 'windows',
        field: 'createdAt',
        fromMs: Date.parse('2026-08-01T00:00:00Z'),
        toMs: Date.parse('2026-08-02T23:59:59.999Z'),
      },
      pushed: [after, before],
      local: { all: [after, before, country] },
    });
  });

  test('a date of change narrows from below alone: a later change of another field moves a person out of an earlier window', () => {
    const between: Condition = { column: 'updatedAt', operator: 'between', value: ['2026-08-01', '2026-08-03'] };

    expect(planOf(request(between))).toEqual({
      plan: {
        by: 'windows',
        field: 'updatedAt',
        fromMs: Date.parse('2026-08-01T00:00:00Z'),
        toMs: Date.parse('2026-08-15T12:00:00Z'),
      },
      pushed: [between],
      local: between,
    });
  });

  test('the narrower of both dates is taken', () => {
    const created: Condition = { column: 'createdAt', operator: 'greaterThan', value: '2026-08-10T00:00:00Z' };
    const updated: Condition = { column: 'updatedAt', operator: 'greaterThan', value: '2026-08-01T00:00:00Z' };

    expect(planOf(request({ all: [created, updated] })).plan).toMatchObject({ by: 'windows', field: 'createdAt' });
  });

  test('changed records are exported by the date of their change', () => {
    expect(planOf(request(country, { changedSince: '2026-08-14T00:00:00.000Z' }))).toMatchObject({
      plan: { by: 'windows', field: 'updatedAt', fromMs: Date.parse('2026-08-14T00:00:00Z') },
      local: country,
    });
  });

  test.each([1001, '1001'])('the members of the static list %j are exported', (id) => {
    expect(planOf(request({ all: [equals('staticListId', id), country] }))).toEqual({
      plan: { by: 'lists', listIds: [1001] },
      pushed: [equals('staticListId', id)],
      local: country,
    });
  });

  test.each([
    { any: [equals('staticListId', 1), country] },
    { not: equals('staticListId', 1) },
    { all: [equals('staticListId', 1), equals('staticListId', 2)] },
    { column: 'staticListId', operator: 'isNotEmpty' as const },
    equals('staticListId', 'My list'),
  ])('a filter by lists that Marketo cannot evaluate is refused: %j', (filter) => {
    expect(() => planOf(request(filter))).toThrow(
      expect.objectContaining({ code: 'FILTER_NOT_POSSIBLE', advice: { retry: 'never' } }),
    );
  });

  test('an object that is listed by keys alone needs a filter on one, of any length', () => {
    const many = isIn(
      'externalOpportunityId',
      Array.from({ length: 9_000 }, (_, index) => `O-${index}`),
    );

    expect(planOf(request(many, { object: opportunity })).plan).toMatchObject({ by: 'keys' });
    expect(() => planOf(request(country, { object: opportunity }))).toThrow(
      expect.objectContaining({ code: 'NEEDS_KEY_FILTER', message: expect.stringContaining('externalOpportunityId') }),
    );
  });

  test('companies are walked by their ids', () => {
    expect(
      planOf(request(country, { object: { ...lead, name: 'Company', keyFields: ['externalCompanyId'] } })),
    ).toEqual({
      plan: { by: 'ids' },
      pushed: [],
      local: country,
    });
  });
});

test('whatever the filter, what Marketo and Sync evaluate together selects what the filter selects', () => {
  const values = fc.constantFrom('a@example.com', 'b@example.com', 'c, d');
  const leaf: fc.Arbitrary<Filter> = fc.oneof(
    values.map((value) => equals('email', value)),
    fc.array(values, { minLength: 1, maxLength: 3 }).map((list) => isIn('email', list)),
    fc.constantFrom('AT', 'DE').map((value) => equals('country', value)),
    fc
      .constantFrom('2026-08-01', '2026-08-02T10:00:00Z')
      .map((value) => ({ column: 'createdAt', operator: 'lessThan' as const, value })),
  );
  const filters = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('filter'), { maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('filter'), { maxLength: 3 }).map((any) => ({ any })),
      tie('filter').map((not) => ({ not })),
    ),
  })).filter;
  const records: fc.Arbitrary<Values> = fc.record({
    email: fc.oneof(values, fc.constant(null)),
    country: fc.constantFrom('AT', 'DE', null),
    createdAt: fc.constantFrom('2026-07-31T23:59:59.000Z', '2026-08-01T00:00:00.000Z', '2026-08-02T10:00:00.000Z'),
  });
  const context = { asOf: '2026-08-15T12:00:00.000Z', timeZone: 'UTC' };
  const holds = (filter: Filter | null, record: Values) => !filter || compileFilter(filter, lead, context)(record);

  fc.assert(
    fc.property(filters, records, (filter, record) => {
      const { pushed, local } = splitFilter(request(filter));

      expect(holds(pushed, record) && holds(local, record)).toBe(holds(filter, record));
    }),
    { numRuns: 1_000 },
  );
});

describe('the text for people', () => {
  test.each([
    [null, /bulk\/v1\/leads\/export\/create\.json.*"createdAt".*beginning of the instance.*31 days/],
    [equals('staticListId', 7), /"staticListId":7/],
    [
      equals('email', 'ada@example.com'),
      /rest\/v1\/leads\.json\?_method=GET.*filterType=email&filterValues=ada@example\.com/,
    ],
  ])('%j names the request', (filter, text) => {
    expect(splitFilter(request(filter)).query).toMatch(text);
  });

  test('many values are counted', () => {
    const filter = isIn(
      'email',
      Array.from({ length: 700 }, (_, index) => `${index}@example.com`),
    );

    expect(splitFilter(request(filter))).toMatchObject({ query: expect.stringContaining('(700 values)'), apiCalls: 3 });
  });
});
