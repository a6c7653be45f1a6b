import type { ObjectStore } from '../../src/sandbox/marketo/object-store';
import { OPPORTUNITY, toCustomObjectType } from '../../src/sandbox/marketo/object-types';
import type { CaseRuns } from './case-runs';
import { salesforceRows } from './vendor-rows';

/** What tests tell of a record of any object: its key, and two things to be moved. */
export interface Thing {
  key: string;
  name: string;
  size: number;
}

/** An object at one end, with its own names of what is told of a thing. */
export interface End {
  system: 'marketo' | 'salesforce';
  object: string;
  fields: Record<keyof Thing, string>;
  /** What has to be given besides to create a record. */
  required: Record<string, string>;
}

const marketo = (object: string, key: string, name: string, size: string): End => ({
  system: 'marketo',
  object,
  fields: { key, name, size },
  required: {},
});
const salesforce = (object: string, name: string, size: string, required: Record<string, string> = {}): End => ({
  system: 'salesforce',
  object,
  fields: { key: 'Crm_Key__c', name, size },
  required,
});

export const COMPANY = marketo('Company', 'externalCompanyId', 'company', 'numberOfEmployees');
export const MARKETO_OPPORTUNITY = marketo('Opportunity', 'externalOpportunityId', 'name', 'amount');
export const MACHINE = marketo('machine_c', 'serial', 'model', 'weight');
export const ACCOUNT = salesforce('Account', 'Name', 'NumberOfEmployees');
export const OPPORTUNITY_OF_SALESFORCE = salesforce('Opportunity', 'Name', 'Amount', {
  StageName: 'Prospecting',
  CloseDate: '2027-03-31',
});
export const MACHINE_OF_SALESFORCE = salesforce('Machine__c', 'Name', 'Weight__c');

const MACHINE_TYPE = toCustomObjectType({
  name: 'machine_c',
  displayName: 'Machine',
  dedupeFields: ['serial'],
  leadField: 'ownerId',
  fields: [
    { name: 'serial', displayName: 'Serial number', dataType: 'string', length: 50 },
    { name: 'model', displayName: 'Model', dataType: 'string', length: 80 },
    { name: 'weight', displayName: 'Weight', dataType: 'float' },
    { name: 'ownerId', displayName: 'Owner', dataType: 'integer' },
  ],
});

/** Custom objects of both, and a key in each object of Salesforce; the same each time, since descriptions are kept. */
export function declareOtherObjects({ marketo: { vendor }, salesforce: { vendor: org } }: CaseRuns): void {
  vendor.stores.objects.keepCustomType(MACHINE_TYPE);
  org.org.declareObject({
    name: 'Machine__c',
    label: 'Machine',
    fields: [{ name: 'Weight__c', type: 'double', precision: 10, scale: 2 }],
  });
  for (const object of ['Account', 'Opportunity', 'Machine__c']) {
    org.org.declareField(object, { name: 'Crm_Key__c', type: 'string', length: 50, externalId: true });
  }
}

function storeOf({ marketo: { vendor } }: CaseRuns, { object }: End): ObjectStore {
  const { companies, objects } = vendor.stores;
  if (object === 'Company') return companies;
  return object === 'Opportunity'
    ? objects.open('opportunities', OPPORTUNITY)
    : objects.open(`customobjects/${MACHINE_TYPE.name}`, MACHINE_TYPE);
}

/** Makes records at an end, in order, a day ago. */
export function givenThings(cases: CaseRuns, end: End, things: readonly Thing[]): void {
  const { fields, required } = end;
  const records = things.map(({ key, name, size }) => ({
    ...required,
    [fields.key]: key,
    [fields.name]: name,
    [fields.size]: size,
  }));
  if (end.system === 'salesforce') return void cases.givenRecords(end.object, records);
  const created = cases.sandbox.clock.now() - 86_400_000;
  for (const record of records) storeOf(cases, end).insert(record, created);
}

/** Everything at an end, by its keys. */
export async function thingsAt(cases: CaseRuns, end: End): Promise<Thing[]> {
  const { key, name, size } = end.fields;
  const rows =
    end.system === 'salesforce'
      ? await salesforceRows(cases.salesforce, `SELECT ${key}, ${name}, ${size} FROM ${end.object}`)
      : storedAt(storeOf(cases, end));
  return rows
    .map((row) => ({ key: String(row[key]), name: String(row[name]), size: Number(row[size]) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}

const storedAt = (store: ObjectStore): Record<string, unknown>[] =>
  store.rows(0, store.count()).map((row) => store.snapshot(row));
