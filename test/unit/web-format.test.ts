import { formatDay, formatRelative } from '../../src/web/lib/format';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const ago = (seconds: number) => formatRelative(new Date(NOW - seconds * 1_000).toISOString(), NOW);

test.each([
  [59, 'less than a minute ago'],
  [60, '1 minute ago'],
  [3_569, '59 minutes ago'],
  [3_570, '1 hour ago'],
  [84_599, '23 hours ago'],
  [84_600, 'yesterday'],
])('%i seconds ago is told in the largest unit that fits: %s', (seconds, words) => {
  expect(ago(seconds)).toBe(words);
});

test('a calendar day is told in words, whatever the zone of the reader', () => {
  expect(formatDay('2026-01-01')).toBe('1 January 2026');
});
