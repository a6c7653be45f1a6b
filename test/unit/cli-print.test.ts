import { planText } from '../../src/cli/plan-text';
import { printable, tableText } from '../../src/cli/print';

test('a text of others cannot command the terminal, nor seem to be another line', () => {
  const hostile = 'a\u001b[2Jb\u009b31mc\rd\ne\u2028f\u202eg';

  expect(printable(hostile)).toBe('a?[2Jb?31mc?d?e?f?g');
  expect(tableText(['NAME'], [[hostile]])).toBe('NAME\na?[2Jb?31mc?d?e?f?g');
});

test('columns stand below each other, without blanks at the ends of lines', () => {
  const rows = [
    ['Leads', null],
    ['Every company', 'active'],
  ];

  expect(tableText(['NAME', 'STATUS'], rows)).toBe('NAME           STATUS\nLeads\nEvery company  active');
});

test('a plan tells what is made and changed, and no secret', () => {
  const item = { path: '', id: null, status: null, version: null, kind: 'marketo' as const };
  const plan = planText({
    counts: { create: 1, change: 1, unchanged: 1 },
    connections: [
      { ...item, name: 'A', action: 'change', changes: [{ path: 'settings.clientSecret', isSecret: true }] },
      { ...item, name: 'B', action: 'unchanged', changes: [] },
    ],
    syncs: [{ ...item, name: 'C', action: 'create', changes: [] }],
  });

  expect(plan).toBe(
    ['~ connection A', '    settings.clientSecret: another secret', '+ sync C', 'create 1, change 1, unchanged 1'].join(
      '\n',
    ),
  );
});
