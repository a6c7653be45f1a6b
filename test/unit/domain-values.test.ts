import { readFileSync } from 'node:fs';
import { trimBlanks } from '../../src/domain/blank';
import { formatDecimal, numberText, parseDecimal } from '../../src/domain/decimal';
import { FIELD_TYPES, type FieldDescription, type FieldType, type Value } from '../../src/domain/object-description';
import { type Conversion, convertValue, multiValues, REFUSAL_CODES, sameMeaning } from '../../src/domain/values';
import { describedField } from '../support/described';
import fc from '../support/fast-check';

const VIENNA = { timeZone: 'Europe/Vienna' };
const convert = (value: Value, field: FieldDescription): Conversion => convertValue(value, field, VIENNA);
const of = (type: FieldType, more: Partial<FieldDescription> = {}) => describedField('Target', type, more);
const picklist = (type: 'picklist' | 'multipicklist', restricted: boolean) =>
  of(type, { restricted, picklistValues: ['Hot', 'Warm', 'Very cold'].map((value) => ({ value, label: value })) });

const ID18 = of('id', { length: 18 });
const SHORT = of('text', { length: 5 });
const MONEY = of('number', { precision: 6, scale: 2 });

describe('what a field is given', () => {
  test.each<[string, Value, FieldDescription, Value]>([
    ['a text keeps its outer blanks', ' Ada ', of('text'), ' Ada '],
    [
      'a text keeps its code points',
      'Zoe\u0308 \u{1F469}\u200D\u{1F680}',
      of('text'),
      'Zoe\u0308 \u{1F469}\u200D\u{1F680}',
    ],
    ['a number becomes text with all its digits', 1e21, of('text'), '1000000000000000000000'],
    ['a small number becomes text without an exponent', 1e-7, of('phone'), '0.0000001'],
    ['true becomes a text', true, of('text'), 'true'],
    ['five letters outside of the basic plane fit five places', '\u{1F600}'.repeat(5), SHORT, '\u{1F600}'.repeat(5)],
    ['blanks at the end need no place', 'Vienna'.slice(0, 5).padEnd(9), SHORT, 'Vienn    '],
    ['an e-mail loses its outer blanks', '\u00a0ada@example.com ', of('email'), 'ada@example.com'],
    ['an Id gets its 18 characters', '0035g00000AbCdE', ID18, '0035g00000AbCdEAAV'],
    ['an Id of Marketo stays a number', 4711, of('reference'), 4711],
    ['what Marketo calls a reference stays as it is', '123456789012345', of('reference'), '123456789012345'],
    ['a picklist gets its own spelling', ' hOT ', picklist('picklist', true), 'Hot'],
    ['a picklist without known values takes all', 'Tepid', of('picklist'), 'Tepid'],
    ['a multi-picklist gets each value once', 'warm; Hot ;warm;', picklist('multipicklist', true), 'Warm;Hot'],
    ['a multi-picklist of separators alone is blank', ';;', picklist('multipicklist', true), null],
    ['true in capitals is true', ' TRUE ', of('boolean'), true],
    ['0 is false', 0, of('boolean'), false],
    ['a text of digits is a number', ' 0012.50 ', of('number'), 12.5],
    ['a number with an exponent is a number', '9.9213206E7', of('integer'), 99_213_206],
    ['the smallest integer fits', -2_147_483_648, of('integer'), -2_147_483_648],
    ['digits beyond the scale are left to the destination, which rounds them', 1.239, MONEY, 1.239],
    ['a day stays a day', '2026-03-29', of('date'), '2026-03-29'],
    ['an instant becomes the day that it falls on in the zone', '2026-03-01T23:30:00.000Z', of('date'), '2026-03-02'],
    ['a day becomes its beginning in the zone', '2026-07-01', of('datetime'), '2026-06-30T22:00:00.000Z'],
    ['an offset is taken into account', '2026-03-01T09:30:00+0530', of('datetime'), '2026-03-01T04:00:00.000Z'],
    [
      'a time without a zone is meant on the wall clock',
      '2026-07-01T12:00',
      of('datetime'),
      '2026-07-01T10:00:00.000Z',
    ],
    ['a time in the gap moves forward by it', '2026-03-29T02:30', of('datetime'), '2026-03-29T01:30:00.000Z'],
    ['a time that occurs twice is the first', '2026-10-25T02:30', of('datetime'), '2026-10-25T00:30:00.000Z'],
    ['a time of day gets its seconds', '09:30', of('time'), '09:30:00.000'],
    ['the letter of UTC is none of a time of day', '09:30:05.5Z', of('time'), '09:30:05.500'],
  ])('%s', (_rule, value, field, expected) => {
    expect(convert(value, field)).toEqual({ value: expected });
  });

  test.each([null, '', ' ', '\t\u00a0\u3000', '\u0085', '\u0000', ' \u0000 '])(
    '%j is blank for every type',
    (blank) => {
      for (const type of FIELD_TYPES) expect(convert(blank, of(type))).toMatchObject({ value: null });
    },
  );

  test('NUL, which neither side can hold, is dropped with a warning', () => {
    expect(convert('A\u0000B', of('text'))).toEqual({
      value: 'AB',
      warning: { code: 'nulDropped', message: expect.stringContaining('Target') },
    });
  });

  test.each([
    ['picklist', 'Tepid', 'Tepid'],
    ['multipicklist', 'hot;Tepid', 'Hot;Tepid'],
  ] as const)('a value beside an unrestricted %s is taken with a warning', (type, value, expected) => {
    expect(convert(value, picklist(type, false))).toMatchObject({
      value: expected,
      warning: { code: 'notInPicklist' },
    });
  });
});

describe('what a field refuses', () => {
  test.each<[string, Value, FieldDescription]>([
    ['tooLong', 'Vienna', SHORT],
    ['tooLong', '\u{1F600}'.repeat(6), SHORT],
    ['tooLong', 123_456, SHORT],
    ['tooLong', 'hot;warm', { ...picklist('multipicklist', false), length: 7 }],
    ['notANumber', '1,000', of('number')],
    ['notANumber', 'twelve', of('integer')],
    ['notANumber', true, of('number')],
    ['notWhole', 12.5, of('integer')],
    ['outOfRange', 2_147_483_648, of('integer')],
    ['outOfRange', '9007199254740993', of('number')],
    ['outOfRange', 12_345, MONEY],
    ['outOfRange', 9_999.995, MONEY],
    ['notABoolean', 'yes', of('boolean')],
    ['notABoolean', 2, of('boolean')],
    ['notADate', '2026-02-30', of('date')],
    ['notADate', '01.03.2026', of('date')],
    ['notADate', 20_260_301, of('date')],
    ['notADateTime', '2026-02-30T10:00:00Z', of('datetime')],
    ['notADateTime', '2026-03-01T24:30:00Z', of('datetime')],
    ['notADateTime', 'yesterday', of('datetime')],
    ['notATime', '24:00', of('time')],
    ['notATime', '2026-03-01T09:30:00Z', of('time')],
    ['notAnEmail', 'ada@example.com, bob@example.com', of('email')],
    ['notAnEmail', 'ada@localhost', of('email')],
    ['notInPicklist', 'Tepid', picklist('picklist', true)],
    ['notInPicklist', 'Hot;Tepid', picklist('multipicklist', true)],
    ['notAnId', '0035g00000AbCdEAAA'.slice(0, 17), ID18],
    ['notAnId', '0012A00001abcDEQAZ', ID18],
  ])('%s: %j', (code, value, field) => {
    expect(convert(value, field)).toEqual({ refused: { code, message: expect.stringContaining('Target') } });
  });
});

/** Values as they are staged, and such as expressions, constants and foreign systems give. */
const anyValue: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
    .map((at) => at.toISOString()),
  fc
    .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
    .map((at) => at.toISOString().slice(0, 10)),
  fc.emailAddress(),
  fc.stringMatching(/^[a-zA-Z0-9]{15}$/),
  fc.array(fc.constantFrom('Hot', 'warm', 'Very cold', 'Tepid', ' ')).map((parts) => parts.join(';')),
  fc.stringMatching(/^[ +-]?\d{1,20}(\.\d{1,10})?([eE][+-]?\d{1,3})?$/),
  fc.stringMatching(/^\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?$/),
);

const anyField: fc.Arbitrary<FieldDescription> = fc
  .record({
    type: fc.constantFrom(...FIELD_TYPES),
    length: fc.option(fc.integer({ min: 1, max: 40 })),
    scale: fc.option(fc.integer({ min: 0, max: 6 })),
    restricted: fc.boolean(),
    hasValues: fc.boolean(),
  })
  .map(({ type, length, scale, restricted, hasValues }) => ({
    ...(hasValues ? picklist('picklist', restricted) : of(type)),
    type,
    length: type === 'id' || type === 'reference' ? 18 : length,
    precision: scale === null ? null : scale + 12,
    scale,
  }));

const anyZone = fc.constantFrom('UTC', 'Europe/Vienna', 'America/Los_Angeles', 'Asia/Kathmandu', 'Pacific/Apia');

/** What is meant by a text that is a number. */
const digits = (value: Value): string =>
  formatDecimal(parseDecimal(trimBlanks(text(value))) ?? { isNegative: false, digits: '?', point: 1 });
const text = (value: Value): string =>
  typeof value === 'number' ? numberText(value) : String(value ?? '').replaceAll('\u0000', '');

/** What a value means to a type, told without the code that converts: equal before and after, or something was lost. */
function meaning(type: FieldType, value: Value, field: FieldDescription): unknown {
  switch (type) {
    case 'integer':
    case 'number':
      return digits(value);
    case 'boolean':
      return ['true', '1'].includes(trimBlanks(text(value)).toLowerCase());
    case 'id':
    case 'reference':
      return trimBlanks(text(value)).slice(0, 15);
    case 'email':
      return trimBlanks(text(value));
    case 'picklist':
      return field.picklistValues.length > 0 ? trimBlanks(text(value)).toLowerCase() : trimBlanks(text(value));
    case 'multipicklist':
      return new Set(
        multiValues(text(value)).map((part) => (field.picklistValues.length > 0 ? part.toLowerCase() : part)),
      );
    case 'datetime':
      return Date.parse(trimBlanks(text(value)));
    case 'time':
      return `${trimBlanks(text(value))
        .replace('Z', '')
        .padEnd(8, ':00')
        .replace(/^(.{8})$/, '$1.')}000`.slice(0, 12);
    default:
      return text(value);
  }
}

/** Days, and days that become instants, have tests of their own. */
const isOfCalendar = ({ type }: FieldDescription, value: Value): boolean =>
  type === 'date' || (type === 'datetime' && /^\d{4}-\d\d-\d\d$/.test(trimBlanks(text(value))));

describe('every value into every field', () => {
  test('is kept without loss, or refused with the name of the field and without the value', () => {
    fc.assert(
      fc.property(anyValue, anyField, anyZone, (value, field, timeZone) => {
        const conversion = convertValue(value, field, { timeZone });
        if ('refused' in conversion) {
          expect(conversion.refused.message).toContain(field.name);
          const isLong = Array.from(text(value)).length > (field.length ?? Number.POSITIVE_INFINITY);
          if (conversion.refused.code === 'tooLong') expect(isLong).toBe(true);
        } else if (conversion.value === null) {
          expect(trimBlanks(text(value)).replaceAll(/[;\s]/g, '')).toBe('');
        } else if (!isOfCalendar(field, value)) {
          expect(meaning(field.type, conversion.value, field)).toEqual(meaning(field.type, value, field));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('is of the form of its type, and stays as it is when it is converted once more', () => {
    fc.assert(
      fc.property(anyValue, anyField, anyZone, (value, field, timeZone) => {
        const once = convertValue(value, field, { timeZone });
        if ('refused' in once) return;
        const again = convertValue(once.value, field, { timeZone });
        expect(again).toMatchObject({ value: once.value });
        expect(sameMeaning(field, once.value, once.value)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('never fails with a message that shows the value', () => {
    const secret = 'Xq7zSecret';
    for (const type of FIELD_TYPES) {
      const conversion = convert(`${secret} ${secret}`, { ...picklist('picklist', true), type, length: 5 });
      expect(JSON.stringify(conversion)).not.toContain(secret);
    }
  });
});

describe('days and instants', () => {
  const anyDay = fc
    .date({ noInvalidDate: true, min: new Date('1950-01-01'), max: new Date('2100-12-31') })
    .map((at) => at.toISOString().slice(0, 10));

  test('a day never passes through a time zone', () => {
    fc.assert(
      fc.property(anyDay, anyZone, (day, timeZone) => {
        expect(convertValue(day, of('date'), { timeZone })).toEqual({ value: day });
      }),
    );
  });

  test('a day that became an instant becomes the same day again in the same zone', () => {
    fc.assert(
      fc.property(anyDay, fc.constantFrom('UTC', 'Europe/Vienna', 'America/Los_Angeles'), (day, timeZone) => {
        const instant = convertValue(day, of('datetime'), { timeZone });
        expect('value' in instant && convertValue(instant.value, of('date'), { timeZone })).toEqual({ value: day });
      }),
    );
  });

  test('an instant is the same instant in every zone, however it is written', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('1950-01-01'), max: new Date('2100-12-31') }),
        fc.integer({ min: -12 * 60, max: 14 * 60 }),
        anyZone,
        (at, offsetMinutes, timeZone) => {
          const local = new Date(at.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
          const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
          const sign = offsetMinutes < 0 ? '-' : '+';
          const offset = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
          const expected = { value: at.toISOString() };
          expect(convertValue(`${local}${offset}`, of('datetime'), { timeZone })).toEqual(expected);
          expect(convertValue(at.toISOString(), of('datetime'), { timeZone })).toEqual(expected);
        },
      ),
    );
  });
});

describe('the same meaning', () => {
  test.each<[string, FieldDescription, Value, Value]>([
    ['15 and 18 characters of an Id', ID18, '0035g00000AbCdE', '0035g00000AbCdEAAV'],
    ['digits beyond the scale', MONEY, 12.504, 12.5],
    ['a half at the scale', MONEY, '12.505', 12.51],
    ['a number and its text', of('number'), '12.50', 12.5],
    ['capitals of an e-mail', of('email'), 'Ada@Example.com', 'ada@example.com'],
    ['outer blanks', of('text'), ' Ada ', 'Ada'],
    ['blanks alone, and nothing', of('text'), '  ', null],
    ['the order of a multi-picklist', of('multipicklist'), 'b;a', 'a;b'],
    ['+0000 and Z', of('datetime'), '2026-03-01T09:30:00.000+0000', '2026-03-01T09:30:00.000Z'],
    ['fractions of a second', of('datetime'), '2026-03-01T09:30:00.000Z', '2026-03-01T09:30:00.999Z'],
    ['a boolean that is null or false', of('boolean'), null, false],
    ['1 and true', of('boolean'), '1', true],
    ['a time of day with and without seconds', of('time'), '09:30', '09:30:00.000'],
  ])('%s', (_what, field, one, other) => {
    expect(sameMeaning(field, one, other)).toBe(true);
    expect(sameMeaning(field, other, one)).toBe(true);
  });

  test.each<[string, FieldDescription, Value, Value]>([
    ['capitals of a text', of('text'), 'ada', 'Ada'],
    ['a blank within a text', of('text'), 'A da', 'Ada'],
    ['another second', of('datetime'), '2026-03-01T09:30:00Z', '2026-03-01T09:30:01Z'],
    ['another day', of('date'), '2026-03-01', '2026-03-02'],
    ['a digit within the scale', MONEY, 12.51, 12.52],
    ['nothing and zero', of('number'), null, 0],
    ['null and true', of('boolean'), null, true],
    ['another Id', ID18, '0035g00000AbCdE', '0035g00000AbCdF'],
  ])('not %s', (_what, field, one, other) => {
    expect(sameMeaning(field, one, other)).toBe(false);
  });
});

test('docs/values.md names every type and every refusal', () => {
  const page = readFileSync('docs/values.md', 'utf8');

  for (const name of [...FIELD_TYPES, ...REFUSAL_CODES]) expect(page).toContain(`\`${name}\``);
});
