import { decideUndo, type Effect, effectOf, type UndoDecision } from '../../src/domain/undo';
import { field, object } from '../support/described';

const contact = object([field('Email', { type: 'email' }), field('City'), field('Title')]);
const id = '003000000000001AAA';
const present = (values: Record<string, string | null>, more = {}) => ({ destinationId: id, values, ...more });

describe('what an execution has made of a record', () => {
  test('an update that followed a create of the same record counts as a part of it', () => {
    const create = { operation: 'create', values: { Email: 'a@example.com', City: 'Graz' }, previous: {} } as const;
    const update = { operation: 'update', values: { City: 'Wien' }, previous: { City: 'Graz' } } as const;

    expect(effectOf([create, update])).toMatchObject({
      wasCreated: true,
      written: { Email: 'a@example.com', City: 'Wien' },
    });
  });

  test('of two updates the first one knows what was there before, and the last one what is there now', () => {
    const first = { operation: 'update', values: { City: 'Graz' }, previous: { City: 'Linz' } } as const;
    const second = {
      operation: 'update',
      values: { City: 'Wien', Title: 'Dr' },
      previous: { City: 'Graz', Title: null },
    } as const;

    expect(effectOf([first, second])).toEqual({
      wasCreated: false,
      written: { City: 'Wien', Title: 'Dr' },
      before: { City: 'Linz', Title: null },
    });
  });
});

const made: Effect = { wasCreated: true, written: { Email: 'a@example.com', City: 'Graz' }, before: {} };
const changed: Effect = {
  wasCreated: false,
  written: { City: 'Graz', Title: 'Dr' },
  before: { City: 'Linz', Title: null },
};

test.each<[string, Effect, ReturnType<typeof present> | undefined, Partial<UndoDecision>]>([
  [
    'a record that was created and still is so is deleted',
    made,
    present({ Email: 'A@example.com', City: 'Graz' }),
    { action: 'delete' },
  ],
  [
    'one that somebody has changed since stays',
    made,
    present({ Email: 'a@example.com', City: 'Wien' }),
    { action: 'spare', reason: 'changedSince', field: 'City' },
  ],
  ['one that somebody has deleted is told', made, undefined, { action: 'spare', reason: 'deletedSince' }],
  [
    'a record that was updated gets its values back, a blank included',
    changed,
    present({ City: 'Graz', Title: 'Dr' }),
    { action: 'restore', values: { City: 'Linz', Title: null } },
  ],
  [
    'one of whose values somebody has changed is left alone as a whole',
    changed,
    present({ City: 'Wien', Title: 'Dr' }),
    { action: 'spare', reason: 'changedSince', field: 'City' },
  ],
  [
    'a value that somebody has put back already needs nothing',
    changed,
    present({ City: 'Linz', Title: 'Dr' }),
    { action: 'restore', values: { Title: null } },
  ],
  [
    'one that is as before already needs nothing at all',
    changed,
    present({ City: 'Linz', Title: null }),
    { action: 'unchanged' },
  ],
  ['one that is gone is told', changed, undefined, { action: 'spare', reason: 'deletedSince' }],
  [
    'a record that cannot be changed any more (a converted lead) stays',
    changed,
    present({ City: 'Graz', Title: 'Dr' }, { locked: 'It has been converted.' }),
    { action: 'spare', reason: 'changedSince', message: 'It has been converted.' },
  ],
  [
    'one with a field that the destination has lost stays',
    { wasCreated: false, written: { Gone__c: 'x' }, before: { Gone__c: 'y' } },
    present({}),
    { action: 'spare', reason: 'changedSince', field: 'Gone__c' },
  ],
])('%s', (_claim, effect, now, decision) => {
  expect(decideUndo(effect, now, contact)).toMatchObject(decision);
});
