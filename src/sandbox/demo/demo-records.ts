import { seededRandom } from '../seeded-random';
import type { DemoPerson } from './demo-people';

/** A record by field names, with the instants at which it was made and last changed. */
export interface DemoRecord {
  values: Record<string, unknown>;
  createdAt: number;
  updatedAt: number;
}

export function toMarketoLead(person: DemoPerson): Record<string, unknown> {
  return {
    email: person.email,
    firstName: person.firstName,
    lastName: person.lastName,
    title: person.title,
    department: person.department,
    phone: person.phone,
    mobilePhone: person.mobilePhone,
    address: person.street,
    city: person.city,
    state: person.state,
    postalCode: person.postalCode,
    country: person.country,
    leadSource: person.leadSource,
    mktoPersonNotes: person.notes,
    dateOfBirth: person.birthDate,
    externalCompanyId: person.company?.symbol,
    company: person.otherEmployer,
    unsubscribed: person.isUnsubscribed || null,
    isPartner__c: person.isPartner || null,
    leadScore: person.score,
    score__c: person.isPartner ? person.score : null,
    crmKey: person.crmKey,
    externalRef: person.externalRef,
    renewalDate: person.renewalDate,
    createdAt: person.createdAt,
    updatedAt: person.updatedAt,
  };
}

/** What Salesforce has of a person: of ten four are contacts, one is a lead, one is a contact that Marketo lacks. */
export type SalesforceRole = 'contact' | 'lead' | 'strangerContact' | null;

export function salesforceRoleOf(index: number): SalesforceRole {
  const place = (index * 7) % 10;
  if (place < 4) return 'contact';
  if (place === 4) return 'lead';
  return place === 5 ? 'strangerContact' : null;
}

/** Lengths of the standard fields in Salesforce: nothing longer can have got in there. */
const cut = (text: string | null, length: number): string | null => (text === null ? null : text.slice(0, length));

/** A contact as Salesforce has it: a third of them with something that Marketo knows otherwise by now. */
export function toSalesforceContact(
  person: DemoPerson,
  isStranger: boolean,
  accountIdOf: (symbol: string) => string | null,
): DemoRecord {
  const random = seededRandom(person.index + 17);
  const isOlder = random() < 0.3;
  const email = person.email === null ? null : person.email.trim();
  return {
    values: {
      FirstName: cut(person.firstName, 40),
      LastName: cut(person.lastName, 80),
      Email: isStranger && email !== null ? `crm.${email.toLowerCase()}`.slice(-80) : cut(email, 80),
      Title: cut(isOlder && random() < 0.6 ? 'Assistant' : person.title, 128),
      Department: cut(person.department, 80),
      Phone: isOlder && random() < 0.5 ? (person.phone?.replaceAll(' ', '-') ?? null) : person.phone,
      MobilePhone: person.mobilePhone,
      MailingStreet: cut(person.street, 255),
      MailingCity: cut(isOlder && random() < 0.2 ? 'Elsewhere' : person.city, 40),
      MailingState: cut(person.state, 80),
      MailingPostalCode: cut(person.postalCode, 20),
      MailingCountry: person.country,
      LeadSource: person.leadSource,
      Birthdate: person.birthDate,
      Description: person.notes,
      HasOptedOutOfEmail: person.isUnsubscribed,
      AccountId: person.company === null ? null : accountIdOf(person.company.symbol),
    },
    createdAt: person.createdAt,
    updatedAt: person.updatedAt,
  };
}

export function toSalesforceLead(person: DemoPerson): DemoRecord {
  return {
    values: {
      FirstName: cut(person.firstName, 40),
      LastName: cut(person.lastName, 80),
      Email: cut(person.email === null ? null : person.email.trim(), 80),
      Title: cut(person.title, 128),
      Company: person.company?.name ?? person.otherEmployer ?? 'Unknown',
      Industry: person.company?.sector ?? null,
      Phone: person.phone,
      MobilePhone: person.mobilePhone,
      Street: cut(person.street, 255),
      City: cut(person.city, 40),
      State: cut(person.state, 80),
      PostalCode: cut(person.postalCode, 20),
      Country: person.country,
      LeadSource: person.leadSource,
      Status: person.index % 3 === 0 ? 'Working - Contacted' : 'Open - Not Contacted',
      Description: person.notes,
      HasOptedOutOfEmail: person.isUnsubscribed,
    },
    createdAt: person.createdAt,
    updatedAt: person.updatedAt,
  };
}
