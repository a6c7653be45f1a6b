import type { DraftDefinition } from '../../src/domain/definition';
import type { ObjectDescription } from '../../src/domain/object-description';
import type { ObjectOf } from '../../src/web/features/connections/names';
import { changesBetween } from '../../src/web/features/syncs/lib/definition-changes';

const END = { connectionId: '5f0c1c56-5f9e-4f0e-9a53-0d6c2a7e9b10', object: 'Contact' };
const saved = (more: Partial<DraftDefinition>) => ({
  scheduleText: more.schedule ? `at ${JSON.stringify(more.schedule)}` : null,
  definition: {
    name: 'People',
    source: END,
    mappings: [
      { from: { field: 'email' }, to: 'Email' },
      { from: { field: 'city' }, to: 'MailingCity' },
    ],
    ...more,
  } satisfies DraftDefinition,
});
const changes = (before: Partial<DraftDefinition>, after: Partial<DraftDefinition>) =>
  changesIn(before, after, () => null);
const changesIn = (before: Partial<DraftDefinition>, after: Partial<DraftDefinition>, objectOf: ObjectOf) =>
  changesBetween(saved(before), saved(after), { endInWords: (end) => end?.object ?? 'not chosen yet', objectOf }).map(
    ({ key: _key, ...change }) => change,
  );
const countries = (last: string) => ({
  column: 'country',
  operator: 'in' as const,
  value: ['DE', 'AT', 'CH', 'IT', 'FR', last],
});

test('versions that mean the same have no difference, whatever the order of their members', () => {
  const reordered = { value: 'DE', operator: 'equals' as const, column: 'country' };

  expect(changes({ importRule: 'createAndUpdate', blankValues: 'keep' }, {})).toEqual([]);
  expect(changes({ filter: { column: 'country', operator: 'equals', value: 'DE' } }, { filter: reordered })).toEqual(
    [],
  );
});

test('a difference is told by its member as the pages call it, in the words of both versions', () => {
  expect(changes({}, { name: 'All people', importRule: 'update' })).toEqual([
    { label: 'Name', before: 'People', after: 'All people' },
    { label: 'Import Rule', before: 'create and update', after: 'update only' },
  ]);
  expect(changes({}, { source: { ...END, object: 'Lead' } })).toEqual([
    { label: 'Source', before: 'Contact', after: 'Lead' },
  ]);
});

test('what is new has no words of before, and what is gone none of after', () => {
  expect(changes({}, { firstRun: { records: 50 } })).toEqual([
    { label: 'First run', before: null, after: 'loads 50 records and waits for you' },
  ]);
  expect(changes({ description: 'For the move' }, {})).toEqual([
    { label: 'Description', before: 'For the move', after: null },
  ]);
});

test('mappings are told one by one, by the field that they write', () => {
  const mappings: DraftDefinition['mappings'] = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { constant: 'Vienna' }, to: 'MailingCity', blankValues: 'clear' },
    { from: { expression: 'firstName.trim()' }, to: 'FirstName' },
  ];

  expect(changes({}, { mappings })).toEqual([
    { label: 'Mapping to MailingCity', before: 'city', after: 'the constant "Vienna"; Blank values clear' },
    { label: 'Mapping to FirstName', before: null, after: 'the expression firstName.trim()' },
  ]);
});

test('where the objects are known, fields are called by their labels, and two of one label are two', () => {
  const fields = [
    { name: 'city', label: 'City' },
    { name: 'email', label: 'Email Address' },
    { name: 'MailingCity', label: 'Town' },
    { name: 'OtherCity', label: 'Town' },
  ];
  const mappings: DraftDefinition['mappings'] = [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'email' }, to: 'MailingCity' },
    { from: { field: 'city' }, to: 'OtherCity' },
  ];
  const filter = { column: 'city', operator: 'equals' as const, value: 'Graz' };

  expect(changesIn({}, { mappings, filter }, () => ({ label: 'Lead', fields }) as ObjectDescription)).toEqual([
    { label: 'Filter', before: 'none, all records are read', after: 'City is "Graz"' },
    { label: 'Mapping to Town', before: 'City', after: 'Email Address' },
    { label: 'Mapping to Town', before: null, after: 'City' },
  ]);
});

test('a difference that the words leave out, since they would be too long, is told as one', () => {
  const [change, ...others] = changes({ filter: countries('NL') }, { filter: countries('BE') });

  expect(others).toEqual([]);
  expect(change).toMatchObject({ label: 'Filter', after: expect.stringMatching(/\(other values\)$/) });
});
