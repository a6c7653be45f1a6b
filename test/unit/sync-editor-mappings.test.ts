import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { type Mapping, mapping as mappingSchema } from '../../src/domain/definition';
import { compileExpression } from '../../src/domain/mapping-expression';
import { begunTable } from '../../src/web/features/sync-editor/lib/begun-table';
import {
  EXPRESSION_FUNCTIONS,
  fieldInExpression,
  inserted,
} from '../../src/web/features/sync-editor/lib/expression-words';
import { type History, NO_HISTORY, recorded, redone, undone } from '../../src/web/features/sync-editor/lib/history';
import { MAPPING_COLUMNS, rowsOfTable, tableOfRows } from '../../src/web/features/sync-editor/lib/mapping-table';
import { moved } from '../../src/web/features/sync-editor/lib/moved-row';
import { sincePreview } from '../../src/web/features/sync-editor/lib/since-preview';
import { withoutStale } from '../../src/web/features/sync-editor/lib/suggested-rows';
import { emptyRow, type MappingRow, mappingOfRow, rowOf } from '../../src/web/features/sync-editor/lib/sync-form';
import { uncheckedOf, withUnchecked } from '../../src/web/features/sync-editor/lib/unchecked-rows';
import { type GridView, visibleRows } from '../../src/web/features/sync-editor/lib/visible-rows';
import { field, object } from '../support/described';
import fc from '../support/fast-check';

const PERSON = object([field('email', { label: 'Email Address' }), field('city', { label: 'City' })]);
const CONTACT = object([field('Email'), field('Title'), field('LastName', { label: 'Last Name' })]);
const ROWS = [
  { ...emptyRow('email'), field: 'email', to: 'Email' },
  { ...emptyRow('open'), field: 'city' },
  { ...emptyRow('fixed'), kind: 'constant' as const, constant: 'Web', to: 'Title' },
];
const PROBLEMS = [{ path: 'rows.open', message: 'Choose a destination field.' }];

describe('what the grid of mappings shows', () => {
  const shown = (view: GridView, search = '', kept: string | null = null, missing = 0) =>
    visibleRows(ROWS, PROBLEMS, { source: PERSON, destination: CONTACT }, { view, search, kept }, missing);
  const keys = (...given: Parameters<typeof shown>) => shown(...given).rows.map(({ row }) => row.key);

  test('each view has its mappings and says how many there are', () => {
    expect(keys('all')).toEqual(['email', 'open', 'fixed']);
    expect(keys('mapped')).toEqual(['email', 'fixed']);
    expect(keys('problems')).toEqual(['open']);
    expect(keys('unmapped')).toEqual([]);
    expect(shown('unmapped').unmapped.map(({ name }) => name)).toEqual(['LastName']);
    expect(shown('all').counts).toEqual({ all: 3, mapped: 2, unmapped: 1, problems: 1 });
    expect(shown('all', '', null, 2).counts.problems).toBe(3);
  });

  test('a search looks at labels, names and constants of both sides, and a mapping keeps its number', () => {
    expect(keys('all', 'address')).toEqual(['email']);
    expect(keys('all', 'WEB')).toEqual(['fixed']);
    expect(shown('all', 'title').rows).toEqual([{ row: ROWS[2], number: 3 }]);
    expect(shown('unmapped', 'last n').unmapped).toHaveLength(1);
    expect(shown('unmapped', 'email').unmapped).toEqual([]);
  });

  test('a mapping that is worked at stays in sight', () => {
    expect(keys('problems', 'nothing fits', 'email')).toEqual(['email']);
  });
});

test('a mapping is moved by one place, and not over the end', () => {
  expect(moved(ROWS, 'open', -1).map(({ key }) => key)).toEqual(['open', 'email', 'fixed']);
  expect(moved(ROWS, 'fixed', 1)).toBe(ROWS);
});

test('undo leads back step by step, redo forward again; what is typed into one field is one step', () => {
  let now = 'a';
  let history: History<string> = NO_HISTORY;
  const change = (next: string, subject: string | null) => {
    history = recorded(history, now, subject);
    now = next;
  };
  const go = (step: ReturnType<typeof undone<string>>) => {
    if (step) ({ state: now, history } = step);
    return step && now;
  };
  change('ab', 'text');
  change('abc', 'text');
  change('other', null);

  expect(go(undone(history, now))).toBe('abc');
  expect(go(undone(history, now))).toBe('a');
  expect(go(undone(history, now))).toBeNull();
  expect(go(redone(history, now))).toBe('abc');
  change('new', 'text');
  expect(go(redone(history, now))).toBeNull();
  expect(go(undone(history, now))).toBe('abc');
});

const scalar = fc.oneof(
  fc.string(),
  fc.constantFrom('=1+1', 'null', '7', '"', "'"),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const name = fc.string({ minLength: 1 }).filter((text) => text.trim() === text);
const mappings = fc.record(
  {
    from: fc.oneof(fc.record({ field: name }), fc.record({ constant: scalar }), fc.record({ expression: name })),
    to: name,
    default: scalar.filter((value) => value !== null && value !== ''),
    values: fc.dictionary(name, scalar, { minKeys: 1 }),
    otherwise: fc.constantFrom('pass', 'blank', 'fail'),
    lookup: fc.record({ object: name, by: name, missing: fc.constantFrom('fail', 'blank', 'skip') }),
    blankValues: fc.constantFrom('keep', 'clear'),
  },
  { requiredKeys: ['from', 'to'] },
);

test('mappings that are written to a CSV file and read again are the same', () => {
  fc.assert(
    fc.property(fc.array(mappings, { minLength: 1, maxLength: 4 }), (given) => {
      const rows = given.map((each, index) => rowOf(mappingSchema.parse(each), String(index)));
      const file = stringify([[...MAPPING_COLUMNS], ...tableOfRows(rows)]);

      const read = rowsOfTable(parse(file));

      expect('rows' in read && read.rows.map(mappingOfRow)).toEqual(rows.map(mappingOfRow));
    }),
  );
});

test.each([
  ['kind,to\nfield,Email\n', ['The first line has to name the columns; it lacks from.']],
  ['kind,from,to\n', ['The file has no mapping.']],
  [
    'kind,from,to,otherwise\nfield,email,Email,\nfeild,city,Title,\nfield,city,,\nfield,city,Title,perhaps\n',
    [
      'Line 3: kind has to be field, constant, expression; it is “feild”.',
      'Line 4: to cannot be “”.',
      'Line 5: otherwise cannot be “perhaps”.',
    ],
  ],
])('the file %j is refused, with the line and the reason', (file, problems) => {
  expect(rowsOfTable(parse(file))).toEqual({ problems });
});

const SELECTED = { text: 'firstName + lastName', from: 12, to: 20 };
test.each<[string, { text: string; from: number; to: number }, string, string, string]>([
  ['into an empty text', { text: '', from: 0, to: 0 }, 'upper(name)', 'upper(name)', 'name'],
  ['in place of what is selected', SELECTED, 'fields.city', 'firstName + fields.city', ''],
  ['after a name', { text: 'firstName ', from: 10, to: 10 }, 'fields.city', 'firstName + fields.city', ''],
  ['within brackets', { text: 'upper()', from: 6, to: 6 }, 'fields.city', 'upper(fields.city)', ''],
])('a piece of an expression is put in %s', (_where, edited, more, text, selected) => {
  const after = inserted(edited, more);

  expect(after.text).toBe(text);
  expect(after.text.slice(after.from, after.to)).toBe(selected);
});

test('each function that is offered can be used as it is shown', () => {
  for (const { example } of EXPRESSION_FUNCTIONS) {
    const { evaluate } = compileExpression(example, new Set(['name', 'number']));
    expect(() => evaluate({ name: 'Example', number: 12 })).not.toThrow();
  }
  expect(compileExpression(fieldInExpression('type'), new Set(['type'])).evaluate({ type: 'kept' })).toBe('kept');
});

test('a value table begins with what the picklist of the destination has already', () => {
  const picklistValues = ['Web', 'Other'].map((value) => ({ value, label: value }));

  expect(begunTable(['WEB', 'Webinar'], field('LeadSource', { picklistValues }))).toEqual([
    { from: 'WEB', to: 'Web' },
    { from: 'Webinar', to: null },
  ]);
  expect(begunTable([], undefined)).toEqual([{ from: '', to: null }]);
});

test('where the destination takes any text, a value table changes nothing until somebody types, and keeps its order', () => {
  const begun = begunTable(['USA', 'Germany'], field('MailingCountry'));
  const stored = { Germany: 'Deutschland', USA: 'USA' };

  expect(begun).toEqual([
    { from: 'Germany', to: 'Germany' },
    { from: 'USA', to: 'USA' },
  ]);
  const mapping = { from: { field: 'country' }, to: 'MailingCountry', values: { USA: 'USA', Germany: 'Deutschland' } };
  expect(rowOf(mapping, 'a').table).toEqual(Object.entries(stored).map(([from, to]) => ({ from, to })));
});

describe('suggestions that are still to be checked', () => {
  const suggested = (key: string, from: string, to: string) => ({
    ...emptyRow(key),
    field: from,
    to,
    confidence: 'likely' as const,
  });
  const ROWS_TO_CHECK = [
    suggested('a', 'city', 'MailingCity'),
    { ...suggested('b', 'email', 'Email'), confidence: null },
  ];

  test('are marked again when the definition that holds them is opened, and nothing else is', () => {
    const noted = uncheckedOf(ROWS_TO_CHECK);
    const saved = ROWS_TO_CHECK.flatMap((row, index) => rowOf(mappingOfRow(row) as Mapping, `saved-${index}`));

    const opened = withUnchecked(saved, noted);

    expect(noted).toEqual([{ from: 'city', to: 'MailingCity', confidence: 'likely' }]);
    expect(opened.map(({ to, confidence }) => [to, confidence])).toEqual([
      ['MailingCity', 'likely'],
      ['Email', null],
    ]);
  });

  test('go when another object without their fields is chosen; what somebody has chosen or confirmed stays', () => {
    const person = object([field('city'), field('email')]);
    const fitting = (...names: string[]) =>
      withoutStale(ROWS_TO_CHECK, person, object(names.map((name) => field(name)))).map(({ to }) => to);

    expect(fitting('MailingCity', 'Email')).toEqual(['MailingCity', 'Email']);
    expect(fitting('BillingCity')).toEqual(['Email']);
  });

  test.each<[string, Partial<MappingRow>]>([
    ['from another field', { field: 'country' }],
    ['to another field', { to: 'OtherCity' }],
    ['with a default', { default: 'Vienna' }],
    ['as an expression', { kind: 'expression', expression: 'upper(city)' }],
  ])('are not marked any more once somebody has changed them elsewhere: %s', (_what, patch) => {
    const changed = { ...suggested('a', 'city', 'MailingCity'), confidence: null, ...patch };

    expect(withUnchecked([changed], [{ from: 'city', to: 'MailingCity', confidence: 'likely' }])).toEqual([changed]);
  });
});

describe('what a preview has found about a mapping', () => {
  const before: Mapping = { from: { field: 'city' }, to: 'Title' };
  const shortened: Mapping = { from: { expression: 'text(fields.city).left(40)' }, to: 'Title' };

  test.each<[string, Mapping | undefined, ReturnType<typeof sincePreview>]>([
    ['as it was', { ...before }, { kind: 'same' }],
    ['after the quick fix', shortened, { kind: 'mended', by: 'Shorten to 40 characters' }],
    ['changed otherwise', { ...before, default: 'x' }, { kind: 'changed' }],
    ['taken away', undefined, { kind: 'changed' }],
  ])('is told by what has become of it since: %s', (_what, now, since) => {
    expect(sincePreview('tooLong', field('Title'), before, now)).toEqual(since);
  });

  test('which is an expression: it is shortened as a whole', () => {
    const expression: Mapping = { from: { expression: "firstName + ' ' + lastName" }, to: 'Title' };
    const short: Mapping = { from: { expression: "text(firstName + ' ' + lastName).left(40)" }, to: 'Title' };

    expect(sincePreview('tooLong', field('Title'), expression, short)).toMatchObject({ kind: 'mended' });
  });

  test('which had no mapping then: a new one may mend it', () => {
    expect(sincePreview('requiredMissing', field('Title'), undefined, undefined)).toEqual({ kind: 'same' });
    expect(sincePreview('requiredMissing', field('Title'), undefined, before)).toEqual({ kind: 'changed' });
  });
});
