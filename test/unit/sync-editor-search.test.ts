import { fieldOptions } from '../../src/web/features/sync-editor/lib/field-options';
import { rankedOptions } from '../../src/web/features/sync-editor/lib/ranked-options';
import { zoneOptions } from '../../src/web/features/sync-editor/lib/time-zones';
import { field } from '../support/described';

const FIELDS = [
  field('billingCountry', { label: 'Billing Country' }),
  field('Crosscountry__c', { label: 'Crosscountry' }),
  field('countryCode', { label: 'Country Code' }),
  field('email', { label: 'Email Address' }),
  field('country', { label: 'Country' }),
  field('assistantPhone', { label: 'Asst. Phone' }),
  field('assistantName', { label: 'Assistant’s Name' }),
  field('town', { label: 'Uşak Town' }),
  field('Origin__c', { label: 'Origin (country of birth)' }),
];
const found = (search: string) => rankedOptions(fieldOptions(FIELDS, null), search).map(({ value }) => value);

test.each([
  ['country', ['country', 'countryCode', 'billingCountry', 'Origin__c', 'Crosscountry__c']],
  [' COUNTRY ', ['country', 'countryCode', 'billingCountry', 'Origin__c', 'Crosscountry__c']],
  ['billing country', ['billingCountry']],
  ['Country Code', ['countryCode']],
  ['code', ['countryCode']],
  ['email address (email)', ['email']],
  ['mail', ['email']],
  ['assist', ['assistantName', 'assistantPhone']],
  ['usak', ['town']],
  ['nothing', []],
  ['', FIELDS.map(({ name }) => name)],
])(
  'among fields "%s" finds first what is called so, then what begins so, then words that begin so, then the rest; labels before API names',
  (search, names) => {
    expect(found(search)).toEqual(names);
  },
);

test.each([
  ['new york', 'America/New_York'],
  ['EDT', 'America/New_York'],
  ['CET', 'Europe/Berlin'],
  ['cest', 'Europe/Vienna'],
  ['BST', 'Europe/London'],
  ['JST', 'Asia/Tokyo'],
  ['AEST', 'Australia/Sydney'],
  ['us/eastern', 'US/Eastern'],
  ['utc', 'UTC'],
])('among time zones "%s" finds %s', (search, zone) => {
  expect(rankedOptions(zoneOptions([]), search).map(({ value }) => value)).toContain(zone);
});
