import { z } from 'zod';
import { DATA_TYPES } from './field-values';

const objectFieldSchema = z.strictObject({
  name: z.string().min(1).max(255),
  displayName: z.string().min(1).max(255),
  dataType: z.enum(DATA_TYPES),
  length: z.number().int().positive().optional(),
  /** `false` on a key: can be given when a record is made, and not changed afterwards. */
  updateable: z.boolean().default(true),
});
export type ObjectField = z.infer<typeof objectFieldSchema>;

const relationshipSchema = z.strictObject({
  field: z.string(),
  type: z.literal('child').default('child'),
  relatedTo: z.strictObject({ name: z.string(), field: z.string() }),
});

/** An object of the common pattern: describe, query by key, sync, delete (Marketo guide, "Lead database"). */
export const objectTypeSchema = z.strictObject({
  /** Name in describe answers; of a custom object also the name in its path. */
  name: z.string().min(1),
  displayName: z.string().min(1),
  description: z.string().optional(),
  idField: z.enum(['id', 'marketoGUID']),
  dedupeFields: z.array(z.string()).min(1).max(3),
  /** Besides the id field and the keys together. */
  searchableFields: z.array(z.string()),
  relationships: z.array(relationshipSchema).optional(),
  fields: z.array(objectFieldSchema).max(200),
});
export type ObjectType = z.infer<typeof objectTypeSchema>;

type ShortField = [
  name: string,
  displayName: string,
  dataType: ObjectField['dataType'],
  length?: number | undefined,
  fixed?: 'fixed',
];

const toFields = (rows: readonly ShortField[]): ObjectField[] =>
  rows.map(([name, displayName, dataType, length, fixed]) => ({
    name,
    displayName,
    dataType,
    ...(length === undefined ? {} : { length }),
    updateable: fixed !== 'fixed',
  }));

const SYSTEM_TIMES: readonly ShortField[] = [
  ['createdAt', 'Created At', 'datetime', undefined, 'fixed'],
  ['updatedAt', 'Updated At', 'datetime', undefined, 'fixed'],
];
const GUID: ShortField = ['marketoGUID', 'Marketo GUID', 'string', 36, 'fixed'];

export const COMPANY: ObjectType = {
  name: 'company',
  displayName: 'Company',
  description: 'Company object',
  idField: 'id',
  dedupeFields: ['externalCompanyId'],
  searchableFields: ['externalCompanyId', 'id', 'company'],
  fields: toFields([
    ['id', 'Id', 'integer', undefined, 'fixed'],
    ['externalCompanyId', 'External Company Id', 'string', 100, 'fixed'],
    ['company', 'Company Name', 'string', 255],
    ['site', 'Site', 'string', 255],
    ['website', 'Website', 'url', 255],
    ['mainPhone', 'Main Phone', 'phone', 255],
    ['annualRevenue', 'Annual Revenue', 'currency'],
    ['numberOfEmployees', 'Num Employees', 'integer'],
    ['industry', 'Industry', 'string', 255],
    ['sicCode', 'SIC Code', 'string', 40],
    ['billingStreet', 'Billing Address', 'text'],
    ['billingCity', 'Billing City', 'string', 255],
    ['billingState', 'Billing State', 'string', 255],
    ['billingCountry', 'Billing Country', 'string', 255],
    ['billingPostalCode', 'Billing Postal Code', 'string', 255],
    ['mktoCompanyNotes', 'Company Notes', 'text'],
    ['externalSalesPersonId', 'External Sales Person Id', 'string', 50],
    ...SYSTEM_TIMES,
  ]),
};

export const OPPORTUNITY: ObjectType = {
  name: 'opportunity',
  displayName: 'Opportunity',
  description: 'Opportunity object',
  idField: 'marketoGUID',
  dedupeFields: ['externalOpportunityId'],
  searchableFields: ['externalOpportunityId', 'marketoGUID', 'externalCompanyId', 'externalSalesPersonId'],
  fields: toFields([
    GUID,
    ['externalOpportunityId', 'External Opportunity Id', 'string', 50, 'fixed'],
    ['name', 'Name', 'string', 255],
    ['description', 'Description', 'string', 2000],
    ['type', 'Type', 'string', 255],
    ['stage', 'Stage', 'string', 255],
    ['amount', 'Amount', 'currency'],
    ['probability', 'Probability', 'integer'],
    ['quantity', 'Quantity', 'float'],
    ['expectedRevenue', 'Expected Revenue', 'currency'],
    ['closeDate', 'Close Date', 'date'],
    ['isClosed', 'Is Closed', 'boolean'],
    ['isWon', 'Is Won', 'boolean'],
    ['leadSource', 'Lead Source', 'string', 255],
    ['nextStep', 'Next Step', 'string', 255],
    ['forecastCategoryName', 'Forecast Category Name', 'string', 255],
    ['fiscalYear', 'Fiscal Year', 'integer'],
    ['fiscalQuarter', 'Fiscal Quarter', 'integer'],
    ['lastActivityDate', 'Last Activity Date', 'date'],
    ['externalCompanyId', 'External Company Id', 'string', 100],
    ['externalSalesPersonId', 'External Sales Person Id', 'string', 50],
    ['externalCreatedDate', 'External Created Date', 'datetime'],
    ...SYSTEM_TIMES,
  ]),
};

export const OPPORTUNITY_ROLE: ObjectType = {
  name: 'opportunityRole',
  displayName: 'Opportunity Role',
  description: 'Opportunity role object',
  idField: 'marketoGUID',
  dedupeFields: ['externalOpportunityId', 'leadId', 'role'],
  searchableFields: ['marketoGUID', 'leadId', 'externalOpportunityId'],
  relationships: [
    {
      field: 'externalOpportunityId',
      type: 'child',
      relatedTo: { name: 'opportunity', field: 'externalOpportunityId' },
    },
    { field: 'leadId', type: 'child', relatedTo: { name: 'lead', field: 'id' } },
  ],
  fields: toFields([
    GUID,
    ['externalOpportunityId', 'External Opportunity Id', 'string', 50, 'fixed'],
    ['leadId', 'Lead Id', 'integer', undefined, 'fixed'],
    ['role', 'Role', 'string', 50, 'fixed'],
    ['isPrimary', 'Is Primary', 'boolean'],
    ['externalCreatedDate', 'External Created Date', 'datetime'],
    ...SYSTEM_TIMES,
  ]),
};

export const SALES_PERSON: ObjectType = {
  name: 'salesPerson',
  displayName: 'Sales Person',
  description: 'Sales person object',
  idField: 'id',
  dedupeFields: ['externalSalesPersonId'],
  searchableFields: ['externalSalesPersonId', 'id', 'email'],
  fields: toFields([
    ['id', 'Id', 'integer', undefined, 'fixed'],
    ['externalSalesPersonId', 'External Sales Person Id', 'string', 50, 'fixed'],
    ['email', 'Email Address', 'email', 255],
    ['firstName', 'First Name', 'string', 255],
    ['lastName', 'Last Name', 'string', 255],
    ['title', 'Title', 'string', 255],
    ['phone', 'Phone', 'phone', 255],
    ['fax', 'Fax', 'phone', 255],
    ...SYSTEM_TIMES,
  ]),
};

export const NAMED_ACCOUNT: ObjectType = {
  name: 'namedAccount',
  displayName: 'Named Account',
  description: 'Named account object',
  idField: 'marketoGUID',
  dedupeFields: ['name'],
  searchableFields: ['marketoGUID', 'name', 'industry', 'state', 'city', 'country', 'domainName'],
  fields: toFields([
    GUID,
    ['name', 'Name', 'string', 255, 'fixed'],
    ['domainName', 'Domain Name', 'string', 255],
    ['industry', 'Industry', 'string', 255],
    ['numberOfEmployees', 'Number of Employees', 'integer'],
    ['annualRevenue', 'Annual Revenue', 'currency'],
    ['city', 'City', 'string', 255],
    ['state', 'State', 'string', 255],
    ['country', 'Country', 'string', 255],
    ['sicCode', 'SIC Code', 'string', 40],
    ...SYSTEM_TIMES,
  ]),
};

/** What the control API gives for a custom object: the id field and the times are added. */
export const newCustomObjectSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,79}$/),
  displayName: z.string().min(1).optional(),
  description: z.string().optional(),
  dedupeFields: z.array(z.string()).min(1).max(3),
  searchableFields: z.array(z.string()).default([]),
  /** Name of an integer field that holds the id of a lead. */
  leadField: z.string().optional(),
  fields: z.array(objectFieldSchema).min(1).max(50),
});
export type NewCustomObject = z.input<typeof newCustomObjectSchema>;

/** @throws z.ZodError or RangeError where the definition contradicts itself */
export function toCustomObjectType(given: NewCustomObject): ObjectType {
  const definition = newCustomObjectSchema.parse(given);
  const names = new Set(definition.fields.map(({ name }) => name));
  const needed = [
    ...definition.dedupeFields,
    ...definition.searchableFields,
    ...(definition.leadField === undefined ? [] : [definition.leadField]),
  ];
  for (const name of needed)
    if (!names.has(name)) throw new RangeError(`Custom object '${definition.name}' has no field '${name}'`);
  const isKey = (name: string): boolean => definition.dedupeFields.includes(name);
  const { leadField } = definition;
  return {
    name: definition.name,
    displayName: definition.displayName ?? definition.name,
    ...(definition.description === undefined ? {} : { description: definition.description }),
    idField: 'marketoGUID',
    dedupeFields: definition.dedupeFields,
    searchableFields: [
      ...new Set([
        'marketoGUID',
        ...(definition.dedupeFields.length === 1 ? definition.dedupeFields : []),
        ...(leadField === undefined ? [] : [leadField]),
        ...definition.searchableFields,
      ]),
    ],
    ...(leadField === undefined
      ? {}
      : { relationships: [{ field: leadField, type: 'child' as const, relatedTo: { name: 'Lead', field: 'id' } }] }),
    fields: [
      ...toFields([GUID]),
      ...definition.fields.map((field) => (isKey(field.name) ? { ...field, updateable: false } : field)),
      ...toFields(SYSTEM_TIMES),
    ],
  };
}
