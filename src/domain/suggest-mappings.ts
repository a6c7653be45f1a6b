import type { FieldDescription, FieldType, ObjectDescription } from './object-description';

/** A mapping that somebody would most likely make; `sure` when nothing but the case of the name differs. */
export interface SuggestedMapping {
  from: string;
  to: string;
  confidence: 'sure' | 'likely';
  /** Why the two fields belong together. */
  because: 'name' | 'label' | 'letters' | 'known';
}

/** Names in Marketo (Lead, Company) and what Salesforce calls the same; either may be the source. All in letters of `lettersOf`. */
const KNOWN_PAIRS: readonly (readonly [marketo: string, salesforce: string])[] = [
  ['address', 'street'],
  ['address', 'mailingstreet'],
  ['city', 'mailingcity'],
  ['state', 'mailingstate'],
  ['postalcode', 'mailingpostalcode'],
  ['country', 'mailingcountry'],
  ['company', 'name'],
  ['mainphone', 'phone'],
  ['dateofbirth', 'birthdate'],
  ['mktopersonnotes', 'description'],
  ['mktocompanynotes', 'description'],
  ['externalcompanyid', 'accountnumber'],
  ['site', 'site'],
  ['sfdcid', 'id'],
];

/** What people have agreed to, or not, is never mapped by suggestion: a wrong value has consequences beyond the record. */
const CONSENT = /unsubscri|optedout|optout|donotcall|donotemail|suspended|blacklist|consent|gdpr/;

/**
 * Suggests which fields of a source belong to which of a destination: each field at most once, the surest first, in the order of the
 * destination's fields.
 */
export function suggestMappings(source: ObjectDescription, destination: ObjectDescription): SuggestedMapping[] {
  const sources = source.fields.filter((field) => field.type !== 'other' && !isConsent(field));
  const targets = destination.fields.filter((field) => isWritable(field) && !isConsent(field));
  // where records have a last name, their name is that of a person, and not of a company
  const areNamesOfPeople = isOfPeople(source);
  // between people a description is that of the person, though people of Marketo have the notes of their company as well
  const isPeopleToPeople = areNamesOfPeople && isOfPeople(destination);
  const taken = new Set<string>();
  const found = new Map<string, SuggestedMapping>();
  for (const { because, confidence, fits } of RULES) {
    for (const to of targets) {
      if (found.has(to.name)) continue;
      const from = sources.find(
        (field) =>
          !taken.has(field.name) &&
          fits(field, to) &&
          suits(field, to) &&
          !(because === 'known' && areNamesOfPeople && lettersOf(field.name) === 'name') &&
          !(because === 'known' && isPeopleToPeople && [field, to].some(isCompanyNotes)),
      );
      if (!from) continue;
      taken.add(from.name);
      found.set(to.name, { from: from.name, to: to.name, confidence, because });
    }
  }
  return targets.flatMap(({ name }) => found.get(name) ?? []);
}

const isOfPeople = ({ fields }: ObjectDescription): boolean =>
  fields.some(({ name }) => lettersOf(name) === 'lastname');

const isCompanyNotes = ({ name }: FieldDescription): boolean => lettersOf(name) === 'mktocompanynotes';

interface Rule extends Pick<SuggestedMapping, 'because' | 'confidence'> {
  fits(from: FieldDescription, to: FieldDescription): boolean;
}

/** From the surest to the least sure. */
const RULES: readonly Rule[] = [
  { because: 'name', confidence: 'sure', fits: (from, to) => from.name.toLowerCase() === to.name.toLowerCase() },
  { because: 'letters', confidence: 'sure', fits: (from, to) => lettersOf(from.name) === lettersOf(to.name) },
  { because: 'label', confidence: 'likely', fits: (from, to) => lettersOf(from.label) === lettersOf(to.label) },
  { because: 'known', confidence: 'likely', fits: (from, to) => isKnownPair(lettersOf(from.name), lettersOf(to.name)) },
];

/** `Mailing_City__c` and `mailingCity` are the same letters. */
function lettersOf(name: string): string {
  return name
    .replace(/__c$/i, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const isKnownPair = (one: string, other: string): boolean =>
  KNOWN_PAIRS.some(([marketo, salesforce]) => {
    return (marketo === one && salesforce === other) || (marketo === other && salesforce === one);
  });

/** Whether a field says what a person has agreed to. */
export const isConsent = ({ name, label }: FieldDescription): boolean =>
  CONSENT.test(lettersOf(name)) || CONSENT.test(lettersOf(label));

const TEXTS: readonly FieldType[] = ['text', 'email', 'phone', 'url', 'picklist'];
/** What may be in a field so that a field of another type takes all of it as a rule; far less than what can be converted. */
const SUITABLE: Readonly<Partial<Record<FieldType, readonly FieldType[]>>> = {
  text: [...TEXTS, 'id', 'integer', 'number', 'multipicklist'],
  phone: ['phone', 'text'],
  url: ['url', 'text'],
  email: ['email', 'text'],
  picklist: ['picklist', 'text'],
  multipicklist: ['multipicklist', 'picklist', 'text'],
  boolean: ['boolean'],
  integer: ['integer'],
  number: ['number', 'integer'],
  date: ['date'],
  datetime: ['datetime'],
  time: ['time'],
};

const suits = (from: FieldDescription, to: FieldDescription): boolean =>
  SUITABLE[to.type]?.includes(from.type) ?? false;

const isWritable = ({ createable, updateable, type }: FieldDescription): boolean =>
  (createable || updateable) && type !== 'other' && type !== 'reference' && type !== 'id';
