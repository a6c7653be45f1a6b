import type { ImportRule } from '../../src/domain/definition';
import { decide, type Existing } from '../../src/domain/import-decision';
import type { Values } from '../../src/domain/object-description';
import { field, object } from '../support/described';

const contact = object([
  field('Email', { type: 'email' }),
  field('LastName', { required: true }),
  field('Score', { type: 'number', scale: 1 }),
  field('Source', { updateable: false }),
]);
const values: Values = { Email: 'a@example.com', LastName: 'New', Score: 1.25, Source: 'Marketo' };
const there = (more: Partial<Existing> = {}): Existing => ({
  destinationId: '003',
  values: { Email: 'A@example.com', LastName: 'Old', Score: 1.3, Source: 'Web' },
  ...more,
});
const decided = (
  importRule: ImportRule,
  existing: Existing[],
  more: { matchKey?: string | null; values?: Values } = {},
) => decide({ importRule, matchKey: 'a@example.com', existing, values, destination: contact, ...more });

test.each([
  ['create', 0, { action: 'create' }],
  ['create', 1, { action: 'skip', reason: 'exists' }],
  ['create', 2, { action: 'skip', reason: 'exists' }],
  ['update', 0, { action: 'skip', reason: 'notFound' }],
  ['update', 1, { action: 'update', destinationId: '003' }],
  ['update', 2, { action: 'fail', reason: 'ambiguous' }],
  ['createAndUpdate', 0, { action: 'create' }],
  ['createAndUpdate', 1, { action: 'update', destinationId: '003' }],
  ['createAndUpdate', 2, { action: 'fail', reason: 'ambiguous', message: expect.stringContaining('2 records') }],
] as const)('under %s, a key that fits %i records leads to %j', (rule, times, expected) => {
  expect(
    decided(
      rule,
      Array.from({ length: times }, () => there()),
    ),
  ).toMatchObject(expected);
});

test('an update sends what differs by meaning, never what is set at creation alone, and keeps what was there', () => {
  expect(decided('update', [there()])).toEqual({
    action: 'update',
    destinationId: '003',
    values: { LastName: 'New' },
    previous: { LastName: 'Old' },
  });
});

test('what would change nothing is unchanged', () => {
  const same = there({ values: { Email: 'A@EXAMPLE.com', LastName: ' New ', Score: 1.3 } });

  expect(decided('createAndUpdate', [same])).toEqual({ action: 'unchanged', destinationId: '003' });
});

test('a record without a key is updated by its link, and skipped where nothing may be made of it', () => {
  expect(decided('createAndUpdate', [there()], { matchKey: null })).toMatchObject({ action: 'update' });
  expect(decided('create', [there()], { matchKey: null })).toEqual({ action: 'skip', reason: 'exists' });
  expect(decided('update', [], { matchKey: null })).toEqual({ action: 'skip', reason: 'noKey' });
});

test('a create without a required value fails before it is sent, naming the field', () => {
  expect(decided('create', [], { values: { Email: 'a@example.com' } })).toMatchObject({
    action: 'fail',
    field: 'LastName',
  });
});

test('a record that must not be written fails with what to do instead', () => {
  const locked = there({ locked: 'The lead was converted; its contact is 003.' });

  expect(decided('update', [locked])).toMatchObject({
    action: 'fail',
    message: 'The lead was converted; its contact is 003.',
  });
});
