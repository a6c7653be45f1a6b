import { Sample } from '../../activities/sample';
import type { ExtractPart } from '../../db/queries/staging';
import { afterPlanned, ID_TO_COME } from '../../src/domain/foreseen';
import { decide } from '../../src/domain/import-decision';
import { OUTCOMES } from '../../src/domain/outcome';
import { actionOf, outcomeOfAction, PLAN_ACTIONS, samplingOf } from '../../src/domain/preview';
import { previewWarnings } from '../../src/domain/preview-warnings';
import { field, object } from '../support/described';

test('each outcome means one action, and each action one outcome', () => {
  expect(OUTCOMES.map((outcome) => outcomeOfAction[actionOf[outcome]])).toEqual([...OUTCOMES]);
  expect(new Set(OUTCOMES.map((outcome) => actionOf[outcome]))).toEqual(new Set(PLAN_ACTIONS));
});

test.each([
  ['auto', null, { above: 100_000, records: 1_000 }],
  ['auto', 500, { above: 500, records: 500 }],
  ['sample', null, { above: 1_000, records: 1_000 }],
  ['sample', 50, { above: 50, records: 50 }],
  ['full', null, null],
  ['full', 50, null],
] as const)('mode %s with the limit %s reads so much: %j', (mode, limit, expected) => {
  expect(samplingOf(mode, limit)).toEqual(expected);
});

const part = (number: number, more: Partial<ExtractPart> = {}): ExtractPart => ({
  part: number,
  cursor: {},
  records: 0,
  total: null,
  sourceIds: null,
  ...more,
});
const page = (records: number, total?: number) => ({
  records: Array.from({ length: records }, (_none, index) => ({
    sourceId: String(index),
    createdAt: null,
    updatedAt: null,
    values: [],
  })),
  ...(total === undefined ? {} : { total }),
});

test('a source that says that it is large is read no further than the sample', () => {
  const sample = new Sample({ above: 1_000, records: 100 }, [part(0)]);

  const before = sample.isEnough();
  sample.take(0, page(100, 1_001));

  expect([before, sample.isEnough()]).toEqual([false, true]);
});

test('a source that does not say how much it holds is read until it is known to be large', () => {
  const sample = new Sample({ above: 150, records: 100 }, [part(0), part(1)]);
  const enough = [];
  for (const [number, records] of [
    [0, 100],
    [1, 50],
    [1, 1],
  ] as const) {
    sample.take(number, page(records));
    enough.push(sample.isEnough());
  }

  expect(enough).toEqual([false, false, true]);
});

test('what earlier attempts have read counts', () => {
  const sample = new Sample({ above: 150, records: 100 }, [part(0, { records: 120 }), part(1, { total: 31 })]);

  expect(sample.isEnough()).toBe(true);
});

const EMAIL = field('Email', { type: 'email' });
const contact = object([EMAIL, field('FirstName'), field('City')]);
const decided = (found: Parameters<typeof decide>[0]['existing'], values: Record<string, string>) =>
  decide({
    ...{ importRule: 'createAndUpdate', matchKey: 'a@example.com', existing: found, values, destination: contact },
    ...{ matchField: EMAIL, writesKey: true },
  });

test('the second record of a key updates what the first would create, and a third that is alike changes nothing', () => {
  const first = { Email: 'a@example.com', FirstName: 'Ann' };
  const second = { Email: 'A@example.com', FirstName: 'Anna', City: 'Graz' };

  const update = decided(afterPlanned([], [first]), second);
  const third = decided(afterPlanned([], [first, { FirstName: 'Anna', City: 'Graz' }]), second);

  expect(update).toEqual({
    action: 'update',
    destinationId: ID_TO_COME,
    values: { FirstName: 'Anna', City: 'Graz' },
    previous: { FirstName: 'Ann', City: null },
  });
  expect(third).toEqual({ action: 'unchanged', destinationId: ID_TO_COME });
});

test('the second record of a key finds the values that the first would write into a record that is there', () => {
  const there = { destinationId: '003', values: { Email: 'a@example.com', FirstName: 'Old', City: 'Rom' } };

  const update = decided(afterPlanned([there], [{ FirstName: 'Ann' }]), { Email: 'a@example.com', FirstName: 'Anna' });

  expect(update).toMatchObject({ destinationId: '003', values: { FirstName: 'Anna' }, previous: { FirstName: 'Ann' } });
});

test('a key that fits several is ambiguous in every round', () => {
  const there = ['1', '2'].map((destinationId) => ({ destinationId, values: {} }));

  expect(decided(afterPlanned(there, [{ City: 'Rom' }]), { City: 'Graz' })).toMatchObject({ reason: 'ambiguous' });
});

const leads = { kind: 'marketo' as const, object: object([field('unsubscribed')], { name: 'Lead', label: 'Lead' }) };
const contacts = {
  kind: 'salesforce' as const,
  object: object([field('Email'), field('HasOptedOutOfEmail')], { name: 'Contact', label: 'Contact' }),
};
type Found = Parameters<typeof previewWarnings>[0];
const warned = (more: Partial<Found> = {}) =>
  previewWarnings({
    definition: { mappings: [{ from: { field: 'email' }, to: 'Email' }], records: 'all' },
    source: leads,
    destination: contacts,
    writes: 1,
    oppositeSyncs: [],
    sample: null,
    ...more,
  });

test.each<[string, Partial<Found>, string[]]>([
  ['records are written', {}, ['automation', 'nativeSync']],
  ['nothing is written', { writes: 0 }, []],
  ['another sync copies back', { oppositeSyncs: ['Back'] }, ['automation', 'oppositeSync', 'nativeSync']],
  ['both ends are of one vendor', { source: contacts }, ['automation']],
  ['consent is mapped', { definition: mapped('HasOptedOutOfEmail') }, ['automation', 'nativeSync', 'consent']],
  ['a sample was read', { sample: { read: 10, total: null }, writes: 0 }, ['sample']],
  ['a run reads changes', { definition: { mappings: [], records: 'changed' }, writes: 0 }, ['changedOnly']],
])('when %s, it is warned of', (_when, more, codes) => {
  expect(warned(more).map(({ code }) => code)).toEqual(codes);
});

function mapped(to: string): Found['definition'] {
  return { mappings: [{ from: { field: 'unsubscribed' }, to }], records: 'all' };
}

test('the warning of automation says what the sync has switched on', () => {
  const salesforce = { assignmentRules: true, allowDuplicates: false };
  const [automation] = warned({ definition: { mappings: [], records: 'all', salesforce } });

  expect(automation?.message).toContain(
    'Assignment rules are on; duplicates that a rule only warns about are refused.',
  );
});
