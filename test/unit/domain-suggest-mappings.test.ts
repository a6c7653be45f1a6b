import { suggestMappings } from '../../src/domain/suggest-mappings';
import { field, object } from '../support/described';
import fc from '../support/fast-check';

const pairs = (source: ReturnType<typeof field>[], destination: ReturnType<typeof field>[]) =>
  suggestMappings(object(source), object(destination)).map(
    ({ from, to, confidence, because }) => `${from} → ${to}: ${confidence}, ${because}`,
  );

test('a field of the same name is sure, whatever the case; so are the same letters', () => {
  expect(
    pairs(
      [field('firstName'), field('renewalDate', { type: 'date' })],
      [field('FirstName'), field('Renewal_Date__c', { type: 'date' })],
    ),
  ).toEqual(['firstName → FirstName: sure, name', 'renewalDate → Renewal_Date__c: sure, letters']);
});

test('the same label and known pairs are likely', () => {
  expect(
    pairs(
      [field('mktoTitle', { label: 'Job Title' }), field('dateOfBirth', { type: 'date' })],
      [field('Title', { label: 'Job title' }), field('Birthdate', { type: 'date' })],
    ),
  ).toEqual(['mktoTitle → Title: likely, label', 'dateOfBirth → Birthdate: likely, known']);
});

test('known pairs hold in both directions', () => {
  expect(pairs([field('MailingCity')], [field('city')])).toEqual(['MailingCity → city: likely, known']);
});

test('the name of an account is that of a company; the name of a person is not', () => {
  const company = [field('company')];

  expect(pairs([field('Name')], company)).toEqual(['Name → company: likely, known']);
  expect(pairs([field('Name'), field('LastName')], company)).toEqual([]);
});

test('the description of a person is their notes; that of an account those of the company', () => {
  const marketo = [field('mktoCompanyNotes'), field('lastName'), field('mktoPersonNotes')];
  const contact = [field('LastName'), field('Description')];
  const account = [field('Description')];

  expect(pairs(marketo, contact)).toContain('mktoPersonNotes → Description: likely, known');
  expect(pairs(contact, marketo)).toContain('Description → mktoPersonNotes: likely, known');
  expect(pairs(marketo, account)).toEqual(['mktoCompanyNotes → Description: likely, known']);
  expect(pairs(account, marketo)).toEqual(['Description → mktoCompanyNotes: likely, known']);
});

test.each(['unsubscribed', 'HasOptedOutOfEmail', 'DoNotCall', 'marketingSuspended', 'GDPR_Consent__c'])(
  'what people have agreed to is never suggested: %s',
  (name) => {
    expect(pairs([field(name, { type: 'boolean' })], [field(name, { type: 'boolean' })])).toEqual([]);
  },
);

test('what cannot be written, or is of another kind, is not suggested', () => {
  expect(
    pairs(
      [field('Name'), field('Score', { type: 'text' }), field('OwnerId', { type: 'reference' })],
      [
        field('Name', { createable: false, updateable: false }),
        field('Score', { type: 'integer' }),
        field('OwnerId', { type: 'reference' }),
      ],
    ),
  ).toEqual([]);
});

test('no field is suggested twice, on either side, and a sure one is never given up for a likely one', () => {
  const names = fc.constantFrom('city', 'City', 'MailingCity', 'mailing_city__c', 'company', 'Name', 'site');
  const fields = fc.uniqueArray(names, { maxLength: 7 }).map((list) => list.map((name) => field(name)));
  fc.assert(
    fc.property(fields, fields, (source, destination) => {
      const suggested = suggestMappings(object(source), object(destination));

      expect(new Set(suggested.map(({ from }) => from)).size).toBe(suggested.length);
      expect(new Set(suggested.map(({ to }) => to)).size).toBe(suggested.length);
      for (const { from, to, because } of suggested)
        if (because !== 'name')
          expect(source.some(({ name }) => name.toLowerCase() === to.toLowerCase() && name !== from)).toBe(
            suggested.some((other) => other.from.toLowerCase() === to.toLowerCase()),
          );
    }),
  );
});
