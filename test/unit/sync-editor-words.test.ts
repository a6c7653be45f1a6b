import type { DraftDefinition } from '../../src/domain/definition';
import { countInWords } from '../../src/web/features/sync-editor/lib/count-words';
import { fallenAway, fallenAwayInWords } from '../../src/web/features/sync-editor/lib/fallen-away';
import { plainText, syncInWords } from '../../src/web/features/sync-editor/lib/sentence';
import { missingBasics, problemsByStep } from '../../src/web/features/sync-editor/lib/steps';
import { formOf } from '../../src/web/features/sync-editor/lib/sync-form';
import { field, object } from '../support/described';

const CONTACT = object([field('Country', { label: 'Country' })], { label: 'Contact', defaultMatchField: 'Email' });
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
    'Every day at 02:00 Europe/Berlin from 2026-12-01, take Contact of Prod SF changed since the last run where Country is "DE"; of those with equal Email Address take the one updated last; create or update Lead in Marketo EU by Email Address.',
  ],
  [
    { schedule: { type: 'now' }, importRule: 'update', deduplicate: 'ignoreDuplicates' },
    'Once, as soon as it is activated, take Contact of Prod SF; leave out all with equal Email Address; update Lead in Marketo EU by Email Address.',
  ],
  [
    { schedule: { type: 'once', at: '2026-12-01T09:00', timeZone: 'UTC' }, filter: { all: [] } },
    'Once, on 2026-12-01 at 09:00 UTC, take Contact of Prod SF; create or update Lead in Marketo EU by Email Address.',
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
    'Every 15 minutes from 2026-12-01 until 2027-01-01, take Contact of Prod SF; create Lead in Marketo EU by Email Address.',
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
  [1_204, true, '1,204 records now.'],
  [1, false, 'At most 1 record now: Salesforce selects by one part of the filter, and Sync by the rest.'],
  [null, false, 'Salesforce tells how many records these are only by giving them: the preview shows it.'],
])('a count of %s, exact: %s, is told in words, and never as 0 where it is not known', (records, exact, words) => {
  expect(countInWords({ records, exact }, 'Salesforce')).toBe(words);
});
