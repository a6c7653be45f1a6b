import { fromFile, fromMarketo, toInstant, toMarketo, toSeconds } from '../../src/connectors/marketo/values';

test.each([
  ['2026-08-30T05:49:48Z', '2026-08-30T05:49:48.000Z'],
  ['2014-11-13 12:43:04', '2014-11-13T12:43:04.000Z'],
  ['2026-08-30T05:49:48+0000', '2026-08-30T05:49:48.000Z'],
  ['2023-01-17T12:43:09Z+0000', '2023-01-17T12:43:09.000Z'],
  ['2026-08-30T05:49:48.5Z', '2026-08-30T05:49:48.500Z'],
  ['2026-08-30T05:49:48.123456Z', '2026-08-30T05:49:48.123Z'],
  ['2026-08-30T05:49:48-0500', '2026-08-30T10:49:48.000Z'],
  ['2026-08-30T05:49:48+02:00', '2026-08-30T03:49:48.000Z'],
  ['no date', 'no date'],
])('the instant %s is %s', (text, instant) => {
  expect(toInstant(text)).toBe(instant);
});

test.each([
  ['text', 'Ada', 'Ada'],
  ['text', 'a\u0000b', 'a\u0000b'],
  ['text', 'one\r\ntwo', 'one\r\ntwo'],
  ['text', 4711, '4711'],
  ['text', '', null],
  ['text', null, null],
  ['text', undefined, null],
  ['number', '12.50', 12.5],
  ['number', 12.5, 12.5],
  ['number', '1.0E-4', 0.0001],
  ['integer', '7', 7],
  ['integer', 'many', 'many'],
  ['boolean', 'true', true],
  ['boolean', '1', true],
  ['boolean', 'false', false],
  ['boolean', '0', false],
  ['boolean', false, false],
  ['date', '2026-08-30', '2026-08-30'],
  ['date', '1969-12-31T00:00:00Z', '1969-12-31'],
  ['datetime', '2026-08-30T05:49:48Z', '2026-08-30T05:49:48.000Z'],
  ['id', 31, '31'],
  ['reference', 7, '7'],
] as const)('a field of type %s that holds %j is staged as %j', (type, raw, value) => {
  expect(fromMarketo(raw, { type })).toBe(value);
});

test('a file says null for every blank, and the same values as JSON else', () => {
  expect(fromFile('null', { type: 'text' })).toBeNull();
  expect(fromFile('', { type: 'text' })).toBeNull();
  expect(fromFile('Null', { type: 'text' })).toBe('Null');
  expect(fromFile('12.5', { type: 'number' })).toBe(12.5);
});

test('ids of other records travel as numbers, texts as they are', () => {
  expect(toMarketo('7', { type: 'reference' })).toBe(7);
  expect(toMarketo('00501', { type: 'text' })).toBe('00501');
  expect(toMarketo('0035g00000AbCdEAAV', { type: 'reference' })).toBe('0035g00000AbCdEAAV');
  expect(toMarketo(null, { type: 'reference' })).toBeNull();
});

test('filters take whole seconds', () => {
  expect(toSeconds(Date.parse('2026-08-30T05:49:48.999Z'))).toBe('2026-08-30T05:49:48Z');
});
