/**
 * `npm run bench -- rules [RECORDS]`: the rules by themselves, in one thread and without a database: so many staged records (default
 * 200,000) are parsed, put through a filter of ten conditions, and mapped to twenty fields, three of them by expressions. Most records
 * pass, so that all conditions are looked at. What comes of a record is let go, as pages of a run are. Prints the median of five rounds; seconds are of processor time.
 */
import { type Definition, definition } from '../src/domain/definition';
import { compileRowFilter } from '../src/domain/filter';
import { compileMappings } from '../src/domain/mapping';
import {
  type FieldType,
  type ObjectDescription,
  objectDescription,
  type Value,
} from '../src/domain/object-description';
import { loadText } from './cpu';
import { median } from './measure';

const records = Number(process.argv[2] ?? 200_000);
const ROUNDS = 5;
const MICROSECONDS_PER_SECOND = 1_000_000;
const TIME_ZONE = 'Europe/Vienna';
const COUNTRIES = Array.from({ length: 50 }, (_none, index) => `Country ${index}`);

const SOURCE_TYPES: Record<string, FieldType> = {
  id: 'id',
  firstName: 'text',
  lastName: 'text',
  email: 'email',
  title: 'text',
  company: 'text',
  phone: 'phone',
  website: 'url',
  street: 'text',
  city: 'text',
  country: 'picklist',
  interests: 'multipicklist',
  leadScore: 'integer',
  revenue: 'number',
  unsubscribed: 'boolean',
  birthday: 'date',
  createdAt: 'datetime',
  updatedAt: 'datetime',
  crmKey: 'text',
  comment: 'text',
};

const DESTINATION_TYPES: Record<string, FieldType> = {
  FirstName: 'text',
  LastName: 'text',
  Email: 'email',
  Title: 'text',
  Company__c: 'text',
  Phone: 'phone',
  Website__c: 'url',
  MailingStreet: 'text',
  MailingCity: 'text',
  Country__c: 'picklist',
  Interests__c: 'multipicklist',
  Score__c: 'integer',
  Revenue__c: 'number',
  Birthdate: 'date',
  CreatedAt__c: 'datetime',
  UpdatedAt__c: 'datetime',
  Key__c: 'text',
  FullName__c: 'text',
  Salutation__c: 'text',
  Rating__c: 'number',
};

function objectOf(name: string, types: Record<string, FieldType>, idField: string): ObjectDescription {
  const field = (fieldName: string, type: FieldType) => ({
    name: fieldName,
    label: fieldName,
    type,
    length: type === 'number' || type === 'integer' ? null : 255,
    precision: type === 'number' ? 18 : null,
    scale: type === 'number' ? 2 : null,
    required: false,
    createable: true,
    updateable: true,
    filterable: true,
    matchable: true,
    picklistValues: type === 'picklist' ? COUNTRIES.map((value) => ({ value, label: value })) : [],
    referenceTo: [],
  });
  return objectDescription.parse({
    name,
    label: name,
    idOrder: 'number',
    idField,
    createdAtField: 'createdAt',
    updatedAtField: 'updatedAt',
    readableAsWhole: true,
    keyFields: [idField],
    defaultMatchField: 'email',
    fields: Object.entries(types).map(([fieldName, type]) => field(fieldName, type)),
  });
}

const CONNECTION = '00000000-0000-4000-8000-000000000000';

const bench: Definition = definition.parse({
  name: 'Leads to contacts',
  source: { connectionId: CONNECTION, object: 'Lead' },
  destination: { connectionId: CONNECTION, object: 'Contact' },
  match: { source: 'email', destination: 'Email' },
  filter: {
    all: [
      { column: 'email', operator: 'isNotEmpty' },
      { column: 'email', operator: 'notContains', value: 'example.invalid' },
      { column: 'unsubscribed', operator: 'equals', value: false },
      { column: 'leadScore', operator: 'between', value: [0, 98] },
      { column: 'country', operator: 'in', value: COUNTRIES.slice(0, 45) },
      { column: 'updatedAt', operator: 'inLast', value: { amount: 400, unit: 'day' } },
      { column: 'birthday', operator: 'lessThan', value: '2010-01-01' },
      { column: 'company', operator: 'notEquals', value: 'Ours' },
      {
        any: [
          { column: 'interests', operator: 'includesAny', value: ['Music', 'Art'] },
          { column: 'revenue', operator: 'greaterThan', value: 10 },
        ],
      },
    ],
  },
  mappings: [
    ...[
      ['firstName', 'FirstName'],
      ['lastName', 'LastName'],
      ['email', 'Email'],
      ['title', 'Title'],
      ['company', 'Company__c'],
      ['phone', 'Phone'],
      ['website', 'Website__c'],
      ['street', 'MailingStreet'],
      ['city', 'MailingCity'],
      ['country', 'Country__c'],
      ['interests', 'Interests__c'],
      ['leadScore', 'Score__c'],
      ['revenue', 'Revenue__c'],
      ['birthday', 'Birthdate'],
      ['createdAt', 'CreatedAt__c'],
      ['updatedAt', 'UpdatedAt__c'],
      ['crmKey', 'Key__c'],
    ].map(([field, to]) => ({ from: { field }, to })),
    { from: { expression: 'trim(firstName) + " " + upper(lastName)' }, to: 'FullName__c' },
    { from: { expression: 'isBlank(firstName) ? "Dear customer" : "Dear " + firstName' }, to: 'Salutation__c' },
    { from: { expression: 'leadScore > 50.0 ? revenue * 2 : revenue / 2' }, to: 'Rating__c' },
  ],
  schedule: { type: 'now' },
});

const at = (index: number): string => new Date(Date.UTC(2026, 0, 1) - index * 97_000).toISOString();

/** The values of a record, in the order of the source's fields; a third of the fields that may be blank are. */
function valuesOf(index: number): Value[] {
  const some = <T>(value: T, place: number): T | null => ((index + place) % 3 === 0 ? null : value);
  return [
    index,
    `Given${index % 977}`,
    `Family${index % 7919}`,
    index % 50 === 0 ? null : `person${index}@example.com`,
    some('Head of Something', 1),
    some(`Company ${index % 1_000}`, 2),
    some(`+43 1 555 ${index % 10_000}`, 3),
    some(`https://example.com/${index % 1_000}`, 4),
    `Main Street ${index % 200}`,
    'Graz',
    COUNTRIES[index % 50] ?? null,
    'Music;Sport;Art',
    index % 100,
    (index % 10_000) / 4,
    index % 20 === 0 ? null : false,
    `19${String(50 + (index % 50))}-03-0${1 + (index % 9)}`,
    at(index * 3),
    at(index),
    `K-${index}`,
    some('A comment of some length that nobody maps, but that was read for the filter of another time.', 5),
  ];
}

/** Processor time of some work on each of the records; the median of all rounds. */
function timed<Given>(what: string, given: readonly Given[], work: (one: Given) => unknown): void {
  const seconds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (const one of given) work(one);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / MICROSECONDS_PER_SECOND;
  });
  const middle = median(seconds) ?? 0;
  const rate = Math.round(records / middle);
  console.log(
    `${what.padEnd(28)} ${middle.toFixed(2)} s  ${rate}/s  ${((middle / records) * MICROSECONDS_PER_SECOND).toFixed(1)} µs`,
  );
}

function main(): void {
  const source = objectOf('Lead', SOURCE_TYPES, 'id');
  const destination = objectOf('Contact', DESTINATION_TYPES, 'Id');
  const fields = Object.keys(SOURCE_TYPES);
  const filter = bench.filter;
  if (!filter) throw new Error('The definition has a filter.');
  const holds = compileRowFilter(filter, source, { asOf: '2026-01-02T00:00:00.000Z', timeZone: TIME_ZONE, fields });
  const mappings = compileMappings(bench, source, destination, { timeZone: TIME_ZONE });
  const positions = mappings.sourceFields.map((field) => fields.indexOf(field));
  const bodies = Array.from({ length: records }, (_none, index) => JSON.stringify(valuesOf(index)));

  const mapped = (values: readonly Value[]) =>
    mappings.map(
      positions.map((position) => values[position] ?? null),
      () => ({ missing: true }),
    );
  const parsed = bodies.map((body) => JSON.parse(body) as Value[]);
  const passing = parsed.filter(holds).length;
  const mappable = parsed.filter((values) => 'values' in mapped(values)).length;
  console.log(`${records} records: ${passing} pass the filter, ${mappable} can be mapped; ${loadText()}`);

  timed('parse', bodies, (body) => JSON.parse(body));
  timed('filter', parsed, holds);
  timed('map', parsed, mapped);
  timed('filter and map', parsed, (values) => holds(values) && mapped(values));
  timed('parse, filter, map, write', bodies, (body) => {
    const values = JSON.parse(body) as Value[];
    const result = holds(values) ? mapped(values) : null;
    return result && 'values' in result && JSON.stringify(result.values);
  });
}

main();
