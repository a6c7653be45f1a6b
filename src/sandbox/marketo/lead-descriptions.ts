import type { LeadField, LeadFields } from './lead-fields';

/** Describe Lead: the older form, one element for each field, sorted by id (Marketo guide, "Leads"). */
export function describeLeads(fields: LeadFields): unknown[] {
  return fields.all().map((field) => ({
    id: field.id,
    displayName: field.displayName,
    dataType: field.dataType,
    ...(field.length === undefined ? {} : { length: field.length }),
    rest: { name: field.name, readOnly: field.readOnly },
    // a relic of the SOAP API, on many fields and not on all; its readOnly means nothing
    ...(hasSoapName(field) ? { soap: { name: soapName(field), readOnly: false } } : {}),
  }));
}

/** Describe Lead 2: the form of the other objects; its searchableFields are what a filter may use. */
export function describeLeads2(fields: LeadFields): unknown[] {
  return [
    {
      name: 'API Lead',
      searchableFields: fields.searchableNames().map((name) => [name]),
      fields: fields.all().map((field) => ({
        name: field.name,
        displayName: field.displayName,
        dataType: field.dataType,
        ...(field.length === undefined ? {} : { length: field.length }),
        updateable: !field.readOnly && field.name !== 'id',
        crmManaged: field.name.startsWith('sfdc') && !field.isCustom,
      })),
    },
  ];
}

const hasSoapName = ({ id, isCustom }: LeadField): boolean => !isCustom && id !== 45 && id < 600;

function soapName({ name, displayName }: LeadField): string {
  if (name === 'id') return 'Id';
  return displayName.replace(/[^A-Za-z0-9]/g, '');
}
