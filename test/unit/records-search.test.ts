import { recordsFilter } from '../../src/api/schemas/executions';
import { recordsFilterOf, recordsSearch } from '../../src/web/features/executions/records-search';

test('of what stands in the address of an execution, what chooses its records is all that the API is asked with', () => {
  const address = { tab: 'compare', with: 'c7a6f3b0', outcome: 'failed', reason: 'tooLong', search: 'doe' };

  const filter = recordsFilterOf(recordsSearch.parse(address));

  expect(recordsFilter.parse(filter)).toEqual({ outcome: 'failed', reason: 'tooLong', search: 'doe' });
});
