import { filterFindings } from '../../src/domain/filter-findings';
import type { ObjectDescription } from '../../src/domain/object-description';

const lead = {
  fields: ['country', 'city'].map((name) => ({ name, label: name === 'country' ? 'Country' : 'City', type: 'text' })),
} as unknown as ObjectDescription;
const context = { fields: ['city', 'country'], asOf: '2026-12-01T00:00:00Z', timeZone: 'UTC' };
const rows = [
  ['Linz', 'AT'],
  ['Wien', 'AT'],
  ['', 'DE'],
];

test('each condition that has to hold tells how many records it lets through, and what its column holds', () => {
  const filter = {
    all: [
      { column: 'country', operator: 'equals' as const, value: 'Austria' },
      { all: [{ column: 'city', operator: 'isNotEmpty' as const }] },
    ],
  };

  expect(filterFindings(filter, lead, context, rows)).toEqual([
    {
      text: 'Country is "Austria"',
      holds: 0,
      of: 3,
      columns: [
        {
          column: 'country',
          label: 'Country',
          values: [
            { value: 'AT', records: 2 },
            { value: 'DE', records: 1 },
          ],
        },
      ],
    },
    expect.objectContaining({ text: 'City is not empty', holds: 2, of: 3 }),
  ]);
});

test('alternatives count as one condition, and blanks as one value', () => {
  const any = ['Graz', 'Bonn'].map((value) => ({ column: 'city', operator: 'equals' as const, value }));

  const [finding, ...more] = filterFindings({ any }, lead, context, [
    ['', 'AT'],
    [null, 'AT'],
  ]);

  expect(more).toEqual([]);
  expect(finding).toMatchObject({ holds: 0, columns: [{ column: 'city', values: [{ value: null, records: 2 }] }] });
});
