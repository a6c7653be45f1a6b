import { DEDUPLICATE_RULES, IMPORT_RULES } from '../../src/domain/definition';
import { type Fate, fields, Previews, type ShownPreview } from '../support/previews';
import { givenSalesforceRecords } from '../support/vendor-rows';

let previews: Previews;

beforeAll(async () => {
  previews = await Previews.start();
}, 60_000);
afterAll(() => previews.stop());
afterEach(() => {
  expect(previews.sandbox.defects).toEqual([]);
});

/**
 * Each duplicate rule with one of the import rules; `cases-demo-data` has all of their combinations. Each has people of its own, so that
 * all can be tried at the same time in the same two systems.
 */
const COMBINATIONS = DEDUPLICATE_RULES.map((deduplicate, index) => {
  const importRule = IMPORT_RULES[index % IMPORT_RULES.length] as (typeof IMPORT_RULES)[number]; // within the list
  return { deduplicate, importRule, domain: `${deduplicate}.${importRule}.test`.toLowerCase() };
});

interface Person {
  email: string | null;
  firstName: string | null;
  lastName: string;
  city: string | null;
  title: string | null;
}
const person = (email: string | null, more: Partial<Person> = {}): Person => ({
  email,
  firstName: 'Ann',
  lastName: 'Lee',
  city: 'Graz',
  title: null,
  ...more,
});

/** Too long for a first name of a contact, which takes 40 characters. */
const LONG = 'Annabella'.repeat(5);

/** Every fate that a record can have, by one person or group of them. */
const sourcePeople = (domain: string): Person[] => [
  person(`new@${domain}`),
  person(`changed@${domain}`, { city: 'Wien' }),
  person(`same@${domain}`),
  person(`twice-new@${domain}`, { city: 'Bonn' }),
  person(` Twice-New@${domain}`, { city: 'Köln' }),
  person(`TWICE-NEW@${domain}`, { city: 'Köln', title: 'Dr' }),
  person(`twice-there@${domain}`, { city: 'Linz' }),
  person(`Twice-There@${domain}`, { firstName: null, city: 'Linz' }),
  person(`ambiguous@${domain}`, { city: 'Rom' }),
  person(`long@${domain}`, { firstName: LONG }),
  person(`refused@${domain}`, { title: 'none of the table' }),
  person(null, { lastName: domain }),
];
const destinationPeople = (domain: string): Person[] => [
  person(`changed@${domain}`),
  person(`same@${domain}`),
  person(`twice-there@${domain}`),
  person(`ambiguous@${domain}`),
  person(`ambiguous@${domain}`, { lastName: 'Other' }),
];

const toLead = ({ email, firstName, lastName, city, title }: Person, index: number) => ({
  email,
  firstName,
  lastName,
  city,
  title,
  createdAt: Date.parse('2026-01-01T00:00:00Z') + index * 60_000,
  // the last one is not the one that was changed last
  updatedAt: Date.parse('2026-02-01T00:00:00Z') + ((index * 7) % 12) * 60_000,
});
const toContact = ({ email, firstName, lastName, city, title }: Person) => ({
  Email: email?.trim() ?? null,
  FirstName: firstName?.slice(0, 40) ?? null,
  LastName: lastName,
  MailingCity: city,
  Title: title,
});

const TITLES = { values: { Dr: 'Doctor' }, otherwise: 'fail' };

type Combination = (typeof COMBINATIONS)[number];

/** Previews all combinations, then runs them all. */
async function tryAll(definitionOf: (combination: Combination) => Record<string, unknown>) {
  const syncs = await Promise.all(
    COMBINATIONS.map(({ deduplicate, importRule, domain }) =>
      previews.saved({
        name: `${domain} ${Math.random()}`,
        deduplicate,
        importRule,
        schedule: { type: 'now' },
        ...definitionOf({ deduplicate, importRule, domain }),
      }),
    ),
  );
  const writesBefore = previews.writes();
  const shown = await Promise.all(syncs.map((syncId) => previews.previewed(syncId)));
  const foretold = await Promise.all(shown.map(({ id }) => previews.foretold(id)));
  const written = previews.writes() - writesBefore;
  const ran = await Promise.all(syncs.map((syncId) => previews.ran(syncId)));
  const whole = { state: 'completed', exact: true, total: sourcePeople('').length };
  return { shown, foretold, written, fates: ran.map(({ fates }) => fates), allWhole: COMBINATIONS.map(() => whole) };
}

const summaries = (shown: readonly ShownPreview[]) => shown.map(({ state, exact, total }) => ({ state, exact, total }));
const actionsOf = (fates: readonly (readonly Fate[])[]) => new Set(fates.flat().map(({ action }) => action));

/** The Ids of a combination's people, when those of all were made in order. */
const idsAmong = (ids: readonly (string | number)[], { domain }: Combination) => {
  const size = sourcePeople(domain).length;
  const first = COMBINATIONS.findIndex((combination) => combination.domain === domain) * size;
  return ids.slice(first, first + size);
};

const ALL_ACTIONS = new Set(['create', 'update', 'unchanged', 'skip', 'refuse', 'duplicate']);

test('leads to contacts: under each duplicate rule, and each import rule, a run does with each record what the preview said', async () => {
  const all = COMBINATIONS.flatMap(({ domain }) => sourcePeople(domain));
  const ids = all.map((_person, index) => index + 1); // ascending from 1 in an instance that was empty
  previews.sandbox.marketo.vendor.stores.insertRecords('leads', all.map(toLead));
  const there = COMBINATIONS.flatMap(({ domain }) => destinationPeople(domain));
  await givenSalesforceRecords(previews.sandbox.salesforce, 'Contact', there.map(toContact));

  const { shown, foretold, written, fates, allWhole } = await tryAll((combination) => ({
    source: { connectionId: previews.connections.marketo, object: 'Lead' },
    destination: { connectionId: previews.connections.salesforce, object: 'Contact' },
    filter: { column: 'id', operator: 'in', value: idsAmong(ids, combination) },
    mappings: [
      ...fields({ email: 'Email', firstName: 'FirstName', lastName: 'LastName', city: 'MailingCity' }),
      { from: { field: 'title' }, to: 'Title', ...TITLES },
    ],
  }));

  expect(summaries(shown)).toEqual(allWhole);
  expect(written).toBe(0);
  expect(fates).toEqual(foretold);
  expect(actionsOf(fates)).toEqual(ALL_ACTIONS);
}, 120_000);

test('contacts to leads: under each duplicate rule, and each import rule, a run does with each record what the preview said', async () => {
  const domainOf = (domain: string) => `leads.${domain}`;
  const all = COMBINATIONS.flatMap(({ domain }) => sourcePeople(domainOf(domain)));
  const ids = await givenSalesforceRecords(previews.sandbox.salesforce, 'Contact', all.map(toContact));
  const there = COMBINATIONS.flatMap(({ domain }) => destinationPeople(domainOf(domain)));
  previews.second.vendor.stores.insertRecords('leads', there.map(toLead));

  const { shown, foretold, written, fates, allWhole } = await tryAll((combination) => ({
    source: { connectionId: previews.connections.salesforce, object: 'Contact' },
    destination: { connectionId: previews.connections.second, object: 'Lead' },
    filter: { column: 'Id', operator: 'in', value: idsAmong(ids, combination) },
    mappings: [
      ...fields({ Email: 'email', FirstName: 'firstName', LastName: 'lastName', MailingCity: 'city' }),
      { from: { field: 'Title' }, to: 'title', ...TITLES },
    ],
  }));

  expect(summaries(shown)).toEqual(allWhole);
  expect(written).toBe(0);
  expect(fates).toEqual(foretold);
  expect(actionsOf(fates)).toEqual(ALL_ACTIONS);
}, 120_000);

test('what no request could carry is foretold as well, though nothing is sent', async () => {
  const email = 'na@refusals.test';
  const toRefuse = [person(email, { firstName: '#N/A' }), person('other@refusals.test')];
  previews.sandbox.marketo.vendor.stores.insertRecords('leads', toRefuse.map(toLead));
  const syncId = await previews.saved({
    name: 'A text that means blank in a bulk file',
    source: { connectionId: previews.connections.marketo, object: 'Lead' },
    destination: { connectionId: previews.connections.salesforce, object: 'Contact' },
    filter: { column: 'email', operator: 'in', value: toRefuse.map((refused) => refused.email) },
    mappings: fields({ email: 'Email', firstName: 'FirstName', lastName: 'LastName' }),
    schedule: { type: 'now' },
  });

  const { id, problems } = await previews.previewed(syncId);
  const foretold = await previews.foretold(id);
  const { fates } = await previews.ran(syncId);

  expect(problems).toMatchObject([
    { action: 'refuse', code: 'TEXT_MEANS_BLANK', field: 'FirstName', records: 1, examples: [{ value: '#N/A' }] },
  ]);
  expect(foretold.map(({ action }) => action)).toEqual(['refuse', 'create']);
  expect(fates).toEqual(foretold);
}, 60_000);
