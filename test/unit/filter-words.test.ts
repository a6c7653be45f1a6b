import type { Filter } from '../../src/domain/definition';
import { filterInWords } from '../../src/domain/filter-words';
import type { ObjectDescription } from '../../src/domain/object-description';

const field = (name: string, label: string, type = 'text') =>
  ({ name, label, type }) as ObjectDescription['fields'][number];
const lead = {
  fields: [
    field('country', 'Country'),
    field('updatedAt', 'Updated At', 'datetime'),
    field('unsubscribed', 'Unsubscribed'),
  ],
} as unknown as ObjectDescription;

const cases: [Filter, string][] = [
  [{ column: 'country', operator: 'in', value: ['DE', 'AT'] }, 'Country is one of "DE", "AT"'],
  [{ column: 'country', operator: 'isEmpty' }, 'Country is empty'],
  [{ column: 'unknown', operator: 'equals', value: null }, 'unknown is empty'],
  [{ column: 'country', operator: 'equals' }, 'Country is …'],
  [{ column: 'updatedAt', operator: 'inLast', value: { amount: 1, unit: 'day' } }, 'Updated At is in the last day'],
  [
    { column: 'updatedAt', operator: 'between', value: ['2026-01-01', '2026-02-01'] },
    'Updated At is between "2026-01-01" and "2026-02-01"',
  ],
  [{ column: 'updatedAt', operator: 'greaterOrEqual', value: '2026-01-01' }, 'Updated At is on or after "2026-01-01"'],
  [{ column: 'country', operator: 'greaterOrEqual', value: 'M' }, 'Country is at least "M"'],
  [{ not: { column: 'unsubscribed', operator: 'equals', value: true } }, 'not (Unsubscribed is true)'],
  [
    { column: 'country', operator: 'notIn', value: ['A', 'B', 'C', 'D', 'E', 'F', 'G'] },
    'Country is none of "A", "B", "C", "D", "E" and 2 more',
  ],
  [{ all: [] }, 'everything'],
  [{ any: [] }, 'nothing'],
  [
    {
      all: [
        { column: 'country', operator: 'startsWith', value: 'A' },
        {
          any: [
            { column: 'updatedAt', operator: 'inNext', value: { amount: 2, unit: 'week' } },
            { column: 'country', operator: 'equals', value: 'DE' },
          ],
        },
      ],
    },
    'Country starts with "A" and (Updated At is in the next 2 weeks or Country is "DE")',
  ],
];

test.each(cases)('%j in words: %s', (filter, words) => {
  expect(filterInWords(filter, lead)).toBe(words);
});
