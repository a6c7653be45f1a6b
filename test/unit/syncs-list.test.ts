import { syncAnswer } from '../../src/api/schemas/syncs';
import type { Sync } from '../../src/web/features/syncs/api';
import { heightsOf, recentInWords } from '../../src/web/features/syncs/lib/recent-runs';
import { visibleSyncs } from '../../src/web/features/syncs/lib/visible-syncs';

const EXAMPLE = syncAnswer.meta()?.example as Sync;
const KINDS: Record<string, 'marketo' | 'salesforce'> = { m1: 'marketo', m2: 'marketo', s1: 'salesforce' };

const from = (source: string, destination?: string): Sync => ({
  ...EXAMPLE,
  name: `${source} to ${destination}`,
  source: { connectionId: source, object: 'People' },
  destination: destination === undefined ? undefined : { connectionId: destination, object: 'People' },
});
const SYNCS = [from('m1', 's1'), from('m2', 's1'), from('s1', 'm1'), from('m1', 'm2'), from('m1')];

const shown = (search: Parameters<typeof visibleSyncs>[1]) =>
  visibleSyncs(SYNCS, search, { wordsOf: () => '', kindOf: (id) => KINDS[id ?? ''] }).map(({ name }) => name);

test('syncs are found by where they go from and to, a draft without a destination by none', () => {
  expect(shown({ direction: 'marketoToSalesforce' })).toEqual(['m1 to s1', 'm2 to s1']);
  expect(shown({ direction: 'salesforceToMarketo' })).toEqual(['s1 to m1']);
});

test('a connection finds the syncs that read or write by it, and other filters hold besides', () => {
  expect(shown({ connection: 'm2' })).toEqual(['m1 to m2', 'm2 to s1']);
  expect(shown({ connection: 'm1', direction: 'marketoToSalesforce' })).toEqual(['m1 to s1']);
  expect(shown({ connection: 'm1', status: 'draft' })).toEqual([]);
});

test('the last runs are told in words, like ones together, and drawn from the oldest to the newest', () => {
  const run = (number: number, state: 'succeeded' | 'partial' | 'missed', read: number) => ({ number, state, read });
  const newestFirst = [run(4, 'succeeded', 50), run(3, 'succeeded', 200), run(2, 'missed', 0), run(1, 'partial', 100)];

  expect(recentInWords(newestFirst)).toBe('The last 4 executions, the newest first: 2 succeeded, 1 missed, 1 partial');
  expect(heightsOf(newestFirst).map(({ run: { number }, height }) => [number, height])).toEqual([
    [1, 50],
    [2, 20],
    [3, 100],
    [4, 25],
  ]);
});
