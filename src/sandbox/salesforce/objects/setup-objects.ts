import { fieldsOf, type ObjectDefinition, picklist } from './object-definition';

const CANNOT_CHANGE = ['create', 'update', 'delete', 'undelete', 'merge', 'search', 'replicate'] as const;

/** Queues are groups of type `Queue`: they may own leads and tasks. */
export const GROUP: ObjectDefinition = {
  name: 'Group',
  label: 'Group',
  labelPlural: 'Groups',
  keyPrefix: '00G',
  custom: false,
  cannot: ['undelete', 'merge'],
  owners: [],
  fields: fieldsOf([
    ['Name', 'string', 40, 'CU', { nameField: true }],
    ['DeveloperName', 'string', 80, 'CUN', { label: 'Developer Name' }],
    ['Type', 'picklist', 40, 'CR', { picklist: picklist(['Regular', 'Queue', 'Role']) }],
    ['Email', 'email', 255, 'CUN'],
  ]),
};

export const RECORD_TYPE: ObjectDefinition = {
  name: 'RecordType',
  label: 'Record Type',
  labelPlural: 'Record Types',
  keyPrefix: '012',
  custom: false,
  cannot: ['delete', 'undelete', 'merge', 'search'],
  owners: [],
  fields: fieldsOf([
    ['Name', 'string', 80, 'CU', { label: 'Record Type Name', nameField: true }],
    ['DeveloperName', 'string', 80, 'CU'],
    ['SobjectType', 'picklist', 40, 'C', { label: 'SObject Type Name' }],
    ['Description', 'string', 255, 'CUN'],
    ['IsActive', 'boolean', 0, 'CUD', { label: 'Active', defaultValue: true }],
  ]),
};

export const PROFILE: ObjectDefinition = {
  name: 'Profile',
  label: 'Profile',
  labelPlural: 'Profiles',
  keyPrefix: '00e',
  custom: false,
  cannot: CANNOT_CHANGE,
  owners: [],
  fields: fieldsOf([['Name', 'string', 255, '', { nameField: true }]]),
};

export const USER_ROLE: ObjectDefinition = {
  name: 'UserRole',
  label: 'Role',
  labelPlural: 'Role',
  keyPrefix: '00E',
  custom: false,
  cannot: ['undelete', 'merge', 'search'],
  owners: [],
  fields: fieldsOf([['Name', 'string', 80, 'CU', { nameField: true }]]),
};

export const ORGANIZATION: ObjectDefinition = {
  name: 'Organization',
  label: 'Organization',
  labelPlural: 'Organizations',
  keyPrefix: '00D',
  custom: false,
  cannot: CANNOT_CHANGE,
  owners: [],
  fields: fieldsOf([
    ['Name', 'string', 80, '', { nameField: true }],
    ['OrganizationType', 'picklist', 40, 'N', { label: 'Edition' }],
    ['IsSandbox', 'boolean', 0, 'D', { label: 'Is Sandbox' }],
    ['InstanceName', 'string', 5, 'N'],
    ['TimeZoneSidKey', 'picklist', 40, 'N', { label: 'Time Zone' }],
    ['DefaultLocaleSidKey', 'picklist', 40, 'N', { label: 'Locale' }],
    ['LanguageLocaleKey', 'picklist', 40, 'N', { label: 'Language' }],
  ]),
};
