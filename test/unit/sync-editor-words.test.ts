import type { DraftDefinition } from '../../src/domain/definition';
import { clockNote } from '../../src/web/features/sync-editor/lib/clock-changes';
import { countInWords } from '../../src/web/features/sync-editor/lib/count-words';
import { fallenAway, fallenAwayInWords } from '../../src/web/features/sync-editor/lib/fallen-away';
import { fieldChanges } from '../../src/web/features/sync-editor/lib/field-changes';
import { readableQuery } from '../../src/web/features/sync-editor/lib/readable-query';
import { plainText, syncInWords } from '../../src/web/features/sync-editor/lib/sentence';
import {
  missingBasics,
  problemsByStep,
  problemsToTell,
  stepsToMend,
} from '../../src/web/features/sync-editor/lib/steps';
import { formOf } from '../../src/web/features/sync-editor/lib/sync-form';
import { untilRenewal } from '../../src/web/features/sync-editor/lib/until-renewal';
import { environmentOf } from '../../src/web/features/sync-editor/lib/vendors';
import { field, object } from '../support/described';

const CONTACT = object([field('Country', { label: 'Country' }), field('Email', { label: 'E-mail' })], {
  label: 'Contact',
  defaultMatchField: 'Email',
});
const LEAD = object([field('email', { label: 'Email Address' })], { label: 'Lead', defaultMatchField: 'email' });
const FROM = { connection: 'Prod SF', object: CONTACT, objectName: 'Contact' };
const TO = { connection: 'Marketo EU', object: LEAD, objectName: 'Lead' };
const NOTHING = { connection: null, object: null, objectName: null };

test.each<[Partial<DraftDefinition>, string]>([
  [
    {
      filter: { all: [{ column: 'Country', operator: 'equals', value: 'DE' }] },
      deduplicate: 'youngestByLastUpdate',
      records: 'changed',
      schedule: {
        type: 'interval',
        every: { amount: 1, unit: 'day' },
        start: '2026-12-01T02:00',
        timeZone: 'Europe/Berlin',
      },
    },
    'Every day at 02:00 Europe/Berlin from 1 December 2026, take Contact records from Prod SF changed since the last run where Country is "DE"; of those with equal E-mail take the one updated last; create or update Lead records in Marketo EU by Email Address.',
  ],
  [
    { schedule: { type: 'now' }, importRule: 'update', deduplicate: 'ignoreDuplicates' },
    'Once, as soon as it is activated, take all Contact records from Prod SF; leave out all with equal E-mail; update Lead records in Marketo EU by Email Address.',
  ],
  [
    { schedule: { type: 'once', at: '2026-12-01T09:00', timeZone: 'UTC' }, filter: { all: [] } },
    'Once, on 1 December 2026 at 09:00 UTC, take all Contact records from Prod SF; create or update Lead records in Marketo EU by Email Address.',
  ],
  [
    {
      schedule: {
        type: 'interval',
        every: { amount: 15, unit: 'minute' },
        start: '2026-12-01T09:00',
        end: '2027-01-01T00:00',
      },
      importRule: 'create',
    },
    'Every 15 minutes from 1 December 2026 until 1 January 2027, take all Contact records from Prod SF; create Lead records in Marketo EU by Email Address.',
  ],
])('%j in a sentence', (draft, sentence) => {
  expect(plainText(syncInWords(draft, FROM, TO))).toBe(sentence);
});

test('what is not chosen yet is told as such', () => {
  const parts = syncInWords({}, NOTHING, { ...NOTHING, connection: 'Marketo EU' });

  expect(plainText(parts)).toBe(
    'At a time not chosen yet, take the source (not chosen yet); create or update an object (not chosen yet) in Marketo EU.',
  );
});

test('what was activated without a schedule has applied its preview', () => {
  expect(plainText(syncInWords({}, FROM, TO, { status: 'completed' }))).toMatch(/^Once, as its preview showed, take /);
});

test('what has run once names its activation, in the tense of the rest', () => {
  expect(plainText(syncInWords({ schedule: { type: 'now' } }, FROM, TO, { status: 'completed' }))).toMatch(
    /^Once, on activation, take /,
  );
});

test('what was cancelled is told as what was', () => {
  const draft = {
    schedule: { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2026-12-01T02:00' },
  } as const;

  expect(plainText(syncInWords(draft, FROM, TO, { status: 'cancelled' }))).toMatch(
    /^Until it was cancelled: every day at 02:00 from 1 December 2026, take /,
  );
});

test('the first page says what it needs', () => {
  const form = formOf({}, 'UTC');

  expect(missingBasics(form).map(({ label }) => label)).toEqual([
    'Source Connection',
    'Source Object',
    'Name',
    'Destination Connection',
    'Destination Object',
  ]);
});

test('each problem belongs to the page where it is mended', () => {
  const paths = ['name', 'match.source', 'mappings[2].to', 'rows.x', 'filter.all[0].value', 'schedule.at'];

  const found = problemsByStep(paths.map((path) => ({ path, message: '' })));

  expect(found.basics.map(({ path }) => path)).toEqual(['name', 'match.source']);
  expect(found.mappings.map(({ path }) => path)).toEqual(['mappings[2].to', 'rows.x']);
  expect(found.filter).toHaveLength(1);
  expect(found.schedule).toHaveLength(1);
});

test('what an other object lacks is named', () => {
  const form = formOf(
    {
      mappings: [
        { from: { field: 'company' }, to: 'email' },
        { from: { field: 'Country' }, to: 'city' },
      ],
      filter: { any: [{ column: 'score', operator: 'isEmpty' }] },
    },
    'UTC',
  );

  const words = fallenAwayInWords(fallenAway(form, CONTACT, LEAD), 'Contact', 'Lead');

  expect(words).toEqual([
    'One mapping refers to a field that Contact does not have: company.',
    'One mapping refers to a field that Lead does not have: city.',
    'One condition of the filter refers to a field that Contact does not have: score.',
  ]);
});

test.each<[number | null, boolean, string]>([
  [1_204, true, 'Selected now: 1,204 records.'],
  [1, false, 'Selected now: at most 1 record. Salesforce applies one part of the filter, and Sync the rest.'],
  [null, false, 'Salesforce cannot count records in advance: the preview shows how many are selected.'],
])('a count of %s, exact: %s, is told in words, and never as 0 where it is not known', (records, exact, words) => {
  expect(countInWords({ records, exact }, 'Salesforce')).toBe(words);
});

const VIENNA = 'Europe/Vienna';
test.each<[string, string, string | null, string | undefined, string, string | null]>([
  ['an ordinary day', '2027-03-27T01:30:00Z', '02:30', '2027-03-26T01:30:00Z', VIENNA, null],
  [
    'a time that does not exist',
    '2027-03-28T01:30:00Z',
    '02:30',
    undefined,
    VIENNA,
    'the clocks go forward: there is no 02:30 on that day',
  ],
  [
    'a time that occurs twice',
    '2027-10-31T00:30:00Z',
    '02:30',
    undefined,
    VIENNA,
    'the clocks go back: 02:30 comes twice on that day, and the first one is meant',
  ],
  [
    'the same by half an hour',
    '2027-04-03T14:45:00Z',
    '01:45',
    undefined,
    'Australia/Lord_Howe',
    'the clocks go back: 01:45 comes twice on that day, and the first one is meant',
  ],
  [
    'the first run after a change',
    '2027-03-29T00:30:00Z',
    '02:30',
    '2027-03-27T01:30:00Z',
    VIENNA,
    'the clocks have changed: GMT+2 instead of GMT+1',
  ],
  ['a run that goes by hours', '2027-10-31T00:30:00Z', null, '2027-10-30T23:30:00Z', VIENNA, null],
])('what clocks do to a run: %s', (_name, run, wanted, before, timeZone, note) => {
  expect(clockNote(run, wanted, before, timeZone)).toBe(note);
});

test('fields that were read anew are told by what has changed of them', () => {
  const before = object([field('a'), field('b'), field('c')], { label: 'Lead' });
  const after = object([field('a'), field('b', { length: 80 }), field('d'), field('e')], { label: 'Lead' });

  expect(fieldChanges(before, after)).toBe('Lead: 2 fields added, 1 field removed, 1 field with a new type or length.');
  expect(fieldChanges(before, before)).toBe('Lead: no field has changed.');
});

test.each([
  ['https://test.salesforce.com', 'sandbox'],
  ['https://example--dev.sandbox.my.salesforce.com', 'sandbox'],
  ['https://example.my.salesforce.com', 'production'],
  ['https://login.salesforce.com', 'production'],
  ['https://salesforce.com.example.com', null],
])('%s leads to: %s', (loginUrl, environment) => {
  expect(environmentOf({ settings: { loginUrl } })).toBe(environment);
});

test.each<[string, string]>([
  ['SELECT Id, Name FROM Lead', 'SELECT Id, Name\nFROM Lead'],
  [
    "SELECT Id FROM Lead WHERE A = 'it\\'s AND so FROM (x' AND (B = 1 OR (C IN ('a','b') AND D = 2)) AND E = 3 ORDER BY Id LIMIT 5",
    [
      'SELECT Id',
      'FROM Lead',
      "WHERE A = 'it\\'s AND so FROM (x'",
      '  AND (B = 1',
      "    OR (C IN ('a','b')",
      '      AND D = 2))',
      '  AND E = 3',
      'ORDER BY Id',
      'LIMIT 5',
    ].join('\n'),
  ],
  [
    'POST /bulk/v1/leads/export/create.json with {"a": 1} AND more',
    'POST /bulk/v1/leads/export/create.json with {"a": 1} AND more',
  ],
])('a query is shown with a line for each part, and what stands in quotes stays as it is: %s', (query, shown) => {
  expect(readableQuery(query)).toBe(shown);
});

test.each<[string, string[], number | false]>([
  ['no run any more', [], false],
  ['one in ten seconds', ['2026-12-01T09:00:10Z', '2026-12-01T09:01:10Z'], 10_500],
  ['one that the server still tells', ['2026-12-01T08:59:58Z'], 5_000],
  ['one in a year', ['2027-12-01T09:00:00Z'], 3_600_000],
])('the next runs are renewed when the first of them has passed: %s', (_what, runs, wait) => {
  expect(untilRenewal(runs, Date.parse('2026-12-01T09:00:00Z'))).toBe(wait);
});

test('a page tells its own problems once, and of the others those it comes after, or that the server has told', () => {
  const problem = (path: string, message: string) => ({ path, message });
  const rows = ['A', 'B', 'C', 'D', 'E'].map((key) => problem(`rows.${key}`, `${key} is wrong.`));
  const found = [problem('name', 'Give the sync a name.'), ...rows, problem('schedule.type', 'Choose when.')];

  expect(problemsToTell('schedule', [], found)).toEqual({
    here: [problem('schedule.type', 'Choose when.')],
    elsewhere: [
      { step: 'basics', words: 'Give the sync a name.' },
      { step: 'mappings', words: 'A is wrong. B is wrong. C is wrong. And 2 more.' },
    ],
  });
  expect(problemsToTell('basics', found.slice(0, 1), found)).toEqual({ here: found.slice(0, 1), elsewhere: [] });
  expect(problemsToTell('basics', [problem('schedule.at', 'It has passed.')], [])).toEqual({
    here: [],
    elsewhere: [{ step: 'schedule', words: 'It has passed.' }],
  });
  expect(stepsToMend(found)).toEqual([
    { step: 'basics', count: 1 },
    { step: 'mappings', count: 5 },
    { step: 'schedule', count: 1 },
  ]);
});
