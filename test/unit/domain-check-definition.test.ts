import { checkDefinition } from '../../src/domain/check-definition';
import { definition } from '../../src/domain/definition';
import { field, object } from '../support/described';

const source = object([field('email', { type: 'email' }), field('note')], { name: 'Lead' });
const destination = object(
  [
    field('Email', { type: 'email' }),
    field('LastName', { required: true }),
    field('Once', { updateable: false }),
    field('Later', { createable: false }),
    field('Computed', { createable: false, updateable: false }),
  ],
  { name: 'Contact', label: 'Contact' },
);
const connectionId = '00000000-0000-4000-8000-000000000000';
const problems = (more: Record<string, unknown>, from = source) =>
  checkDefinition(
    definition.parse({
      name: 'x',
      source: { connectionId, object: 'Lead' },
      destination: { connectionId, object: 'Contact' },
      match: { source: 'email', destination: 'Email' },
      mappings: [{ from: { constant: 'Sample' }, to: 'LastName' }],
      schedule: { type: 'now' },
      ...more,
    }),
    from,
    destination,
    { now: '2026-03-01T00:00:00.000Z', defaultTimeZone: 'UTC' },
  );
const paths = (more: Record<string, unknown>, from = source) => problems(more, from).map(({ path }) => path);

test('a definition without a fault has no problem', () => {
  expect(paths({})).toEqual([]);
});

test.each([
  [{ match: undefined }, ['match']],
  [{ match: { source: 'x', destination: 'y' } }, ['match.source', 'match.destination']],
  [{ mappings: [{ from: { field: 'note' }, to: 'Email' }] }, ['mappings']],
  [{ mappings: [{ from: { field: 'note' }, to: 'Email' }], importRule: 'update' }, []],
  // the match key is written without a mapping
  [{ mappings: [{ from: { field: 'note' }, to: 'Email' }], match: { source: 'note', destination: 'LastName' } }, []],
  [{ mappings: [{ from: { field: 'note' }, to: 'Once' }], importRule: 'update' }, ['mappings[0].to']],
  [{ mappings: [{ from: { field: 'note' }, to: 'Computed' }], importRule: 'update' }, ['mappings[0].to']],
  [{ mappings: [{ from: { expression: 'nothing + 1' }, to: 'LastName' }] }, ['mappings[0].from.expression']],
  [{ schedule: { type: 'once', at: '2026-02-28T00:00' } }, ['schedule.at']],
  [{ stopAfterFailures: { percent: 5 }, firstRun: { records: 50 } }, []],
])('%j has problems at %j (ASVS 2.2.3)', (more, expected) => {
  expect(paths(more)).toEqual(expected);
});

test('a mistake in an expression is told at its own place, in its own words', () => {
  const mappings = [
    { from: { constant: 'Sample' }, to: 'LastName' },
    { from: { expression: '[email]' }, to: 'Once' },
  ];

  expect(problems({ mappings })).toEqual([
    { path: 'mappings[1].from.expression', message: expect.stringMatching(/^The expression gives a list/) },
  ]);
});

test.each([
  [{}, ['mappings[0].from.constant']],
  // nobody is created, or another value takes its place
  [{ importRule: 'update' }, []],
  [{ mappings: [{ from: { constant: ' ' }, to: 'LastName', default: 'Sample' }] }, []],
])('a blank constant is no value for a field that creation requires: %j', (more, expected) => {
  const mappings = [{ from: { constant: ' ' }, to: 'LastName' }];

  expect(paths({ mappings, ...more })).toEqual(expected);
});

test('an object that is read by its keys alone needs a filter on one', () => {
  const byKey = object([field('email', { type: 'email' })], { readableAsWhole: false, keyFields: ['email'] });
  const filter = { all: [{ column: 'email', operator: 'in', value: ['a@example.com'] }] };

  expect(paths({}, byKey)).toEqual(['filter']);
  expect(paths({ filter }, byKey)).toEqual([]);
});
