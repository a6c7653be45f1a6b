import { DEDUPLICATE_RULES, IMPORT_RULES } from '../../src/domain/definition';
import { loadDemoData } from '../../src/sandbox/demo/demo-data';
import { fields, toContactsBy, useCaseRuns } from '../support/case-runs';

const started = useCaseRuns();

/** `SYNC_TEST_PEOPLE=5000` takes as many as a first start makes. */
const PEOPLE = Number(process.env.SYNC_TEST_PEOPLE ?? 200);
const COMBINATIONS = DEDUPLICATE_RULES.flatMap((deduplicate) =>
  IMPORT_RULES.map((importRule) => ({ deduplicate, importRule })),
);

const DIRECTIONS = [
  {
    direction: 'leads to contacts',
    saved: (rules: object) =>
      started().leadsToContacts({
        ...rules,
        destination: toContactsBy('Bulk'),
        filter: { column: 'email', operator: 'isNotEmpty' },
        mappings: fields({
          email: 'Email',
          firstName: 'FirstName',
          lastName: 'LastName',
          city: 'MailingCity',
          title: 'Title',
          dateOfBirth: 'Birthdate',
        }),
      }),
  },
  {
    direction: 'contacts to leads',
    saved: (rules: object) =>
      started().contactsToLeads({
        ...rules,
        filter: { column: 'Email', operator: 'isNotEmpty' },
        mappings: fields({
          Email: 'email',
          FirstName: 'firstName',
          LastName: 'lastName',
          MailingCity: 'city',
          Title: 'title',
          Birthdate: 'dateOfBirth',
        }),
      }),
  },
];

test('demo data, each way: under each duplicate rule and import rule, a run does with each record what the preview said', async () => {
  const seen = new Set<string>();
  for (const { direction, saved } of DIRECTIONS)
    for (const rules of COMBINATIONS) {
      started().reset();
      // a year is read in twelve exports, twice; nothing paces calls here
      started().marketo.vendor.stores.settings.change({ callsPerWindow: 0 });
      await loadDemoData({
        salesforce: started().salesforce.vendor,
        marketo: started().marketo.state,
        people: PEOPLE,
        seed: 1,
        now: started().sandbox.clock.now() - 60_000,
      });

      const { counts } = await started().runAsForetold(await saved(rules));

      expect({ direction, rules, read: counts.read > PEOPLE / 3 }).toEqual({ direction, rules, read: true });
      for (const [outcome, count] of Object.entries(counts)) if (count > 0) seen.add(`${direction}: ${outcome}`);
    }

  const outcomes = ['created', 'updated', 'unchanged', 'skipped', 'failed', 'duplicates'];
  const all = DIRECTIONS.flatMap(({ direction }) => outcomes.map((outcome) => `${direction}: ${outcome}`));
  expect([...seen]).toEqual(expect.arrayContaining(all));
}, 300_000);
