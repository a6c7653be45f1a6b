import { completeField, type Field, type FieldDraft, type FieldType, type PicklistValue } from '../field';

/** An object as it is defined: the fields of the system are added to it. */
export interface ObjectDefinition {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string;
  fields: Field[];
  custom: boolean;
  /** What may be done with it; everything that is not named may. */
  cannot: readonly ('create' | 'update' | 'delete' | 'undelete' | 'merge' | 'search' | 'replicate' | 'query')[];
  /** Objects of whom `OwnerId` may be; empty for objects that belong to their parent. */
  owners: readonly string[];
  hasRecordTypes?: boolean;
}

/**
 * One line of the tables below, as the object reference gives it.
 * - size: characters for text, digits for whole numbers, `precision,scale` for other numbers
 * - flags: C createable, U updateable, N nillable, D defaulted on create, L idLookup, R restricted picklist
 */
export type FieldLine = readonly [
  name: string,
  type: FieldType,
  size: number | string,
  flags: string,
  more?: Partial<Field>,
];

export function fieldsOf(lines: readonly FieldLine[]): Field[] {
  return lines.map(([name, type, size, flags, more]) => {
    const draft: FieldDraft = {
      name,
      type,
      createable: flags.includes('C'),
      updateable: flags.includes('U'),
      nillable: flags.includes('N'),
      defaultedOnCreate: flags.includes('D'),
      idLookup: flags.includes('L'),
      restrictedPicklist: flags.includes('R'),
      ...sizeOf(type, size),
      ...more,
    };
    return completeField(draft);
  });
}

function sizeOf(type: FieldType, size: number | string): Partial<Field> {
  if (typeof size === 'string') {
    const [precision = 18, scale = 0] = size.split(',').map(Number);
    return { precision, scale };
  }
  if (type === 'int') return { digits: size };
  return size > 0 ? { length: size } : {};
}

/** The values of a picklist, each shown as it is called; the first may be the default. */
export function picklist(values: readonly string[], defaultValue?: string): PicklistValue[] {
  return values.map((value) => ({ value, label: value, active: true, isDefault: value === defaultValue }));
}

/** The nine fields of an address and the compound one that is made of them. */
export function addressLines(prefix: string, label = prefix): FieldLine[] {
  const compoundFieldName = `${prefix}Address`;
  const part = (name: string, text: string): Partial<Field> => ({
    compoundFieldName,
    label: label === '' ? text : `${label} ${text}`,
    ...(name === 'GeocodeAccuracy' ? { picklist: picklist(GEOCODE_ACCURACY) } : {}),
  });
  return [
    [`${prefix}Street`, 'textarea', 255, 'CUN', part('Street', 'Street')],
    [`${prefix}City`, 'string', 40, 'CUN', part('City', 'City')],
    [`${prefix}State`, 'string', 80, 'CUN', part('State', 'State/Province')],
    [`${prefix}PostalCode`, 'string', 20, 'CUN', part('PostalCode', 'Zip/Postal Code')],
    [`${prefix}Country`, 'string', 80, 'CUN', part('Country', 'Country')],
    [`${prefix}Latitude`, 'double', '18,15', 'CUN', part('Latitude', 'Latitude')],
    [`${prefix}Longitude`, 'double', '18,15', 'CUN', part('Longitude', 'Longitude')],
    [`${prefix}GeocodeAccuracy`, 'picklist', 40, 'CUNR', part('GeocodeAccuracy', 'Geocode Accuracy')],
    [compoundFieldName, 'address', 0, 'N', { label: label === '' ? 'Address' : `${label} Address` }],
  ];
}

const GEOCODE_ACCURACY = [
  'Address',
  'NearAddress',
  'Block',
  'Street',
  'ExtendedZip',
  'Zip',
  'Neighborhood',
  'City',
  'County',
  'State',
  'Unknown',
];
export const CLEAN_STATUS = picklist([
  'Matched',
  'Different',
  'Acknowledged',
  'NotFound',
  'Inactive',
  'Pending',
  'SelectMatch',
  'Skipped',
]);
export const SALUTATIONS = picklist(['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.']);
export const LEAD_SOURCES = picklist(['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other']);
export const RATINGS = picklist(['Hot', 'Warm', 'Cold']);
export const INDUSTRIES = picklist([
  'Agriculture',
  'Apparel',
  'Banking',
  'Biotechnology',
  'Chemicals',
  'Communications',
  'Construction',
  'Consulting',
  'Education',
  'Electronics',
  'Energy',
  'Engineering',
  'Entertainment',
  'Environmental',
  'Finance',
  'Food & Beverage',
  'Government',
  'Healthcare',
  'Hospitality',
  'Insurance',
  'Machinery',
  'Manufacturing',
  'Media',
  'Not For Profit',
  'Recreation',
  'Retail',
  'Shipping',
  'Technology',
  'Telecommunications',
  'Transportation',
  'Utilities',
  'Other',
]);
