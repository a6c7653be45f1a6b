import type { DataType } from './field-values';

/** REST id, REST name, label, type, length, and `readOnly` where `rest.readOnly` is true. */
type Row = readonly [number, string, string, DataType, (number | undefined)?, 'readOnly'?];

/** The standard fields of a subscription without native CRM sync, as a real Describe answered them in 2021. */
const ROWS: readonly Row[] = [
  [4, 'company', 'Company Name', 'string', 255],
  [5, 'site', 'Site', 'string', 255],
  [6, 'billingStreet', 'Billing Address', 'text'],
  [7, 'billingCity', 'Billing City', 'string', 255],
  [8, 'billingState', 'Billing State', 'string', 255],
  [9, 'billingCountry', 'Billing Country', 'string', 255],
  [10, 'billingPostalCode', 'Billing Postal Code', 'string', 255],
  [11, 'website', 'Website', 'url', 255],
  [12, 'mainPhone', 'Main Phone', 'string', 255],
  [15, 'annualRevenue', 'Annual Revenue', 'currency'],
  [16, 'numberOfEmployees', 'Num Employees', 'integer'],
  [17, 'industry', 'Industry', 'string', 255],
  [18, 'sicCode', 'SIC Code', 'string', 40],
  [20, 'mktoCompanyNotes', 'Company Notes', 'text'],
  [41, 'externalCompanyId', 'External Company Id', 'string', 50],
  [44, 'id', 'Id', 'integer'],
  [45, 'mktoName', 'Full Name', 'string', 255, 'readOnly'],
  [46, 'personType', 'Person Type', 'string', 50],
  [48, 'mktoIsPartner', 'Is Partner', 'boolean'],
  [49, 'isLead', 'Is Lead', 'boolean'],
  [50, 'mktoIsCustomer', 'Is Customer', 'boolean'],
  [51, 'isAnonymous', 'Is Anonymous', 'boolean'],
  [52, 'salutation', 'Salutation', 'string', 255],
  [53, 'firstName', 'First Name', 'string', 255],
  [54, 'middleName', 'Middle Name', 'string', 255],
  [55, 'lastName', 'Last Name', 'string', 255],
  [56, 'email', 'Email Address', 'email', 255],
  [57, 'phone', 'Phone Number', 'phone', 255],
  [58, 'mobilePhone', 'Mobile Phone Number', 'phone', 255],
  [59, 'fax', 'Fax Number', 'phone', 255],
  [60, 'title', 'Job Title', 'string', 255],
  [61, 'contactCompany', 'Contact Company', 'reference', undefined, 'readOnly'],
  [62, 'dateOfBirth', 'Date of Birth', 'date'],
  [63, 'address', 'Address', 'text'],
  [64, 'city', 'City', 'string', 255],
  [65, 'state', 'State', 'string', 255],
  [66, 'country', 'Country', 'string', 255],
  [67, 'postalCode', 'Postal Code', 'string', 255],
  [68, 'personTimeZone', 'Person Time Zone', 'string', 255, 'readOnly'],
  [70, 'originalSourceType', 'Original Source Type', 'string', 255, 'readOnly'],
  [71, 'originalSourceInfo', 'Original Source Info', 'string', 2000, 'readOnly'],
  [72, 'registrationSourceType', 'Registration Source Type', 'string', 255],
  [73, 'registrationSourceInfo', 'Registration Source Info', 'string', 2000],
  [74, 'originalSearchEngine', 'Original Search Engine', 'string', 255, 'readOnly'],
  [75, 'originalSearchPhrase', 'Original Search Phrase', 'string', 255, 'readOnly'],
  [76, 'originalReferrer', 'Original Referrer', 'url', 255, 'readOnly'],
  [77, 'emailInvalid', 'Email Invalid', 'boolean'],
  [78, 'emailInvalidCause', 'Email Invalid Cause', 'string', 255],
  [79, 'unsubscribed', 'Unsubscribed', 'boolean'],
  [81, 'unsubscribedReason', 'Unsubscribed Reason', 'string', 2000],
  [82, 'doNotCall', 'Do Not Call', 'boolean'],
  [83, 'mktoDoNotCallCause', 'Do Not Call Cause', 'string', 255],
  [84, 'doNotCallReason', 'Do Not Call Reason', 'string', 2000],
  [85, 'marketingSuspended', 'Marketing Suspended', 'boolean'],
  [86, 'marketingSuspendedCause', 'Marketing Suspended Cause', 'string', 255],
  [87, 'blackListed', 'Black Listed', 'boolean'],
  [88, 'blackListedCause', 'Black Listed Cause', 'string', 255],
  [89, 'mktoPersonNotes', 'Person Notes', 'text'],
  [103, 'anonymousIP', 'Anonymous IP', 'string', 255],
  [104, 'inferredCompany', 'Inferred Company', 'string', 255, 'readOnly'],
  [105, 'inferredCountry', 'Inferred Country', 'string', 255, 'readOnly'],
  [106, 'inferredCity', 'Inferred City', 'string', 255, 'readOnly'],
  [107, 'inferredStateRegion', 'Inferred State Region', 'string', 255, 'readOnly'],
  [108, 'inferredPostalCode', 'Inferred Postal Code', 'string', 255, 'readOnly'],
  [109, 'inferredMetropolitanArea', 'Inferred Metropolitan Area', 'string', 255, 'readOnly'],
  [110, 'inferredPhoneAreaCode', 'Inferred Phone Area Code', 'string', 255, 'readOnly'],
  [123, 'emailSuspended', 'Email Suspended', 'boolean'],
  [124, 'emailSuspendedCause', 'Email Suspended Cause', 'string', 255],
  [125, 'emailSuspendedAt', 'Email Suspended At', 'datetime'],
  [126, 'department', 'Department', 'string', 255],
  [130, 'createdAt', 'Created At', 'datetime', undefined, 'readOnly'],
  [131, 'updatedAt', 'Updated At', 'datetime', undefined, 'readOnly'],
  [136, 'cookies', 'Cookies', 'string', 255],
  [137, 'externalSalesPersonId', 'External Sales Person Id', 'string', 50],
  [141, 'leadPerson', 'Lead Person', 'reference', undefined, 'readOnly'],
  [143, 'leadRole', 'Role', 'string', 50],
  [144, 'leadSource', 'Lead Source', 'string', 255],
  [145, 'leadStatus', 'Lead Status', 'string', 255],
  [146, 'leadScore', 'Lead Score', 'integer'],
  [147, 'urgency', 'Urgency', 'float'],
  [148, 'priority', 'Priority', 'integer'],
  [149, 'relativeScore', 'Relative Score', 'integer'],
  [150, 'relativeUrgency', 'Relative Urgency', 'integer'],
  [160, 'rating', 'Lead Rating', 'string', 255],
  [181, 'personPrimaryLeadInterest', 'Primary Lead Interest', 'reference', undefined, 'readOnly'],
  [479, 'leadPartitionId', 'Lead Partition Id', 'reference'],
  [485, 'leadRevenueCycleModelId', 'Lead Revenue Cycle Model Id', 'reference'],
  [487, 'leadRevenueStageId', 'Lead Revenue Stage Id', 'reference'],
  [625, 'acquisitionProgramId', 'Acquisition Program', 'reference'],
  [627, 'mktoAcquisitionDate', 'Acquisition Date', 'datetime'],
  [830, 'ecids', 'ECIDs', 'string', 255, 'readOnly'],
];

/** What native Salesforce sync adds; ids of 18 characters that only that sync writes. */
const CRM_ROWS: readonly Row[] = [
  [21, 'sfdcType', 'SFDC Type', 'string', 255, 'readOnly'],
  [22, 'sfdcLeadId', 'SFDC Lead Id', 'string', 18, 'readOnly'],
  [23, 'sfdcContactId', 'SFDC Contact Id', 'string', 18, 'readOnly'],
  [24, 'sfdcAccountId', 'SFDC Account Id', 'string', 18, 'readOnly'],
  [25, 'sfdcLeadOwnerId', 'SFDC Lead Owner Id', 'string', 18, 'readOnly'],
  [26, 'sfdcOpptyId', 'SFDC Oppty Id', 'string', 18, 'readOnly'],
];

/** Names that stand for the company of a lead, stored there and seen on all of its leads. */
export const COMPANY_FIELD_NAMES: ReadonlySet<string> = new Set([
  'company',
  'site',
  'billingStreet',
  'billingCity',
  'billingState',
  'billingCountry',
  'billingPostalCode',
  'website',
  'mainPhone',
  'annualRevenue',
  'numberOfEmployees',
  'industry',
  'sicCode',
  'mktoCompanyNotes',
]);

/** Standard fields by which leads can be looked up (Marketo guide, "Leads", and Describe 2). */
export const SEARCHABLE_STANDARD_FIELDS: readonly string[] = [
  'cookies',
  'email',
  'externalSalesPersonId',
  'facebookId',
  'id',
  'leadPartitionId',
  'linkedInId',
  'twitterId',
];
export const SEARCHABLE_CRM_FIELDS: readonly string[] = [
  'sfdcAccountId',
  'sfdcContactId',
  'sfdcLeadId',
  'sfdcLeadOwnerId',
  'sfdcOpptyId',
];

export interface StandardField {
  id: number;
  name: string;
  displayName: string;
  dataType: DataType;
  length?: number;
  readOnly: boolean;
}

const toField = ([id, name, displayName, dataType, length, readOnly]: Row): StandardField => ({
  id,
  name,
  displayName,
  dataType,
  ...(length === undefined ? {} : { length }),
  readOnly: readOnly === 'readOnly',
});

export const STANDARD_LEAD_FIELDS: readonly StandardField[] = ROWS.map(toField);
export const CRM_LEAD_FIELDS: readonly StandardField[] = CRM_ROWS.map(toField);
