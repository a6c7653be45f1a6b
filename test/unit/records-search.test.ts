import { EXECUTION, recordsFilter } from '../../src/api/schemas/executions';
import { outcomeShown, recordsFilterOf, recordsSearch } from '../../src/web/features/executions/records-search';

const ended = { ...EXECUTION, state: 'partial' as const };

test('of what stands in the address of an execution, what chooses its records is all that the API is asked with', () => {
  const address = { tab: 'compare', with: 'c7a6f3b0', outcome: 'failed', reason: 'tooLong', search: 'doe' };

  const filter = recordsFilterOf(recordsSearch.parse(address), ended);

  expect(recordsFilter.parse(filter)).toEqual({ outcome: 'failed', reason: 'tooLong', search: 'doe' });
  expect(recordsFilterOf({ outcome: 'all' }, ended).outcome).toBeUndefined();
});

test.each([
  ['what failed comes first', {}, { failed: 4 }, 'failed'],
  ['what was created, where other records were left out', {}, { failed: 0 }, 'created'],
  ['what was updated, where nothing was created', {}, { failed: 0, created: 0 }, 'updated'],
  ['all, where nothing was written', {}, { failed: 0, created: 0, updated: 0 }, 'all'],
  ['all, where nothing was left out', {}, { failed: 0, filteredOut: 0, duplicates: 0, unchanged: 0 }, 'all'],
  ['all, where one looks for a record', { search: 'doe' }, { failed: 4 }, 'all'],
  ['what somebody has chosen', { outcome: 'all' as const }, { failed: 4 }, 'all'],
])('of the records of an execution are shown: %s', (_which, shown, counts, outcome) => {
  expect(outcomeShown(shown, { ...ended, counts: { ...ended.counts, ...counts } })).toBe(outcome);
});

test('while an execution runs all of its records are shown', () => {
  expect(outcomeShown({}, EXECUTION)).toBe('all');
});
