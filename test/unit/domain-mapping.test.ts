import { InvalidDefinition, type Mapping, mapping as mappingSchema } from '../../src/domain/definition';
import {
  compileMappings,
  type LookupAnswer,
  type MappedRecord,
  type MappingDefinition,
} from '../../src/domain/mapping';
import type { Value } from '../../src/domain/object-description';
import { field, object } from '../support/described';
import fc from '../support/fast-check';

const SOURCE = object([
  field('email', { type: 'email' }),
  field('firstName'),
  field('lastName'),
  field('country'),
  field('company'),
  field('score', { type: 'integer', length: null }),
  field('interests', { type: 'multipicklist', length: null }),
  field('unsubscribed', { type: 'boolean', length: null }),
]);
const DESTINATION = object([
  field('Email', { type: 'email' }),
  field('LastName'),
  field('Country'),
  field('Code', { length: 2 }),
  field('Score', { type: 'integer', length: null }),
  field('Interests', { type: 'multipicklist', length: null }),
  field('Consent', { type: 'boolean', length: null }),
  field('AccountId', { type: 'reference', length: 18, referenceTo: ['Account'] }),
]);

const ACCOUNT = '0012A00001abcDEQAY';
const nobodyIsAsked = (): LookupAnswer => {
  throw new Error('nothing is to be looked up here');
};

const compile = (mappings: Record<string, unknown>[], more: Partial<MappingDefinition> = {}) =>
  compileMappings(
    { mappings: mappings.map((each): Mapping => mappingSchema.parse(each)), blankValues: 'keep', ...more },
    SOURCE,
    DESTINATION,
    { timeZone: 'UTC' },
  );

/** Maps a record of which the named values are known, and the rest is blank. */
function mapped(
  mappings: Record<string, unknown>[],
  values: Record<string, Value>,
  { resolve = nobodyIsAsked, ...more }: Partial<MappingDefinition> & { resolve?: () => LookupAnswer } = {},
): MappedRecord {
  const compiled = compile(mappings, more);
  return compiled.map(
    compiled.sourceFields.map((name) => values[name] ?? null),
    resolve,
  );
}

const from = (name: string, to: string, more: object = {}) => ({ from: { field: name }, to, ...more });

describe('what is read and written', () => {
  test('each source field is read once, those of expressions and of the match among them; each destination field is named once', () => {
    const { sourceFields, destinationFields } = compile(
      [
        from('lastName', 'LastName'),
        { from: { expression: 'firstName + lastName' }, to: 'Country' },
        { from: { constant: 'EU' }, to: 'Code' },
      ],
      { match: { source: 'email', destination: 'Email' } },
    );

    expect(sourceFields).toEqual(['lastName', 'firstName', 'email']);
    expect(destinationFields).toEqual(['LastName', 'Country', 'Code']);
  });

  test('fields and constants are converted to what the destination takes', () => {
    const record = mapped([from('score', 'LastName'), { from: { constant: '7' }, to: 'Score' }], { score: 42 });

    expect(record).toEqual({ values: { LastName: '42', Score: 7 }, warnings: [] });
  });

  test('what a destination takes, but nobody may mean, is written with a warning', () => {
    const record = mapped([from('lastName', 'LastName')], { lastName: 'A\u0000B' });

    expect(record).toMatchObject({ values: { LastName: 'AB' }, warnings: [{ field: 'LastName', code: 'nulDropped' }] });
  });

  test('a value that is nothing but NUL is blank: the default takes its place, and the warning stays', () => {
    const record = mapped([from('lastName', 'LastName', { default: 'None' })], { lastName: '\u0000' });

    expect(record).toMatchObject({ values: { LastName: 'None' }, warnings: [{ code: 'nulDropped' }] });
  });

  test('value tables and expressions meet text without NUL', () => {
    const mappings = [
      from('lastName', 'LastName', { values: { AB: 'found' }, otherwise: 'fail' }),
      { from: { expression: 'country + "!"' }, to: 'Country' },
    ];

    const record = mapped(mappings, { lastName: 'A\u0000B', country: 'A\u0000T' });

    expect(record).toMatchObject({
      values: { LastName: 'found', Country: 'AT!' },
      warnings: [{ field: 'LastName' }, { field: 'Country' }],
    });
  });
});

describe('blanks', () => {
  test('a blank keeps the value of the destination: the field is left out', () => {
    expect(mapped([from('lastName', 'LastName')], { lastName: '  ' })).toEqual({ values: {}, warnings: [] });
  });

  test('where blanks clear, the field is set to null; a mapping decides for itself', () => {
    const mappings = [from('lastName', 'LastName'), from('country', 'Country', { blankValues: 'keep' })];

    expect(mapped(mappings, {}, { blankValues: 'clear' })).toMatchObject({ values: { LastName: null } });
    expect(mapped(mappings, {}, { blankValues: 'clear' })).not.toHaveProperty('values.Country');
  });

  test('a boolean is never cleared, since neither system has a blank one', () => {
    expect(mapped([from('unsubscribed', 'Consent')], {}, { blankValues: 'clear' })).toMatchObject({ values: {} });
  });

  test('a default is taken where the source is blank, and there alone', () => {
    const mappings = [from('country', 'Country', { default: 'Austria', values: { AT: 'Österreich' } })];

    expect(mapped(mappings, { country: ' ' })).toMatchObject({ values: { Country: 'Austria' } });
    expect(mapped(mappings, { country: 'AT' })).toMatchObject({ values: { Country: 'Österreich' } });
  });
});

describe('value tables', () => {
  const table = { UK: 'United Kingdom', true: 'yes', '12.5': 'twelve', Gone: null };

  test.each<[Value, Record<string, unknown>, Value | undefined]>([
    ['UK', {}, 'United Kingdom'],
    [' UK ', {}, 'United Kingdom'],
    ['uk', {}, 'uk'],
    ['DE', {}, 'DE'],
    ['DE', { otherwise: 'pass' }, 'DE'],
    ['DE', { otherwise: 'blank' }, undefined],
    ['Gone', {}, undefined],
    [true, {}, 'yes'],
    [12.5, {}, 'twelve'],
    ['constructor', {}, 'constructor'],
  ])('%j with %j becomes %j', (value, otherwise, expected) => {
    const record = mapped([from('country', 'Country', { values: table, ...otherwise })], { country: value });

    expect(record).toEqual({ values: expected === undefined ? {} : { Country: expected }, warnings: [] });
  });

  test('a value that the table lacks fails the record where the mapping says so, without showing the value', () => {
    const record = mapped([from('country', 'Country', { values: table, otherwise: 'fail' })], { country: 'Xq7z' });

    expect(record).toEqual({
      refused: [{ field: 'Country', code: 'notInTable', message: expect.stringContaining('Country') }],
    });
    expect(JSON.stringify(record)).not.toContain('Xq7z');
  });

  test('the parts of a multi-picklist are translated one by one, and a whole list that the table has as a whole', () => {
    const mappings = [from('interests', 'Interests', { values: { a: 'A', b: null, 'a;b': 'Both' } })];

    expect(mapped(mappings, { interests: 'a;c' })).toMatchObject({ values: { Interests: 'A;c' } });
    expect(mapped(mappings, { interests: 'c;b;a' })).toMatchObject({ values: { Interests: 'c;A' } });
    expect(mapped(mappings, { interests: 'a;b' })).toMatchObject({ values: { Interests: 'Both' } });
  });
});

describe('look-ups', () => {
  const lookup = (missing: string) => [
    from('company', 'AccountId', { lookup: { object: 'Account', by: 'Name', missing } }),
    from('lastName', 'LastName'),
  ];

  test('the keys are those of the records that have one, trimmed, after table and default', () => {
    const compiled = compile([
      from('company', 'AccountId', {
        lookup: { object: 'Account', by: 'Name' },
        values: { Acme: 'Acme Corporation' },
        default: 'Unknown',
      }),
    ]);

    expect(compiled.lookups).toEqual([{ mappingIndex: 0, object: 'Account', by: 'Name', missing: 'fail' }]);
    expect(compiled.lookupKeys([' Globex '])).toEqual([{ mappingIndex: 0, key: 'Globex' }]);
    expect(compiled.lookupKeys(['Acme'])).toEqual([{ mappingIndex: 0, key: 'Acme Corporation' }]);
    expect(compiled.lookupKeys([null])).toEqual([{ mappingIndex: 0, key: 'Unknown' }]);
    expect(compile(lookup('fail')).lookupKeys(['  ', 'Holt'])).toEqual([]);
  });

  test('what was found is written as its Id; a blank asks nobody', () => {
    const found = { resolve: () => ({ id: ACCOUNT }) };

    expect(mapped(lookup('fail'), { company: 'Acme' }, found)).toMatchObject({ values: { AccountId: ACCOUNT } });
    expect(mapped(lookup('fail'), { lastName: 'Holt' })).toMatchObject({ values: { LastName: 'Holt' } });
  });

  test.each<[string, LookupAnswer, object]>([
    ['fail', { missing: true }, { refused: [{ field: 'AccountId', code: 'missingReference' }] }],
    ['blank', { missing: true }, { values: { LastName: 'Holt' } }],
    ['skip', { missing: true }, { skip: 'missingReference', field: 'AccountId' }],
    ['blank', { several: 3 }, { refused: [{ field: 'AccountId', code: 'ambiguousReference' }] }],
  ])('missing: %s, answer %j', (missing, answer, expected) => {
    const record = mapped(lookup(missing), { company: 'Xq7z', lastName: 'Holt' }, { resolve: () => answer });

    expect(record).toMatchObject(expected);
    expect(JSON.stringify(record)).not.toContain('Xq7z');
  });
});

describe('refusals', () => {
  test('all fields that a record fails by are named at once', () => {
    const record = mapped([from('country', 'Code'), from('lastName', 'Score'), from('firstName', 'LastName')], {
      country: 'Austria',
      lastName: 'Holt',
      firstName: 'Mia',
    });

    expect(record).toMatchObject({
      refused: [
        { field: 'Code', code: 'tooLong' },
        { field: 'Score', code: 'notANumber' },
      ],
    });
  });

  test('a match key that no destination record can hold fails the record', () => {
    const match = { source: 'company', destination: 'AccountId' };

    expect(mapped([from('lastName', 'LastName')], { company: 'no Id' }, { match })).toMatchObject({
      refused: [{ field: 'company', code: 'notAnId' }],
    });
    expect(mapped([from('lastName', 'LastName')], { company: null, lastName: 'Holt' }, { match })).toMatchObject({
      values: { LastName: 'Holt' },
    });
  });

  test('mappings that no longer fit their objects are all named, with their paths', () => {
    const compiling = () =>
      compile([from('gone', 'LastName'), from('lastName', 'Gone'), { from: { expression: 'nothing' }, to: 'Code' }], {
        match: { source: 'email', destination: 'Missing' },
      });

    expect(compiling).toThrow(InvalidDefinition);
    expect(compiling).toThrow(
      /mappings\[2\]\.from\.expression: .*mappings\[0\]\.from\.field: Thing has no field gone.*mappings\[1\]\.to: .*match\.destination: /,
    );
  });

  test('nothing of a record is in what is said about its refusal', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z]{12}$/),
        fc.constantFrom('Code', 'Score', 'Consent', 'AccountId', 'Email'),
        (value, to) => {
          const record = mapped([from('country', to)], { country: value });
          expect(record).toHaveProperty('refused');
          expect(JSON.stringify(record)).not.toContain(value);
        },
      ),
    );
  });
});

test('mappings do not depend on each other: in any order they give the same values', () => {
  const mappings = [
    from('lastName', 'LastName'),
    from('country', 'Country', { values: { AT: 'Austria' } }),
    { from: { expression: 'firstName + "-" + lastName' }, to: 'Interests' },
    from('score', 'Score', { default: 0 }),
  ];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(mappings, { minLength: mappings.length }),
      fc.record({
        lastName: fc.string({ maxLength: 30 }),
        country: fc.constantFrom('AT', 'DE', null),
        score: fc.option(fc.nat(1_000)),
      }),
      (shuffled, values) => {
        expect(mapped(shuffled, values)).toEqual(mapped(mappings, values));
      },
    ),
  );
});
