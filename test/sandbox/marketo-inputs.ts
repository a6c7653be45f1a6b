import fc from '../support/fast-check';

/** Names of fields, of one object or another or of none. */
export const names = fc.constantFrom(
  'email',
  'id',
  'firstName',
  'crmKey',
  'score__c',
  'renewalDate',
  'isPartner__c',
  'externalCompanyId',
  'company',
  'createdAt',
  'emailSuspendedAt',
  'annualRevenue',
  'leadId',
  'marketoGUID',
  'key',
  'name',
  'role',
  'externalOpportunityId',
  'unsubscribed',
  'leadPartitionId',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
);
/** Values of every kind, good and bad. */
export const values = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    '2026-13-01',
    '2026-02-28T25:00:00Z',
    '1e400',
    'a@example.org',
    '1',
    '\u0000',
    '\ud800',
    "' or 1=1 --",
    '%',
  ),
  fc.string({ minLength: 250, maxLength: 3000 }),
);
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
const key = fc.constantFrom('k1', 'K1 ', 'k2', 'k,3');
/** Records that are good for one object or another, but for a value or two. */
const nearlyGood = fc.oneof(
  fc.record(
    { email: fc.constantFrom('a@example.org', 'A@example.org ', 'b@example.org'), firstName: text, crmKey: values },
    { requiredKeys: ['email'] },
  ),
  fc.record({ email: fc.emailAddress(), score__c: fc.integer(), renewalDate: fc.constantFrom('2026-02-28', '') }),
  fc.record(
    { externalCompanyId: key, company: text, annualRevenue: fc.oneof(fc.double(), values) },
    { requiredKeys: ['externalCompanyId'] },
  ),
  fc.record({ externalOpportunityId: key, name: text }),
  fc.record({ externalSalesPersonId: key, firstName: text }),
  fc.record({ key, leadId: fc.oneof(fc.integer({ min: 1, max: 5 }), values) }, { requiredKeys: ['key'] }),
  fc.record({ id: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ leadId: fc.integer({ min: 1, max: 20 }) }),
);
/** A record, mostly one that could be written. */
export const records = fc.oneof(
  { weight: 5, arbitrary: nearlyGood },
  { weight: 4, arbitrary: fc.dictionary(names, values, { maxKeys: 6 }) },
  { weight: 1, arbitrary: values },
);
/** The records of a call, or what stands in their place. */
export const inputs = fc.oneof(
  { weight: 5, arbitrary: fc.array(records, { maxLength: 5 }) },
  { weight: 1, arbitrary: values },
);
