import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { toFailure } from '../../activities/failures';
import { ConnectorError } from '../../src/connectors/connector-error';
import { DISK_FULL_TEXT } from '../../src/domain/disk-space';
import { FailureType } from '../../src/domain/failures';

/** As the driver throws them. */
const refused = (code: string, message: string) =>
  Object.assign(new Error(message), { name: 'PostgresError', code, severity: 'ERROR' });
const failureOf = (error: unknown, activity = 'extract') => toFailure(error, activity) as ApplicationFailure;

test('a full disk of the database waits for a person in a phase, and is tried again where nobody could be asked', () => {
  const full = refused('53100', 'could not extend file "base/16384/24576": No space left on device');
  const wrapped = Object.assign(new Error('Failed query'), { query: 'insert', params: [], cause: full });

  for (const error of [full, wrapped]) {
    expect(failureOf(error)).toMatchObject({
      type: FailureType.NeedsAttention,
      message: DISK_FULL_TEXT,
      nonRetryable: true,
    });
  }
  expect(failureOf(full, 'raiseAttention')).toMatchObject({ type: 'PostgresError', nonRetryable: false });
});

test.each(['53200', '53300', '57P01', '57P03'])('%s, which passes by itself, is tried again', (code) => {
  expect(failureOf(refused(code, 'not now'))).toMatchObject({ nonRetryable: false });
});

test('what fails again and again is waited for longer each time, and never longer than eight seconds', () => {
  const soon = new ConnectorError('Out of order.', '611', { retry: 'soon' });
  const waits = (error: Error) =>
    [1, 2, 3, 4, 5, 40].map((attempt) => (toFailure(error, 'load', attempt) as ApplicationFailure).nextRetryDelay);

  expect(waits(soon)).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(waits(new Error('Nobody knows.'))).toEqual(waits(soon));
  expect(waits(new ConnectorError('Slow down.', '606', { retry: 'after', delayMs: 700 }))).toEqual(Array(6).fill(700));
});

test.each<[string, Error]>([
  ['a value that the database refuses', refused('22P02', 'invalid input syntax for type bigint: "ana@example.com"')],
  ['a query', Object.assign(new Error('Failed: ana@example.com'), { query: 'select $1', params: ['ana@example.com'] })],
  ['a text that is no JSON', parseError('{"ana@example.com')],
  ['a vendor that quotes', new ConnectorError('Refused (value ana@example.com). Mend it.', '1003', { retry: 'soon' })],
  ['a fault of ours', new Error('Nothing is known of ana@example.com.')],
])('%s leaves no value of a record in the history', (_what, error) => {
  const { message, stack, details } = failureOf(error);

  expect(JSON.stringify([message, stack, details])).not.toContain('ana@');
});

test('however long an answer is, what a history keeps of it is short', () => {
  const page = `<html>${'x'.repeat(5_000_000)}`;

  for (const error of [new Error(page), new ConnectorError(page, 'HTTP_500', { retry: 'never' })]) {
    const { message, stack = '' } = failureOf(error);
    expect(message.length).toBeLessThan(2_000);
    expect(stack.length).toBeLessThan(8_000);
  }
});

test('what Temporal understands by itself passes as it is', () => {
  const cancelled = new CancelledFailure('cancel');
  const failed = ApplicationFailure.nonRetryable('stop', FailureType.NeedsAttention);

  expect([toFailure(cancelled), toFailure(failed)]).toEqual([cancelled, failed]);
});

function parseError(text: string): Error {
  try {
    JSON.parse(text);
  } catch (error) {
    return error as Error;
  }
  throw new Error('It could be parsed.');
}
