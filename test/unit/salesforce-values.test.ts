import { storedEmails, writtenEmail } from '../../src/connectors/salesforce/stored-email';
import { fromSalesforce, toCell, toJson } from '../../src/connectors/salesforce/values';
import { describedField } from '../support/described';

describe('a value of Salesforce is the same value by JSON and by a bulk file', () => {
  test.each([
    ['number', 9.9213206e7, '9.9213206E7', 99213206],
    ['number', 115056052, '1.15056052E8', 115056052],
    ['number', 0.0001, '1.0E-4', 0.0001],
    ['number', 0.1, '0.1', 0.1],
    ['number', 0, '0.0', 0],
    ['integer', 7, '7', 7],
    ['boolean', true, 'true', true],
    ['boolean', false, 'false', false],
    ['date', '1988-03-27', '1988-03-27', '1988-03-27'],
    ['date', '2024-02-29', '2024-02-29', '2024-02-29'],
    ['datetime', '2026-05-04T09:30:00.000+0000', '2026-05-04T09:30:00.000Z', '2026-05-04T09:30:00.000Z'],
    ['datetime', '2026-05-04T11:30:00+02:00', '2026-05-04T09:30:00Z', '2026-05-04T09:30:00.000Z'],
    ['time', '09:30:00.000Z', '09:30:00.000Z', '09:30:00.000'],
    ['reference', '0012A00001abcDEQAY', '0012A00001abcDE', '0012A00001abcDEQAY'],
    ['text', null, '', null],
    ['text', '00501', '00501', '00501'],
    ['text', '1e5', '1e5', '1e5'],
    ['text', 'null', 'null', 'null'],
    ['text', 'ab\u0000cd', 'ab\u0000cd', 'ab\u0000cd'],
    ['text', 'one\r\ntwo', 'one\r\ntwo', 'one\r\ntwo'],
    ['multipicklist', 'A;B', 'A;B', 'A;B'],
  ] as const)('%s %j and %j', (type, json, cell, value) => {
    expect(fromSalesforce(json, type)).toBe(value);
    expect(fromSalesforce(cell, type)).toBe(value);
  });
});

describe('a value for Salesforce', () => {
  test.each([
    ['text', null, null, '#N/A'],
    ['text', '', null, '#N/A'],
    ['text', 12.5, '12.5', '12.5'],
    ['number', 12.5, 12.5, '12.5'],
    ['number', 0.0000001, 0.0000001, '0.0000001'],
    ['text', 0.0000001, '0.0000001', '0.0000001'],
    ['boolean', true, true, 'true'],
    ['time', '09:30:00.000', '09:30:00.000Z', '09:30:00.000Z'],
    ['datetime', '2026-05-04T09:30:00.000Z', '2026-05-04T09:30:00.000Z', '2026-05-04T09:30:00.000Z'],
  ] as const)('%s %j', (type, value, json, cell) => {
    const field = describedField('F', type);

    expect(toJson(value, field)).toBe(json);
    expect(toCell(value, field)).toBe(cell);
  });
});

describe('addresses that Salesforce stores with quotes', () => {
  test.each([
    ['a.@example.com', '"a."@example.com'],
    ['a..b@example.com', '"a..b"@example.com'],
  ])('%s is looked up in both forms, and found again by the written one', (written, stored) => {
    expect(storedEmails(written)).toEqual([written, stored]);
    expect(writtenEmail(stored, 'email')).toBe(written);
  });

  test('other addresses stay as they are', () => {
    expect(storedEmails('a.b@example.com')).toEqual(['a.b@example.com']);
    expect(writtenEmail('"a b"@example.com', 'email')).toBe('"a b"@example.com');
  });
});
