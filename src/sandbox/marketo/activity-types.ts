import { z } from 'zod';
import type { Meta } from './store-schema';

const attributeSchema = z.strictObject({
  name: z.string().min(1),
  apiName: z.string().min(1).optional(),
  dataType: z.string().default('string'),
});

/** An activity type as Get Activity Types answers it. */
export const activityTypeSchema = z.strictObject({
  id: z.number().int().positive(),
  name: z.string().min(1),
  apiName: z.string().min(1).optional(),
  description: z.string().default(''),
  primaryAttribute: attributeSchema.optional(),
  attributes: z.array(attributeSchema).max(20).default([]),
});
export type ActivityType = z.infer<typeof activityTypeSchema>;

type Row = [id: number, name: string, description: string, primary: string | null, attributes: string[]];

const STANDARD_ROWS: readonly Row[] = [
  [
    1,
    'Visit Webpage',
    'User visits a web page',
    'Webpage ID',
    ['Client IP Address', 'Query Parameters', 'Referrer URL', 'User Agent', 'Webpage URL'],
  ],
  [
    2,
    'Fill Out Form',
    'User fills out and submits form on web page',
    'Webform ID',
    ['Client IP Address', 'Form Fields', 'Query Parameters', 'Referrer URL', 'User Agent', 'Webpage ID'],
  ],
  [6, 'Send Email', 'Send Marketo Email to a person', 'Mailing ID', ['Campaign Run ID', 'Choice Number', 'Step ID']],
  [
    12,
    'New Lead',
    'New person/record is added to the database',
    null,
    ['Created Date', 'Reason', 'Source', 'Source Type'],
  ],
  [
    13,
    'Change Data Value',
    'Changed attribute value for a person/record',
    'Attribute Name',
    ['New Value', 'Old Value', 'Reason', 'Source'],
  ],
  [
    22,
    'Change Score',
    'Modify the value of a score field',
    'Score Name',
    ['Change Value', 'New Value', 'Old Value', 'Reason'],
  ],
  [24, 'Add to List', 'Add a person/record to a list', 'List ID', ['Source']],
  [25, 'Remove from List', 'Remove this lead from a list', 'List ID', ['Source']],
  [
    32,
    'Merge Leads',
    'Merge two or more leads into a single record',
    'Lead ID',
    ['Master Updated', 'Merge IDs', 'Merge Fields', 'Merge Source'],
  ],
  [37, 'Delete Lead', 'Delete a person/record from the database', 'Lead ID', ['Campaign', 'Remove From CRM']],
  [
    104,
    'Change Status in Progression',
    'Change status in a program progression',
    'Program ID',
    ['Acquired By', 'New Status', 'New Status ID', 'Old Status', 'Old Status ID', 'Reason', 'Success'],
  ],
];

const STANDARD_TYPES: readonly ActivityType[] = STANDARD_ROWS.map(([id, name, description, primary, attributes]) => ({
  id,
  name,
  description,
  ...(primary === null
    ? {}
    : { primaryAttribute: { name: primary, dataType: primary.endsWith('ID') ? 'integer' : 'string' } }),
  attributes: attributes.map((attribute) => ({ name: attribute, dataType: 'string' })),
}));

export interface ActivityTypes {
  all(): readonly ActivityType[];
  get(id: number): ActivityType | undefined;
  /** Whether the type was declared for this instance, so that clients may add activities of it. */
  isCustom(id: number): boolean;
  add(type: z.input<typeof activityTypeSchema>): ActivityType;
}

export function createActivityTypes(meta: Meta): ActivityTypes {
  const stored = meta.get('customActivityTypes');
  let custom = z.array(activityTypeSchema).parse(stored === undefined ? [] : JSON.parse(stored));
  const all = (): ActivityType[] => [...STANDARD_TYPES, ...custom];
  return {
    all,
    get: (id) => all().find((type) => type.id === id),
    isCustom: (id) => custom.some((type) => type.id === id),
    add(given) {
      const type = activityTypeSchema.parse(given);
      if (STANDARD_TYPES.some(({ id }) => id === type.id))
        throw new RangeError(`The activity type ${type.id} is a standard one`);
      custom = [...custom.filter(({ id }) => id !== type.id), type];
      meta.set('customActivityTypes', JSON.stringify(custom));
      return type;
    },
  };
}
