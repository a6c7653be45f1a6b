import { looksAlike } from '../../src/web/lib/look-alike';

test.each([
  ['two blanks for one', '+49 30  355', '+49 30 355'],
  ['a no-break space', '+49\u00a030', '+49 30'],
  ['blanks at the end', 'Mia ', 'Mia'],
  ['a line break', 'Mia\nHolt', 'Mia Holt'],
  ['a letter in two parts', 'Zoe\u0308', 'Zo\u00eb'],
  ['a letter of no width', 'Mia\u200b', 'Mia'],
])('%s is not seen', (_what, one, other) => {
  expect(looksAlike(one, other)).toBe(true);
});

test.each([
  ['Mia', 'mia'],
  ['Mia', 'Mia'],
  [null, ''],
  ['1', 1],
])('%j and %j are told apart, or are the same', (one, other) => {
  expect(looksAlike(one, other)).toBe(false);
});
