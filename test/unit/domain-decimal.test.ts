import {
  exactNumber,
  formatDecimal,
  isWhole,
  numberOrText,
  numberText,
  parseDecimal,
  roundDecimal,
  wholeDigits,
} from '../../src/domain/decimal';
import fc from '../support/fast-check';

const parsed = (text: string) => {
  const decimal = parseDecimal(text);
  if (!decimal) throw new Error(`${text} is no number`);
  return decimal;
};

describe('numbers as digits', () => {
  test.each([
    ['9.9213206E7', '99213206'],
    ['1.15056052E8', '115056052'],
    ['1.0E-4', '0.0001'],
    ['0.1', '0.1'],
    ['12.50', '12.5'],
    ['+007', '7'],
    ['-0.0', '0'],
    ['1e21', '1000000000000000000000'],
    ['123456789012345678901234567890.5', '123456789012345678901234567890.5'],
  ])('%s is written as %s', (text, expected) => {
    expect(formatDecimal(parsed(text))).toBe(expected);
  });

  test.each(['', ' 1', '1,000', '1.', '.5', '0x10', '1e99999', 'NaN', 'Infinity', '١٢'])('%j is no number', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  test.each([
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '-1.01'],
    ['0.004', 2, '0'],
    ['0.0004', 2, '0'],
    ['0.005', 2, '0.01'],
    ['999.995', 2, '1000'],
    ['12', 2, '12'],
    ['15', -1, '20'],
    ['2.5', 0, '3'],
  ])('%s rounded to %i digits is %s', (text, scale, expected) => {
    expect(formatDecimal(roundDecimal(parsed(text), scale))).toBe(expected);
  });

  test.each([
    ['12345.678', 5, false],
    ['0.5', 0, false],
    ['0.0005', 0, false],
    ['1200', 4, true],
    ['0', 0, true],
  ])('%s has %i digits in front of the point; whole: %s', (text, digits, whole) => {
    expect(wholeDigits(parsed(text))).toBe(digits);
    expect(isWhole(parsed(text))).toBe(whole);
  });

  test('every finite number comes back from its text unchanged, and its text has no exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = numberText(number);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(number + 0);
        expect(exactNumber(parsed(text))).toBe(number + 0);
      }),
    );
  });

  test.each([
    ['12.50', 12.5],
    [' 7 ', 7],
    ['.5', 0.5],
    ['9007199254740993', '9007199254740993'],
    ['0.1000000000000000055', '0.1000000000000000055'],
    ['twelve', 'twelve'],
    [' ', ' '],
  ])('%j is read as %j: a number only where that keeps its digits', (text, expected) => {
    expect(numberOrText(text)).toBe(expected);
  });

  test('a text with more digits than a number holds is not exact', () => {
    expect(exactNumber(parsed('9007199254740993'))).toBeNull();
    expect(exactNumber(parsed('0.1000000000000000055'))).toBeNull();
  });
});
