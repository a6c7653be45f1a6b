import {
  decideUndo,
  decideUndos,
  type Effect,
  effectOf,
  type TraceOfOthers,
  type UndoDecision,
} from '../../src/domain/undo';
import { field, object } from '../support/described';

const contact = object([field('Email', { type: 'email' }), field('City'), field('Title')]);
const id = '003000000000001AAA';
const present = (values: Record<string, string | null>, more = {}) => ({ destinationId: id, values, ...more });

describe('what an execution has made of a record', () => {
  test('an update that followed a create of the same record counts as a part of it', () => {
    const create = {
      operation: 'create',
      values: { Email: 'a@example.com', City: 'Graz' },
      previous: {},
      settledAt: '2026-06-01T12:00:00.000Z',
    } as const;
    const update = {
      operation: 'update',
      values: { City: 'Wien' },
      previous: { City: 'Graz' },
      settledAt: '2026-06-01T12:05:00.000Z',
    } as const;

    expect(effectOf([create, update])).toMatchObject({
      wasCreated: true,
      written: { Email: 'a@example.com', City: 'Wien' },
      writtenUntil: '2026-06-01T12:05:00.000Z',
    });
  });

  test('of two updates the first one knows what was there before, and the last one what is there now', () => {
    const first = {
      operation: 'update',
      values: { City: 'Graz' },
      previous: { City: 'Linz' },
      settledAt: null,
    } as const;
    const second = {
      operation: 'update',
      values: { City: 'Wien', Title: 'Dr' },
      previous: { City: 'Graz', Title: null },
      settledAt: null,
    } as const;

    expect(effectOf([first, second])).toEqual({
      wasCreated: false,
      written: { City: 'Wien', Title: 'Dr' },
      before: { City: 'Linz', Title: null },
      writtenUntil: null,
    });
  });
});

const made: Effect = {
  wasCreated: true,
  written: { Email: 'a@example.com', City: 'Graz' },
  before: {},
  writtenUntil: '2026-06-01T12:00:30.000Z',
};
const changed: Effect = {
  wasCreated: false,
  written: { City: 'Graz', Title: 'Dr' },
  before: { City: 'Linz', Title: null },
  writtenUntil: null,
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
    { wasCreated: false, written: { Gone__c: 'x' }, before: { Gone__c: 'y' }, writtenUntil: null },
    present({}),
    { action: 'spare', reason: 'changedSince', field: 'Gone__c' },
  ],
])('%s', (_claim, effect, now, decision) => {
  expect(decideUndo(effect, now, contact, null)).toMatchObject(decision);
});

const STAMPS: TraceOfOthers = {
  by: 'stamps',
  createdBy: 'CreatedById',
  createdAt: 'CreatedDate',
  modifiedBy: 'LastModifiedById',
  modifiedAt: 'LastModifiedDate',
};
const stamped = (editor: string, modifiedAt: string) =>
  present({
    ...made.written,
    CreatedById: '005000000000001AAA',
    CreatedDate: '2026-06-01T12:00:00.000Z',
    LastModifiedById: editor,
    LastModifiedDate: modifiedAt,
  } as Record<string, string>);

describe('a created record whose written fields are as they were', () => {
  test.each<[string, string, string, string]>([
    ['is deleted when nothing has been done since', '005000000000001AAA', '2026-06-01T12:00:00.000Z', 'delete'],
    ['is deleted when automation went on until the answer', '005000000000001AAA', '2026-06-01T12:00:30.000Z', 'delete'],
    ['stays when its creator has changed it later', '005000000000001AAA', '2026-06-01T12:00:31.000Z', 'spare'],
    [
      'stays when another user has changed it at whatever time',
      '005000000000002AAA',
      '2026-06-01T12:00:00.000Z',
      'spare',
    ],
  ])('%s', (_title, editor, modifiedAt, action) => {
    const decision = decideUndo(made, stamped(editor, modifiedAt), contact, STAMPS);

    expect(decision.action).toBe(action);
    if (decision.action === 'spare') expect(decision.message).toContain(modifiedAt);
  });

  test('is deleted when it was a later execution of the sync that changed it last', async () => {
    const unit = { destinationId: id, effect: made, sortKeys: ['1'] };
    const now = new Map([[id, stamped('005000000000001AAA', '2026-06-01T14:00:00.000Z')]]);

    const until = async (later: string) => new Map([[id, later]]);

    expect(await decideUndos([unit], now, contact, STAMPS, () => until('2026-06-01T14:00:05.000Z'))).toEqual([
      { action: 'delete' },
    ]);
    expect(await decideUndos([unit], now, contact, STAMPS, () => until('2026-06-01T13:00:05.000Z'))).toMatchObject([
      { action: 'spare', reason: 'changedSince' },
    ]);
  });

  test('stays, where nobody tells who changed it, when a field that nobody but others fills holds something', () => {
    const trace: TraceOfOthers = { by: 'values', fields: ['Email', 'City', 'Title'] };

    expect(
      decideUndo(made, present({ ...made.written, Title: 'Dr' } as Record<string, string>), contact, trace),
    ).toMatchObject({
      action: 'spare',
      reason: 'changedSince',
      field: 'Title',
    });
    expect(decideUndo(made, present({ ...made.written, Title: null } as Record<string, null>), contact, trace)).toEqual(
      {
        action: 'delete',
      },
    );
  });
});
