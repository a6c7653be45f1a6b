import type { ImportRule } from '../../src/domain/definition';
import { decide, type Existing } from '../../src/domain/import-decision';
import type { Values } from '../../src/domain/object-description';
import { field, object } from '../support/described';

const EMAIL = field('Email', { type: 'email' });
const contact = object([
  EMAIL,
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
const decided = (importRule: ImportRule, existing: Existing[], more: Partial<Parameters<typeof decide>[0]> = {}) =>
  decide({
    ...{ importRule, matchKey: 'a@example.com', existing, values, destination: contact },
    ...{ matchField: EMAIL, writesKey: true },
    ...more,
  });

test.each([
  ['create', 0, { action: 'create' }],
  ['create', 1, { action: 'skip', reason: 'exists' }],
  ['create', 2, { action: 'skip', reason: 'exists' }],
  ['update', 0, { action: 'skip', reason: 'notFound' }],
  ['update', 1, { action: 'update', destinationId: '003' }],
  ['update', 2, { action: 'fail', reason: 'ambiguous' }],
  ['createAndUpdate', 0, { action: 'create' }],
  ['createAndUpdate', 1, { action: 'update', destinationId: '003' }],
  [
    'createAndUpdate',
    2,
    { action: 'fail', reason: 'ambiguous', message: expect.stringContaining('2 destination records') },
  ],
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

test('an update that would clear a required value fails before it is sent, naming the field', () => {
  const cleared = { ...values, LastName: null };

  expect(decided('update', [there()], { values: cleared })).toMatchObject({ action: 'fail', field: 'LastName' });
  expect(decided('update', [there({ values: {} })], { values: { LastName: null } })).toMatchObject({
    action: 'unchanged',
  });
});

test('a new record carries its key, so that the next run recognises it', () => {
  const create = (more: Partial<Parameters<typeof decide>[0]>) => decided('createAndUpdate', [], more);

  expect(create({ values: { ...values, Email: ' A@Example.com' } })).toMatchObject({ action: 'create' });
  expect(create({ values: { ...values, Email: 'b@example.com' } })).toMatchObject({ action: 'fail', field: 'Email' });
  expect(create({ values: { LastName: 'New' } })).toMatchObject({ action: 'fail', reason: 'keyDiffers' });
  expect(create({ values: { LastName: 'New' }, matchKey: null })).toMatchObject({ action: 'create' });
});

test('a record with the Id of none is not created: it would get another', () => {
  const matchField = field('Id', { type: 'id', createable: false });

  expect(decided('createAndUpdate', [], { matchField, matchKey: '003000000000001AAA' })).toMatchObject({
    action: 'fail',
    reason: 'keyNotWritable',
    field: 'Id',
  });
});

test('a number that the destination would round is not the key that is looked up', () => {
  const matchField = field('Score', { type: 'number', scale: 1 });
  const create = (key: string, Score: number) =>
    decided('createAndUpdate', [], { matchField, matchKey: key, values: { ...values, Score } });

  expect(create('1.25', 1.25)).toMatchObject({ action: 'fail', reason: 'keyDiffers', field: 'Score' });
  expect(create('1.5', 1.5)).toMatchObject({ action: 'create' });
});

test('what the destination computes by itself may be a key', () => {
  const matchField = field('Code', { createable: false, updateable: false });

  expect(decided('createAndUpdate', [], { matchField, matchKey: 'a1' })).toMatchObject({ action: 'create' });
});

test('where nothing is mapped to the match field, a record that is there keeps the spelling of its key', () => {
  const spelt = there({ values: { Email: 'old@example.com', LastName: 'New', Score: 1.3, Source: 'Web' } });

  expect(decided('update', [spelt], { writesKey: false })).toMatchObject({ action: 'unchanged' });
  expect(decided('update', [spelt])).toMatchObject({ action: 'update', values: { Email: 'a@example.com' } });
});

test('a record that must not be written fails with what to do instead', () => {
  const locked = there({ locked: 'The lead was converted; its contact is 003.' });

  expect(decided('update', [locked])).toMatchObject({
    action: 'fail',
    message: 'The lead was converted; its contact is 003.',
  });
});
