import type { ObjectDescription } from '../../src/domain/object-description';
import { describedField } from './described';

/** A contact with a field of each type. */
export const contactDescription: ObjectDescription = {
  name: 'Contact',
  label: 'Contact',
  idOrder: 'bytes',
  idField: 'Id',
  createdAtField: 'CreatedDate',
  updatedAtField: 'SystemModstamp',
  readableAsWhole: true,
  keyFields: ['Id', 'Email'],
  defaultMatchField: 'Email',
  fields: [
    describedField('Id', 'id'),
    describedField('CreatedDate', 'datetime'),
    describedField('LastModifiedDate', 'datetime'),
    describedField('SystemModstamp', 'datetime'),
    describedField('LastName', 'text'),
    describedField('Email', 'email'),
    describedField('Phone', 'phone'),
    describedField('AccountId', 'reference', { referenceTo: ['Account'] }),
    describedField('Code__c', 'text', { caseSensitive: true }),
    describedField('Amount__c', 'number', { precision: 18, scale: 2 }),
    describedField('Count__c', 'integer'),
    describedField('DoNotCall', 'boolean'),
    describedField('Birthdate', 'date'),
    describedField('Joined__c', 'date'),
    describedField('Go_Live__c', 'datetime'),
    describedField('Opens__c', 'time'),
    describedField('LeadSource', 'picklist'),
    describedField('Interests__c', 'multipicklist'),
    describedField('Description', 'text', { filterable: false, length: 32_000 }),
  ],
};
