import fc from '../support/fast-check';
import { startTestOrg, type TestOrg } from './salesforce-org';

export interface FuzzAnswer {
  status: number;
  // what a call answers differs from call to call: the tests say what they expect
  // biome-ignore lint/suspicious/noExplicitAny: see above
  body: any;
}

/** An org with fields of many types and a few records, and a client that looks at the form of every answer. */
export interface FuzzOrg {
  org: TestOrg;
  /** Of an account, a contact, a lead and a task. */
  ids: string[];
  /** @param body as it is sent */
  call(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<FuzzAnswer>;
}

export async function startFuzzOrg(): Promise<FuzzOrg> {
  const org = await startTestOrg();
  const { vendor } = org.sandbox.salesforce;
  const key = { name: 'Ext__c', type: 'string', length: 40, externalId: true, unique: true } as const;
  for (const object of ['Contact', 'Account', 'Lead']) vendor.org.declareField(object, key);
  vendor.org.declareField('Contact', { name: 'Likes__c', type: 'multipicklist', picklist: ['Tea', 'Beer'] });
  vendor.org.declareField('Contact', { name: 'Number__c', type: 'double', precision: 4, scale: 2, externalId: true });
  vendor.org.declareField('Contact', { name: 'Where__c', type: 'location' });
  vendor.org.declareField('Contact', { name: 'Clock__c', type: 'time' });
  vendor.org.changeSettings({ jsonTypeErrors: 'record' });
  const account = await org.create('Account', { Name: 'Acme', Ext__c: 'a' });
  const ids = [
    account,
    await org.create('Contact', { LastName: 'Lee', AccountId: account, Ext__c: 'k1', Likes__c: 'Tea' }),
    await org.create('Lead', { LastName: 'Lee', Company: 'Lions', Email: 'k@lions.test' }),
    await org.create('Task', { Subject: 'Call' }),
  ];
  return { org, ids, call: (...request) => call(org, ...request) };
}

async function call(
  org: TestOrg,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<FuzzAnswer> {
  const answer = await fetch(`${org.url}/services/data/v60.0${path}`, {
    method,
    headers: { Authorization: `Bearer ${org.accessToken}`, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  expect(org.sandbox.defects).toEqual([]);
  expect(answer.status).toBeLessThan(500);
  // too long a head is refused before anything is known of it
  const mayBeEmpty = method === 'HEAD' || [200, 204, 304, 431].includes(answer.status);
  if (text === '' && mayBeEmpty) return { status: answer.status, body: null };
  const parsed = JSON.parse(text);
  if (answer.status >= 400) {
    expect(parsed.length).toBeGreaterThan(0);
    for (const error of parsed)
      expect(error).toMatchObject({ errorCode: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) });
  }
  return { status: answer.status, body: parsed };
}

/** A part of an address; what cannot stand in one is replaced. */
export function encodeSafely(part: string): string {
  const wellFormed = new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(part));
  return encodeURIComponent(wellFormed).replace(/^\.{1,2}$/, '%2E');
}

export const nastyTexts = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  '\ud800',
  "' OR Id != null --",
  '%',
  '\\',
  '\u2028',
  '2026-02-30',
  '2026-05-04T25:00:00Z',
  '1e400',
  '-0',
  'a..b@acme.test',
  'Tea;;Beer; ;',
  '001000000000000AAA',
  'null',
);
export const texts = fc.oneof(
  nastyTexts,
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ minLength: 240, maxLength: 300 }),
);
export const fieldNames = fc.constantFrom(
  ...['LastName', 'lastname', 'FirstName', 'Name', 'Company', 'Email', 'Title', 'AccountId', 'Account', 'OwnerId'],
  ...['Owner', 'Ext__c', 'Likes__c', 'Number__c', 'Where__c', 'Where__Latitude__s', 'Clock__c', 'Birthdate', 'WhoId'],
  ...['EmailBouncedDate', 'NumberOfEmployees', 'AnnualRevenue', 'MailingAddress', 'MailingLatitude', 'DoNotCall'],
  ...['CleanStatus', 'Id', 'id', 'attributes', 'IsDeleted', 'CreatedDate', '__proto__', 'constructor', 'toString'],
  ...['', 'a.b', 'Subject'],
);
export const objectNames = fc.constantFrom(
  ...['Contact', 'Account', 'Lead', 'Task', 'CampaignMember', 'User', 'Opportunity', 'Organization'],
);
export const pathSegments = fc.oneof(texts, fieldNames, objectNames).map(encodeSafely);
