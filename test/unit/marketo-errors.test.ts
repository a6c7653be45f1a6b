import {
  CODE_RULES,
  networkError,
  nextQuotaReset,
  responseError,
  ruleOf,
  STATUS_RULES,
  statusError,
} from '../../src/connectors/marketo/errors';

const NOON = Date.parse('2026-07-15T17:00:00Z');
const read = { what: 'read people', isWrite: false };
const write = { what: 'create Lead records', isWrite: true };

/** Marketo developer guide, "Error codes": all codes of calls, and what a call that met them should do. */
const OF_CALLS: Record<string, 'soon' | 'after' | 'whenQuotaResets' | 'never'> = {
  500: 'soon',
  502: 'soon',
  600: 'never',
  601: 'never',
  602: 'never',
  603: 'never',
  604: 'soon',
  605: 'never',
  606: 'after',
  607: 'whenQuotaResets',
  608: 'soon',
  609: 'never',
  610: 'never',
  611: 'soon',
  612: 'never',
  613: 'never',
  614: 'soon',
  615: 'after',
  616: 'never',
  701: 'never',
  702: 'never',
  703: 'never',
  704: 'never',
  709: 'never',
  710: 'never',
  711: 'never',
  712: 'never',
  713: 'soon',
  714: 'never',
  718: 'never',
  719: 'soon',
  1001: 'never',
  1002: 'never',
  1003: 'never',
  1004: 'never',
  1005: 'never',
  1006: 'never',
  1007: 'never',
  1008: 'never',
  1009: 'never',
  1010: 'never',
  1011: 'never',
  1012: 'never',
  1013: 'never',
  1014: 'soon',
  1015: 'never',
  1016: 'after',
  1017: 'never',
  1018: 'never',
  1019: 'after',
  1020: 'whenQuotaResets',
  1021: 'never',
  1022: 'never',
  1025: 'never',
  1026: 'never',
  1027: 'never',
  1028: 'never',
  1029: 'after',
  1035: 'never',
  1036: 'never',
  1037: 'never',
  1042: 'never',
  1048: 'never',
  1049: 'never',
  1076: 'never',
  1077: 'never',
  1078: 'never',
  1079: 'never',
  1080: 'never',
};

test.each(Object.entries(OF_CALLS))('a call that is answered with %s is advised: %s', (code, retry) => {
  const error = responseError({ code, message: 'text' }, read, NOON);

  expect(error).toMatchObject({ code, answerLost: false, advice: { retry } });
});

test('the table of codes has exactly the documented ones, each with what to do', () => {
  expect(Object.keys(CODE_RULES)).toEqual(Object.keys(OF_CALLS));
  for (const { says } of [...Object.values(CODE_RULES), ...Object.values(STATUS_RULES)]) {
    expect(says).toMatch(/^[A-Z].*\.$/);
  }
});

test.each([
  ['1005', 'exists'],
  ['1017', 'exists'],
  ['1004', 'gone'],
  ['1013', 'gone'],
  ['1007', 'ambiguous'],
  ['1003', 'failed'],
  ['1006', 'failed'],
  ['1036', 'failed'],
  ['611', 'again'],
  ['713', 'again'],
  ['1999', 'failed'],
  ['699', 'again'],
  ['unheard-of', 'failed'],
])('a record that is answered with %s is %s', (code, record) => {
  expect(ruleOf(code, '').record).toBe(record);
});

test.each(['500', '502', '604', '611', '713', '699'])('after %s, a write may have happened', (code) => {
  expect(responseError({ code, message: '' }, write, NOON).answerLost).toBe(true);
});
test.each(['601', '603', '606', '607', '608', '609', '615', '1003', '1018'])(
  'after %s, a write has not happened',
  (code) => {
    expect(responseError({ code, message: '' }, write, NOON).answerLost).toBe(false);
  },
);

test.each([
  ['Too many jobs in queue', 'after'],
  ['Export daily quota 500MB exceeded.', 'whenQuotaResets'],
  ['Job already queued', 'after'],
])('the three cases of 1029 are told apart by their text: %s', (message, retry) => {
  expect(responseError({ code: '1029', message }, read, NOON).advice.retry).toBe(retry);
});

test.each([
  [400, 'never', false],
  [401, 'never', false],
  [403, 'never', false],
  [404, 'never', false],
  [413, 'never', false],
  [414, 'never', false],
  [416, 'soon', false],
  [429, 'after', false],
  [500, 'soon', true],
  [502, 'soon', true],
  [503, 'soon', true],
  [504, 'soon', true],
  [599, 'soon', true],
  [302, 'never', false],
])('HTTP %d is advised: %s', (status, retry, maybeWritten) => {
  expect(statusError(status, write, NOON)).toMatchObject({
    code: `HTTP_${status}`,
    advice: { retry },
    answerLost: maybeWritten,
  });
});

test.each([
  ['ECONNREFUSED', false],
  ['ENOTFOUND', false],
  ['EAI_AGAIN', false],
  ['ECONNRESET', true],
  ['EPIPE', true],
  ['ETIMEDOUT', true],
])('when the connection fails with %s, a write may have arrived: %s', (cause, answerLost) => {
  expect(networkError(cause, write)).toMatchObject({ answerLost, advice: { retry: 'soon' } });
  expect(networkError(cause, read).answerLost).toBe(false);
});

test('a message says what happened, then what to do, with the request’s number, and without a value', () => {
  const message = "Invalid value for field 'email' and value 'ada@example.com'";

  const error = responseError({ code: '1003', message }, read, NOON, '8265#1a0515ab163');

  expect(error.message).toBe(
    "Marketo refused to read people (1003 Invalid value for field 'email' and value …, request 8265#1a0515ab163). A value, or a part of the request, is not valid.",
  );
});

test('a message of any length is shown in part', () => {
  expect(responseError({ code: '1003', message: 'x'.repeat(50_000) }, read, NOON).message.length).toBeLessThan(600);
});

describe('the reset of quotas', () => {
  test.each([
    ['2026-07-15T17:00:00Z', '2026-07-16T05:00:00.000Z'],
    ['2026-01-15T17:00:00Z', '2026-01-16T06:00:00.000Z'],
    ['2026-07-16T04:59:59Z', '2026-07-16T05:00:00.000Z'],
    // the night on which clocks go forward has 23 hours, the one on which they go back 25
    ['2026-03-08T18:00:00Z', '2026-03-09T05:00:00.000Z'],
    ['2026-11-01T18:00:00Z', '2026-11-02T06:00:00.000Z'],
  ])('at %s is the next midnight of Chicago, %s', (now, reset) => {
    expect(nextQuotaReset(Date.parse(now))).toBe(reset);
  });

  test('within the hour after midnight comes soon, since the reset may not follow daylight saving time', () => {
    expect(nextQuotaReset(Date.parse('2026-07-16T05:00:30Z'))).toBe('2026-07-16T05:15:30.000Z');
    expect(nextQuotaReset(Date.parse('2026-07-16T06:15:00Z'))).toBe('2026-07-17T05:00:00.000Z');
  });
});
