import type { Decision } from '../../src/domain/import-decision';
import { isAsPlanned, type Planned } from '../../src/domain/plan-gate';
import { field, object } from '../support/described';

const lead = object([field('email', { type: 'email' }), field('score', { type: 'number', scale: 1 }), field('city')]);

const update = (more: Partial<Extract<Decision, { action: 'update' }>> = {}): Decision => ({
  action: 'update',
  destinationId: '7',
  values: { city: 'Graz' },
  previous: { city: 'Wien' },
  ...more,
});
const plannedUpdate = (more: Partial<Planned> = {}): Planned => ({
  action: 'update',
  destinationId: '7',
  before: { city: 'Wien' },
  after: { city: 'Graz' },
  ...more,
});
const create: Decision = { action: 'create', values: { email: 'A@example.com', score: 1.5 } };
const plannedCreate: Planned = {
  action: 'create',
  destinationId: null,
  before: {},
  after: { email: 'a@example.com', score: 1.5 },
};

test.each<[string, Decision, Planned | undefined, boolean]>([
  ['an update as planned', update(), plannedUpdate(), true],
  ['a create that means the same', create, plannedCreate, true],
  ['an update of what an earlier round was to make', update(), plannedUpdate({ destinationId: null }), true],
  ['another value in the source', update({ values: { city: 'Linz' } }), plannedUpdate(), false],
  ['another value in the destination', update({ previous: { city: 'Linz' } }), plannedUpdate(), false],
  ['one more field', update({ values: { city: 'Graz', score: 2 } }), plannedUpdate(), false],
  ['one field less', update({ values: {}, previous: {} }), plannedUpdate(), false],
  ['another record of the destination', update({ destinationId: '8' }), plannedUpdate(), false],
  ['a create that was to be an update', create, plannedUpdate(), false],
  ['an update that was to be a create', update(), plannedCreate, false],
  ['a record that was not to be written', create, undefined, false],
  ['nothing to write any more', { action: 'unchanged', destinationId: '7' }, plannedUpdate(), true],
  ['a skip that nobody planned', { action: 'skip', reason: 'exists' }, undefined, true],
  ['a refusal that nobody planned', { action: 'fail', reason: 'ambiguous', message: '' }, undefined, true],
])('%s: %j beside %j may be done: %s', (_what, decision, planned, expected) => {
  expect(isAsPlanned(decision, planned, lead)).toBe(expected);
});
