import type { WriteBatch, WriteRecord } from '../../src/connectors/connector';
import {
  ERROR_RULES,
  errorOfAnswer,
  errorOfNetwork,
  recordRemedy,
  retryAfterMs,
} from '../../src/connectors/salesforce/errors';
import { parseBulkError, resultOfError } from '../../src/connectors/salesforce/record-result';
import { contactDescription } from '../support/salesforce-description';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const answer = (status: number, body: unknown, more: { isWrite?: boolean; headers?: Record<string, string> } = {}) =>
  errorOfAnswer({
    status,
    headers: more.headers ?? {},
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isWrite: more.isWrite ?? false,
    now: NOW,
  });
const refusal = (errorCode: string, message = '') => [{ errorCode, message }];

describe('what to do about a refused call', () => {
  test.each([
    [
      403,
      'REQUEST_LIMIT_EXCEEDED',
      'TotalRequests Limit exceeded.',
      { retry: 'whenQuotaResets', resetsAt: '2026-03-01T10:15:00.000Z' },
    ],
    [
      403,
      'REQUEST_LIMIT_EXCEEDED',
      'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
      { retry: 'after', delayMs: 10_000 },
    ],
    [400, 'LIMIT_EXCEEDED', '', { retry: 'whenQuotaResets', resetsAt: '2026-03-01T10:15:00.000Z' }],
    [400, 'ExceededQuota', '', { retry: 'whenQuotaResets', resetsAt: '2026-03-01T10:15:00.000Z' }],
    [503, 'SERVER_UNAVAILABLE', '', { retry: 'soon' }],
    [500, 'UNKNOWN_EXCEPTION', '', { retry: 'soon' }],
    [400, 'QUERY_TIMEOUT', '', { retry: 'soon' }],
    [400, 'INVALID_QUERY_LOCATOR', '', { retry: 'soon' }],
    [400, 'INVALIDJOBSTATE', '', { retry: 'soon' }],
    [401, 'INVALID_SESSION_ID', '', { retry: 'never' }],
    [403, 'API_DISABLED_FOR_ORG', '', { retry: 'never' }],
    [403, 'API_CURRENTLY_DISABLED', '', { retry: 'never' }],
    [403, 'INVALID_OPERATION_WITH_EXPIRED_PASSWORD', '', { retry: 'never' }],
    [400, 'MALFORMED_QUERY', '', { retry: 'never' }],
    [400, 'INVALID_FIELD', '', { retry: 'never' }],
    [400, 'INVALID_TYPE', '', { retry: 'never' }],
    [404, 'NOT_FOUND', '', { retry: 'never' }],
    [410, 'GONE', '', { retry: 'never' }],
    [400, 'STORAGE_LIMIT_EXCEEDED', '', { retry: 'never' }],
    [400, 'InvalidBatch', '', { retry: 'never' }],
    [400, 'A_CODE_OF_TOMORROW', '', { retry: 'never' }],
    [500, 'A_CODE_OF_TOMORROW', '', { retry: 'soon' }],
  ])('%i %s %s', (status, code, message, advice) => {
    expect(answer(status, refusal(code, message)).advice).toEqual(advice);
  });

  test.each([
    [401, { retry: 'never' }],
    [403, { retry: 'never' }],
    [404, { retry: 'never' }],
    [405, { retry: 'never' }],
    [414, { retry: 'never' }],
    [420, { retry: 'soon' }],
    [429, { retry: 'after', delayMs: 5_000 }],
    [431, { retry: 'never' }],
    [500, { retry: 'soon' }],
    [502, { retry: 'soon' }],
    [503, { retry: 'soon' }],
    [504, { retry: 'soon' }],
    [302, { retry: 'never' }],
  ])('%i without a body of Salesforce', (status, advice) => {
    const error = answer(status, '<html><body>Secret maintenance page</body></html>');

    expect(error.advice).toEqual(advice);
    expect(error.code).toBe(`HTTP_${status}`);
    expect(error.message).not.toMatch(/html|Secret/i);
  });

  test.each([
    ['17', 17_000],
    ['Sun, 01 Mar 2026 10:00:30 GMT', 30_000],
    ['soon', null],
    [undefined, null],
  ])('Retry-After %s', (value, ms) => {
    expect(retryAfterMs(value === undefined ? {} : { 'retry-after': value }, NOW)).toBe(ms);
  });

  test('a throttled call waits as long as Salesforce says', () => {
    expect(answer(429, '', { headers: { 'retry-after': '17' } }).advice).toEqual({ retry: 'after', delayMs: 17_000 });
  });

  test('a message names the field of a query error, but nothing else of the query', () => {
    const message =
      "\nSELECT Id FROM Contact WHERE Emial = 'mia@example.com'\n ^\nERROR at Row:1:Column:12\nNo such column 'Emial' on entity 'Contact'. If you …";

    const error = answer(400, refusal('INVALID_FIELD', message));

    expect(error.message).toContain('Contact.Emial');
    expect(error.message).not.toContain('mia@example.com');
  });

  test('no message carries what a record held', () => {
    const error = answer(
      400,
      refusal('JSON_PARSER_ERROR', 'Cannot deserialize instance of date from VALUE_STRING value 1988-03-27'),
    );

    expect(error.message).not.toContain('1988');
  });

  test('each rule says what happened in a sentence of its own', () => {
    for (const [code, { says }] of Object.entries(ERROR_RULES)) {
      expect([code, says]).toEqual([code, expect.stringMatching(/^[A-Z].{10,}\.$/)]);
    }
  });
});

describe('whether a write may have been applied', () => {
  test.each([
    ['after an internal error', answer(500, refusal('UNKNOWN_EXCEPTION'), { isWrite: true }), true],
    ['after an edge error', answer(502, '', { isWrite: true }), true],
    [
      'after maintenance that Salesforce announced itself',
      answer(503, refusal('SERVER_UNAVAILABLE'), { isWrite: true }),
      false,
    ],
    ['after a refusal', answer(400, refusal('INVALID_FIELD'), { isWrite: true }), false],
    ['after an internal error of a read', answer(500, refusal('UNKNOWN_EXCEPTION')), false],
    ['after a broken connection', errorOfNetwork('ECONNRESET', true), true],
    ['after a broken connection of a read', errorOfNetwork('ECONNRESET', false), false],
    ['when there was no connection', errorOfNetwork('ECONNREFUSED', true), false],
    ['when the name was not found', errorOfNetwork('ENOTFOUND', true), false],
    ['when the certificate was refused', errorOfNetwork('DEPTH_ZERO_SELF_SIGNED_CERT', true), false],
  ])('%s', (_when, error, answerLost) => {
    expect(error.answerLost).toBe(answerLost);
  });

  test.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ENOTFOUND', 'CERT_HAS_EXPIRED'])(
    '%s is tried again soon',
    (code) => {
      expect(errorOfNetwork(code, false).advice).toEqual({ retry: 'soon' });
    },
  );
});

describe('what an error of one record means', () => {
  test.each([
    ['UNABLE_TO_LOCK_ROW', '', 'again'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'T: execution of BeforeInsert caused by: UNABLE_TO_LOCK_ROW, …', 'again'],
    ['TXN_SECURITY_METERING_ERROR', '', 'again'],
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', '', 'again'],
    ['PROCESSING_HALTED', '', 'again'],
    ['SERVER_UNAVAILABLE', '', 'again'],
    ['REQUEST_LIMIT_EXCEEDED', '', 'again'],
    ['ENTITY_IS_DELETED', '', 'gone'],
    ['NOT_FOUND', '', 'gone'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'T: execution of BeforeInsert', 'failed'],
    ['REQUIRED_FIELD_MISSING', '', 'failed'],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', '', 'failed'],
    ['DUPLICATES_DETECTED', '', 'failed'],
    ['DUPLICATE_VALUE', '', 'failed'],
    ['STRING_TOO_LONG', '', 'failed'],
    ['ENTITY_IS_LOCKED', '', 'failed'],
    ['A_CODE_OF_TOMORROW', '', 'failed'],
  ])('%s %s', (code, message, remedy) => {
    expect(recordRemedy(code, message)).toBe(remedy);
  });

  const record: WriteRecord = { destinationId: '003000000000001AAA', key: 'a', values: { LastName: 'Holt' } };
  const batch: WriteBatch = {
    batchId: 'b',
    object: contactDescription,
    operation: 'update',
    matchField: 'Email',
    records: [record],
    options: { assignmentRules: false, allowDuplicates: false },
    sentAt: null,
    arrivesUntil: null,
  };
  const brokenReference = { code: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', fields: [] };

  test('an update of a record that is gone for good is told as such', () => {
    expect(resultOfError(brokenReference, record, batch)).toMatchObject({ result: 'notFound' });
  });

  test('a broken reference that the record itself carries is its own fault', () => {
    const referring = { ...record, values: { AccountId: '001000000000001AAA' } };

    expect(resultOfError(brokenReference, referring, batch)).toMatchObject({ result: 'failed' });
  });

  test('a duplicate names its field from the message, since no field is named beside it', () => {
    const message = 'duplicate value found: Crm_Key__c duplicates value on record with id: 003xx000004TmiQ';

    expect(resultOfError({ code: 'DUPLICATE_VALUE', message, fields: [] }, record, batch)).toEqual({
      result: 'failed',
      code: 'DUPLICATE_VALUE',
      message,
      field: 'Crm_Key__c',
    });
  });
});

describe('the error column of a bulk result', () => {
  test.each([
    [
      'REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --',
      'REQUIRED_FIELD_MISSING',
      'Required fields are missing: [LastName]',
      ['LastName'],
    ],
    [
      'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--',
      'INVALID_CROSS_REFERENCE_KEY',
      'invalid cross reference id',
      [],
    ],
    [
      'UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 200 records: 001xx:--',
      'UNABLE_TO_LOCK_ROW',
      'unable to obtain exclusive access to this record or 200 records: 001xx',
      [],
    ],
    [
      "INVALID_FIELD:Failed to deserialize field at col 3. Due to, 'x' is not a valid value for the type xsd:date:CloseDate --",
      'INVALID_FIELD',
      "Failed to deserialize field at col 3. Due to, 'x' is not a valid value for the type xsd:date",
      ['CloseDate'],
    ],
    [
      'FIELD_INTEGRITY_EXCEPTION:two fields:MailingState MailingCountry --',
      'FIELD_INTEGRITY_EXCEPTION',
      'two fields',
      ['MailingState', 'MailingCountry'],
    ],
    [
      'FIELD_CUSTOM_VALIDATION_EXCEPTION:line one\nline two:--',
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      'line one\nline two',
      [],
    ],
    ['something else', 'UNKNOWN_CODE', 'something else', []],
  ])('%s', (text, code, message, fields) => {
    expect(parseBulkError(text)).toEqual({ code, message, fields });
  });
});
