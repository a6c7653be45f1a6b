import { checkedFile, whyNotApply } from '../../src/web/features/definitions/lib/checked-file';
import { changeInWords, effectOf } from '../../src/web/features/definitions/lib/plan-words';
import { ApiProblem } from '../../src/web/lib/api';

const NOTHING = { create: 0, change: 0, unchanged: 0 };
const sync = (more: object) => ({
  path: 'syncs[0]',
  name: 'EU leads',
  action: 'change' as const,
  id: '9b2f6f0e-3d55-4b1e-8a0c-6f1f2f3a4b5c',
  status: 'draft' as const,
  version: 1,
  changes: [],
  ...more,
});
const planOf = (...syncs: ReturnType<typeof sync>[]) => ({
  counts: { ...NOTHING, change: syncs.length },
  connections: [],
  syncs,
});
const MISSING = { path: 'syncs[0].mappings[0].to', message: 'Contact has no field Emial.', line: 7 };
const validation = (...problems: (typeof MISSING)[]) => ({ valid: problems.length === 0, problems, notChecked: [] });

test('what a draft lacks does not keep a file from being applied; what a live sync lacks does', () => {
  const ofDraft = checkedFile('…', planOf(sync({})), validation(MISSING));
  const ofLive = checkedFile('…', planOf(sync({ status: 'paused' })), validation(MISSING));
  const ofAnother = checkedFile('…', planOf(sync({ path: 'syncs[1]', status: 'active' })), validation(MISSING));

  expect([ofDraft.blocking, ofDraft.open]).toEqual([[], [MISSING]]);
  expect([ofLive.blocking, ofLive.open]).toEqual([[MISSING], []]);
  expect([ofAnother.blocking, ofAnother.open]).toEqual([[], [MISSING]]);
});

test('where a file cannot be compared, its problems are told once, with their lines, and the other ones besides', () => {
  const wrong = { path: 'syncs[0].importRule', message: 'Invalid option', line: 3 };
  const refusal = new ApiProblem(422, 'The file cannot be used as it is.', 'Invalid input', [wrong]);

  const checked = checkedFile('…', refusal, validation(wrong, MISSING));

  expect(checked).toMatchObject({ plan: null, blocking: [wrong], open: [MISSING] });
});

test('a file that cannot be read says why, also where no line is known', () => {
  const refusal = new ApiProblem(400, 'The file is neither YAML nor JSON.', 'Malformed request');

  expect(checkedFile('[', refusal, null).blocking).toEqual([
    { path: '', message: 'The file is neither YAML nor JSON.' },
  ]);
});

test.each([
  ['a viewer', planOf(sync({})), { operate: false, administer: false }, /role is viewer/],
  ['an operator', planOf(sync({})), { operate: true, administer: false }, null],
  [
    'an operator with a new connection',
    {
      ...planOf(),
      counts: { ...NOTHING, create: 1 },
      connections: [
        {
          path: 'connections[0]',
          name: 'EU',
          kind: 'marketo' as const,
          action: 'create' as const,
          id: null,
          changes: [],
        },
      ],
    },
    { operate: true, administer: false },
    /"EU".*administrator/,
  ],
  ['a file that changes nothing', { ...planOf(), counts: NOTHING }, { operate: true, administer: true }, /Nothing/],
])('whether it may be applied: %s', (_who, plan, may, reason) => {
  const told = whyNotApply({ plan, blocking: [] }, may);

  if (reason === null) expect(told).toBeNull();
  else expect(told).toMatch(reason);
});

test('a change shows what was and what will be, and of a secret nothing', () => {
  expect(changeInWords({ path: 'schedule.every.amount', before: 2, after: 1 }).text).toBe('2 → 1');
  expect(changeInWords({ path: 'description', after: '' }).text).toBe('nothing → blank');
  expect(changeInWords({ path: 'settings.clientSecret', isSecret: true }).text).toBe('another secret');
  expect(changeInWords({ path: 'filter', before: 'x'.repeat(300) }).text).toBe(`${'x'.repeat(200)}… → nothing`);
});

test('it is said when a change of a sync counts', () => {
  expect(effectOf({ action: 'create' })).toMatch(/draft/);
  expect(effectOf({ action: 'change', status: 'active' })).toMatch(/next execution/);
  expect(effectOf({ action: 'change', status: 'draft' })).toBeNull();
});
