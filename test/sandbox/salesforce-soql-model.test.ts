import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';
import { startTestOrg, type TestOrg } from './salesforce-org';

/**
 * Random records and random conditions: what the sandbox finds is judged by the small model below, which knows the rules
 * of SOQL from the documents alone, and keeps them in another way: as functions of one record.
 */
const TODAY = '2026-03-11';
const DAY_MS = 86_400_000;
const LIKES = ['Tea', 'Beer', 'Wine'];
const WORDS = ['alpha', 'Alpha', 'beta', 'Beta max', 'b_ta', 'a%a', "o'x", 'back\\slash', 'z'];
const NUMBERS = [-2.5, 0, 1, 1.25, 10, 99.99];
const DAYS = ['2025-12-31', '2026-01-01', '2026-03-04', '2026-03-10', TODAY, '2026-03-12', '2026-04-01', '2027-01-01'];
const RECORDS = 120;

interface Person {
  Ext__c: string;
  Title: string | null;
  Number__c: number | null;
  DoNotCall: boolean;
  Birthdate: string | null;
  Likes__c: string[];
  Account: { Industry: string | null } | null;
}
interface Rule {
  soql: string;
  holds(person: Person): boolean;
}

let org: TestOrg;
let people: Person[];
beforeAll(async () => {
  org = await startTestOrg({ startAt: Date.parse(`${TODAY}T12:00:00Z`) });
  const { vendor } = org.sandbox.salesforce;
  vendor.org.declareField('Contact', { name: 'Ext__c', type: 'string', length: 20, externalId: true, unique: true });
  vendor.org.declareField('Contact', { name: 'Number__c', type: 'double', precision: 6, scale: 2 });
  vendor.org.declareField('Contact', { name: 'Likes__c', type: 'multipicklist', picklist: LIKES });
  const accounts = new Map<string | null, string>();
  for (const Industry of ['Energy', 'Media', null])
    accounts.set(Industry, await org.create('Account', { Name: 'A', Industry }));
  people = fc
    .sample(personArbitrary, { numRuns: RECORDS, seed: 7 })
    .map((person, index) => ({ ...person, Ext__c: `P${String(index).padStart(3, '0')}` }));
  const records = people.map(({ Account, Likes__c, ...values }) => ({
    attributes: { type: 'Contact' },
    LastName: 'Lee',
    ...values,
    Likes__c: Likes__c.join(';'),
    AccountId: Account && accounts.get(Account.Industry),
  }));
  const { body } = await org.call('POST', '/composite/sobjects', { records });
  expect(body.every(({ success }: { success: boolean }) => success)).toBe(true);
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const orNull = <T>(values: readonly T[]): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: fc.constant(null) });
const personArbitrary: fc.Arbitrary<Omit<Person, 'Ext__c'>> = fc.record({
  Title: orNull(WORDS),
  Number__c: orNull(NUMBERS),
  DoNotCall: fc.boolean(),
  Birthdate: orNull(DAYS),
  Likes__c: fc.subarray(LIKES),
  Account: fc.option(fc.record({ Industry: fc.constantFrom('Energy', 'Media', null) })),
});

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const SIGNS = ['<', '<=', '>', '>='] as const;
type Sign = (typeof SIGNS)[number];
function isOrdered<T>(a: T, sign: Sign, b: T): boolean {
  if (sign === '<') return a < b;
  if (sign === '<=') return a <= b;
  return sign === '>' ? a > b : a >= b;
}

const textRules: fc.Arbitrary<Rule> = fc.oneof(
  orNull(WORDS).map((word): Rule => {
    if (word === null) return { soql: 'Title = null', holds: ({ Title }) => Title === null };
    return { soql: `Title = ${quoted(word)}`, holds: ({ Title }) => Title !== null && sameText(Title, word) };
  }),
  orNull(WORDS).map((word): Rule => {
    if (word === null) return { soql: 'Title != null', holds: ({ Title }) => Title !== null };
    // what is blank differs from everything
    return { soql: `Title != ${quoted(word)}`, holds: ({ Title }) => Title === null || !sameText(Title, word) };
  }),
  fc.tuple(fc.constantFrom(...SIGNS), fc.constantFrom(...WORDS)).map(
    ([sign, word]): Rule => ({
      soql: `Title ${sign} ${quoted(word)}`,
      holds: ({ Title }) => Title !== null && isOrdered(Title.toLowerCase(), sign, word.toLowerCase()),
    }),
  ),
  fc.tuple(fc.subarray(WORDS, { minLength: 1 }), fc.boolean()).map(
    ([words, isNegated]): Rule => ({
      soql: `Title ${isNegated ? 'NOT IN' : 'IN'} (${words.map(quoted).join(', ')})`,
      holds: ({ Title }) => words.some((word) => Title !== null && sameText(Title, word)) !== isNegated,
    }),
  ),
  // the pattern in pieces: any run, one character, or text that stands for itself
  fc
    .array(fc.constantFrom('%', '_', 'a', 'B', 'ta', '\\%', '\\_', 'max'), { minLength: 1, maxLength: 4 })
    .map((pieces): Rule => {
      const pattern = pieces.map((piece) => (piece === '%' ? '.*' : piece === '_' ? '.' : piece.replace('\\', '')));
      const expression = new RegExp(`^${pattern.join('')}$`, 'is');
      return {
        soql: `Title LIKE '${pieces.join('')}'`,
        holds: ({ Title }) => Title !== null && expression.test(Title),
      };
    }),
);
const numberRules: fc.Arbitrary<Rule> = fc
  .tuple(fc.constantFrom('=', '!=', ...SIGNS), fc.constantFrom(...NUMBERS, 5))
  .map(([sign, number]) => ({
    soql: `Number__c ${sign} ${number}`,
    holds: ({ Number__c: own }) => {
      if (sign === '=') return own === number;
      if (sign === '!=') return own !== number;
      return own !== null && isOrdered(own, sign, number);
    },
  }));
const booleanRules: fc.Arbitrary<Rule> = fc.tuple(fc.constantFrom('=', '!='), fc.boolean()).map(([sign, wanted]) => ({
  soql: `DoNotCall ${sign} ${wanted}`,
  holds: ({ DoNotCall }) => (DoNotCall === wanted) === (sign === '='),
}));

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
/** Date literals with their first and last day, counted by hand for Wednesday, 11 March 2026. */
const RANGES: Record<string, readonly [first: string, last: string]> = {
  TODAY: [TODAY, TODAY],
  YESTERDAY: ['2026-03-10', '2026-03-10'],
  'LAST_N_DAYS:7': ['2026-03-04', TODAY],
  'NEXT_N_DAYS:1': ['2026-03-12', '2026-03-12'],
  'N_DAYS_AGO:7': ['2026-03-04', '2026-03-04'],
  THIS_WEEK: ['2026-03-08', '2026-03-14'],
  LAST_WEEK: ['2026-03-01', '2026-03-07'],
  THIS_MONTH: ['2026-03-01', '2026-03-31'],
  'N_MONTHS_AGO:2': ['2026-01-01', '2026-01-31'],
  'LAST_N_MONTHS:2': ['2026-01-01', '2026-02-28'],
  THIS_QUARTER: ['2026-01-01', '2026-03-31'],
  NEXT_QUARTER: ['2026-04-01', '2026-06-30'],
  LAST_YEAR: ['2025-01-01', '2025-12-31'],
  NEXT_FISCAL_YEAR: ['2027-01-01', '2027-12-31'],
  LAST_90_DAYS: [dayAfter(TODAY, -90), TODAY],
};
const ranges = fc.constantFrom(
  ...Object.entries(RANGES),
  ...DAYS.map((day): [string, readonly [string, string]] => [day, [day, day]]),
);
const dateRules: fc.Arbitrary<Rule> = fc
  .tuple(fc.constantFrom('=', '!=', ...SIGNS), ranges)
  .map(([sign, [literal, [first, last]]]) => ({
    soql: `Birthdate ${sign} ${literal}`,
    holds: ({ Birthdate: own }) => {
      if (own === null) return sign === '!=';
      const isWithin = own >= first && own <= last;
      if (sign === '=' || sign === '!=') return isWithin === (sign === '=');
      return isOrdered(own, sign, sign === '<' || sign === '>=' ? first : last);
    },
  }));
const choiceRules: fc.Arbitrary<Rule> = fc.oneof(
  fc.tuple(fc.array(fc.subarray(LIKES, { minLength: 1 }), { minLength: 1, maxLength: 3 }), fc.boolean()).map(
    ([groups, isNegated]): Rule => ({
      soql: `Likes__c ${isNegated ? 'EXCLUDES' : 'INCLUDES'} (${groups.map((group) => quoted(group.join(';'))).join(', ')})`,
      holds: ({ Likes__c }) => groups.some((group) => group.every((one) => Likes__c.includes(one))) !== isNegated,
    }),
  ),
  fc.tuple(fc.shuffledSubarray(LIKES, { minLength: 1 }), fc.boolean()).map(([wanted, isNegated]): Rule => {
    const key = [...wanted].sort().join();
    return {
      soql: `Likes__c ${isNegated ? '!=' : '='} ${quoted(wanted.join(';'))}`,
      holds: ({ Likes__c }) => ([...Likes__c].sort().join() === key) !== isNegated,
    };
  }),
);
const parentRules: fc.Arbitrary<Rule> = fc
  .tuple(fc.constantFrom('=', '!='), fc.constantFrom('energy', 'Media', null))
  .map(([sign, industry]) => ({
    soql: `Account.Industry ${sign} ${industry === null ? 'null' : quoted(industry)}`,
    holds: ({ Account }) => {
      const own = Account?.Industry?.toLowerCase() ?? null;
      return (own === (industry?.toLowerCase() ?? null)) === (sign === '=');
    },
  }));

const { rule: rules } = fc.letrec<{ rule: Rule; joined: Rule; negated: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 5, arbitrary: fc.oneof(textRules, numberRules, booleanRules, dateRules, choiceRules, parentRules) },
    { weight: 3, arbitrary: tie('joined') },
    { weight: 1, arbitrary: tie('negated') },
  ),
  joined: fc.tuple(fc.constantFrom('AND', 'OR'), fc.array(tie('rule'), { minLength: 2, maxLength: 3 })).map(
    ([joint, parts]): Rule => ({
      soql: parts.map(({ soql }) => `(${soql})`).join(` ${joint} `),
      holds: (person) =>
        joint === 'AND' ? parts.every(({ holds }) => holds(person)) : parts.some(({ holds }) => holds(person)),
    }),
  ),
  negated: tie('rule').map((rule): Rule => ({ soql: `NOT (${rule.soql})`, holds: (person) => !rule.holds(person) })),
}));

const keysOf = async (soql: string): Promise<unknown[]> => (await org.query(soql)).map(({ Ext__c }) => Ext__c);

test('a condition finds the records that the model finds', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(rules, async ({ soql, holds }) => {
      const wanted = people.filter(holds).map(({ Ext__c }) => Ext__c);
      found += wanted.length;
      expect(await keysOf(`SELECT Ext__c FROM Contact WHERE ${soql} ORDER BY Id`)).toEqual(wanted);
    }),
    propertyRuns(300),
  );
  expect(found).toBeGreaterThan(2_000);
}, 60_000);

test('an order is that of the model: nulls first or last, text without case, equals by their Ids', async () => {
  const keys = fc.tuple(fc.constantFrom('Title', 'Number__c', 'Birthdate', 'DoNotCall'), fc.boolean(), fc.boolean());
  const rank = (value: Person[keyof Person]) => (typeof value === 'string' ? value.toLowerCase() : Number(value));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(keys, { minLength: 1, maxLength: 3, selector: ([name]) => name }),
      fc.nat(100),
      fc.nat(RECORDS),
      async (order, offset, limit) => {
        const compare = (a: Person, b: Person): number => {
          for (const [name, isDescending, hasNullsLast] of order) {
            const [x, y] = [a[name as keyof Person], b[name as keyof Person]];
            if (x === null && y === null) continue;
            if (x === null || y === null) return (x === null) === hasNullsLast ? 1 : -1;
            if (rank(x) !== rank(y)) return rank(x) < rank(y) === isDescending ? 1 : -1;
          }
          return 0;
        };
        const sorted = [...people].sort(compare).map(({ Ext__c }) => Ext__c);
        const terms = order.map(
          ([name, isDescending, hasNullsLast]) =>
            `${name}${isDescending ? ' DESC' : ''}${hasNullsLast ? ' NULLS LAST' : ''}`,
        );
        const soql = `SELECT Ext__c FROM Contact ORDER BY ${terms.join(', ')} LIMIT ${limit} OFFSET ${offset}`;
        expect(await keysOf(soql)).toEqual(sorted.slice(offset, offset + limit));
      },
    ),
    propertyRuns(80),
  );
}, 60_000);
