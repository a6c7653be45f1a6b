import { draftDefinition } from '../../src/domain/definition';
import { compileFilter } from '../../src/domain/filter';
import type { Value } from '../../src/domain/object-description';
import {
  type FilterGroup,
  filterOfQuery,
  placeOfProblem,
  queryOfFilter,
  withLine,
} from '../../src/web/features/sync-editor/lib/filter-query';
import { asEdited, isSame, mergeDrafts, withMerged } from '../../src/web/features/sync-editor/lib/merge-drafts';
import { pastedInWords, pastedList, typedList } from '../../src/web/features/sync-editor/lib/pasted-list';
import { draftOf, emptyRow, formOf } from '../../src/web/features/sync-editor/lib/sync-form';
import { field, object } from '../support/described';
import fc from '../support/fast-check';
import { filtersOver } from '../support/random-filters';

const WHOLE = draftDefinition.parse({
  name: 'EU leads to contacts',
  description: 'Every night.',
  source: { connectionId: '5f0c1c56-5f9e-4f0e-9a53-0d6c2a7e9b10', object: 'Lead' },
  destination: { connectionId: '0d3b6c0a-52c1-4a5f-8f0e-7b1c9f2d3e44', object: 'Contact' },
  match: { source: 'email', destination: 'Email' },
  deduplicate: 'youngestByLastUpdate',
  importRule: 'create',
  blankValues: 'clear',
  mappings: [
    { from: { field: 'email' }, to: 'Email' },
    { from: { constant: true }, to: 'HasOptedOutOfEmail', blankValues: 'keep' },
    { from: { expression: 'firstName + lastName' }, to: 'Description', default: 'nobody' },
    { from: { field: 'country' }, to: 'MailingCountry', values: { UK: 'United Kingdom', X: null }, otherwise: 'fail' },
    { from: { field: 'company' }, to: 'AccountId', lookup: { object: 'Account', by: 'Name', missing: 'skip' } },
  ],
  filter: { any: [{ column: 'country', operator: 'in', value: ['DE'] }, { not: { any: [] } }] },
  records: 'changed',
  schedule: {
    type: 'interval',
    every: { amount: 2, unit: 'week' },
    start: '2026-12-01T02:30',
    end: '2027-03-31T23:59',
    timeZone: 'Europe/Vienna',
  },
  salesforce: { assignmentRules: true, allowDuplicates: false },
  stopAfterFailures: { percent: 5, of: 1_000 },
  firstRun: { records: 50 },
});

test('a definition that is shown and saved again is the same', () => {
  expect(draftOf(formOf(WHOLE, 'UTC')).draft).toEqual(WHOLE);
});

test.each<[string, Record<string, unknown>]>([
  ['a condition without a group', { filter: { column: 'email', operator: 'isNotEmpty' } }],
  ['defaults that are left out', { description: undefined, importRule: undefined, deduplicate: undefined }],
  ['options that are off', { salesforce: { assignmentRules: false, allowDuplicates: false } }],
  ['a schedule without a zone', { schedule: { type: 'once', at: '2026-12-01T09:00' } }],
  ['no schedule yet', { schedule: undefined }],
  ['a filter that leaves nothing out', { filter: { all: [] } }],
])('however a definition is stored, opening it is no change: %s', (_what, members) => {
  const stored = draftDefinition.parse({ ...WHOLE, ...members });

  expect(isSame(draftOf(formOf(stored, 'Asia/Tokyo')).draft, asEdited(stored))).toBe(true);
  expect(asEdited(stored).schedule).toEqual(stored.schedule);
});

test('of a new sync nothing is chosen, and the rules are those of the guide', () => {
  const form = formOf({}, 'Europe/Berlin');

  expect(form).toMatchObject({ deduplicate: 'importEverything', importRule: 'createAndUpdate', name: '' });
  expect(form.schedule).toMatchObject({ type: '', timeZone: 'Europe/Berlin' });
  expect(draftOf(form).draft).not.toHaveProperty('schedule');
});

test('a condition is added at the end of a filter, in place of one that has no column yet', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const newId = () => ids.shift() ?? '';
  const line = (field: string) => ({ field, operator: 'isNotEmpty', value: undefined });

  const first = withLine(null, line(''), newId);
  const second = withLine(first, line('email'), newId);
  const third = withLine(second, line('city'), newId);

  expect(first).toMatchObject({ id: 'a', combinator: 'and', rules: [{ id: 'b', field: '' }] });
  expect(third).toMatchObject({ id: 'a', rules: [{ field: 'email' }, { field: 'city' }] });
  expect(third.rules).toHaveLength(2);
});

test('a row with one side alone is not saved as a mapping, and says what it lacks', () => {
  const form = formOf(WHOLE, 'UTC');
  const rows = [{ ...emptyRow('new'), field: 'email' }, ...form.mappings.slice(0, 1)];

  const { draft, rowKeys, unfinished } = draftOf({ ...form, mappings: rows, filter: null });

  expect(draft.mappings).toHaveLength(1);
  expect(rowKeys).toEqual(['saved-0']);
  expect(unfinished).toEqual([{ path: 'rows.new', message: 'Choose a destination field, or remove this mapping.' }]);
});

const columns = [
  { name: 'country', type: 'text' as const, held: ['DE', 'AT', 'de'] },
  { name: 'score', type: 'integer' as const, held: [0, 1, 2] },
  { name: 'born', type: 'date' as const, held: ['2026-03-01'] },
];
const thing = object(columns.map(({ name, type }) => field(name, { type })));

test('a filter that is edited in the query builder and not changed selects the same records', () => {
  const records = fc.record<Record<string, Value>>({
    country: fc.constantFrom('DE', 'at', null),
    score: fc.constantFrom(0, 1, null),
    born: fc.constantFrom('2026-03-01', null),
  });
  const context = { asOf: '2026-03-02T00:00:00.000Z', timeZone: 'UTC' };
  fc.assert(
    fc.property(filtersOver(columns, ['2026-03-01']), fc.array(records, { maxLength: 8 }), (filter, values) => {
      const again = filterOfQuery(queryOfFilter(filter)).filter;

      const selects = compileFilter(filter, thing, context);
      const selectsAgain = compileFilter(again ?? { all: [] }, thing, context);
      expect(values.map(selectsAgain)).toEqual(values.map(selects));
      // and from then on it stays as it is
      expect(again && filterOfQuery(queryOfFilter(again)).filter).toEqual(again);
    }),
  );
});

test('a condition without a column and an empty group are told, and a problem finds its line', () => {
  const query: FilterGroup = {
    id: 'root',
    combinator: 'and',
    rules: [
      { id: 'open', field: '', operator: 'equals', value: '' },
      { id: 'country', field: 'country', operator: 'equals', value: 'DE' },
      { id: 'group', combinator: 'or', not: true, rules: [] },
    ],
  };

  const { filter, unfinished, places } = filterOfQuery(query);

  expect(filter).toEqual({ all: [{ column: 'country', operator: 'equals', value: 'DE' }, { not: { any: [] } }] });
  expect(unfinished.map(({ id }) => id)).toEqual(['open', 'group']);
  expect(placeOfProblem('filter.all[0].value', places)).toBe('country');
  expect(placeOfProblem('filter.all[1].not', places)).toBe('group');
  expect(placeOfProblem('filter', places)).toBe('root');
});

test.each<[string, string[], number]>([
  ['DE\nAT\r\nCH\n', ['DE', 'AT', 'CH'], 0],
  ['DE, AT;CH\tDE', ['DE', 'AT', 'CH'], 1],
  ['"Vienna, Austria"\n Linz \n\nLinz', ['Vienna, Austria', 'Linz'], 1],
  ['   ', [], 0],
])('a pasted list %j has the values %j', (text, values, repeated) => {
  expect(pastedList(text)).toEqual({ values, repeated });
});

test('blanks around what is typed into a list are no part of it, and nothing is there twice', () => {
  expect(typedList(['Japan', ' Poland'], ['Japan'])).toEqual(['Japan', 'Poland']);
  expect(typedList(['Japan', ' Japan ', ' '], ['Japan'])).toEqual(['Japan']);
  expect(typedList([' as it was', 'Japan'], [' as it was'])).toEqual([' as it was', 'Japan']);
});

test('changes of two people to different members are joined; to the same member ours are taken and told', () => {
  const theirs = { ...WHOLE, description: 'theirs', name: 'theirs' };
  const { firstRun: _taken, ...ours } = { ...WHOLE, name: 'ours' };

  const { merged, conflicts } = mergeDrafts(WHOLE, ours, theirs);

  expect(merged).toEqual({ ...ours, description: 'theirs' });
  expect(conflicts).toEqual(['name']);
});

test('what is unfinished stays when a change of another person is taken in', () => {
  const form = formOf(WHOLE, 'UTC');
  const unfinished = { ...form, mappings: [...form.mappings, { ...emptyRow('open'), field: 'city' }] };
  const { draft } = draftOf(unfinished);

  const elsewhere = withMerged(unfinished, { ...draft, description: 'theirs' }, 'UTC');
  expect(elsewhere).toEqual({ ...unfinished, description: 'theirs' });
  const same = withMerged(unfinished, { ...draft, mappings: draft.mappings?.slice(0, 1) }, 'UTC');
  expect(same.mappings.map(({ key }) => key)).toEqual(['saved-0']);
});

test('what is typed while a change of another person is taken in stays', () => {
  const sent = { ...WHOLE, importRule: 'update' } as const;
  const typedSince = { ...formOf(sent, 'UTC'), name: 'typed since' };

  const { merged } = mergeDrafts(WHOLE, sent, { ...WHOLE, description: 'theirs' });

  expect(withMerged(typedSince, merged, 'UTC', sent)).toEqual({ ...typedSince, description: 'theirs' });
});

test.each([
  [1, 0, '1 value was added.'],
  [1_204, 1, '1,204 values were added; 1 was there already.'],
  [0, 2, '0 values were added; 2 were there already.'],
])('of %i values that are new and %i that are not a pasted list says: %s', (added, repeated, words) => {
  expect(pastedInWords(added, repeated)).toBe(words);
});
