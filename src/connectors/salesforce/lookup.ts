import type { FieldDescription, Value } from '../../domain/object-description';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { ExistingRecord, LookupRequest } from '../connector';
import type { CallOptions, SalesforceClient } from './client';
import { allRows, QUERIES_PER_COMPOSITE, type Row, runQueries } from './query';
import { checkedName, select } from './soql';
import { unknownField } from './soql-filter';
import { keyLiteral } from './soql-literal';
import { storedEmails, writtenEmail } from './stored-email';
import { fromSalesforce } from './values';

/** A query takes 100,000 characters (SOQL and SOSL Reference, "SOQL Statement Limits"); the rest is for its columns. */
const MOST_LIST_CHARACTERS = 80_000;
/** A page of a query's result has so many rows (REST guide, "Query"): as many keys that are all found once need no second one. */
const MOST_LIST_KEYS = 2_000;
/** Keys of usual length that one call looks up. */
export const KEYS_PER_CALL = MOST_LIST_KEYS * QUERIES_PER_COMPOSITE;
/** Of a lead: whether it was converted, and to which contact. */
const CONVERTED = ['IsConverted', 'ConvertedContactId'] as const;

/** Finds the records that hold one of the keys, several queries in one call. */
export async function findByKey(
  client: SalesforceClient,
  request: LookupRequest,
  options: CallOptions,
): Promise<ExistingRecord[]> {
  const keyField = fieldOf(request, request.field);
  const wanted = request.fields.map((name) => fieldOf(request, name));
  const queries = queriesFor(request, keyField);
  // one that holds a key in one query and, by another form, in the next is one record
  const found = new Map<string, ExistingRecord>();
  for (let first = 0; first < queries.length; first += QUERIES_PER_COMPOSITE) {
    const pages = await runQueries(client, queries.slice(first, first + QUERIES_PER_COMPOSITE), options);
    for (const page of pages) {
      for (const row of await allRows(client, page, options)) {
        const record = toRecord(request, keyField, wanted, row);
        found.set(record.destinationId, record);
      }
    }
  }
  return [...found.values()];
}

const fieldOf = ({ object }: LookupRequest, name: string): FieldDescription => {
  const field = object.fields.find((candidate) => candidate.name === name);
  if (!field) throw unknownField(name);
  return field;
};

/** Splits the keys so that each query is short enough. A blank, or what no record can hold, is never asked for. */
function queriesFor(request: LookupRequest, keyField: FieldDescription): string[] {
  const { object, fields, keys } = request;
  const known = new Set(object.fields.map(({ name }) => name));
  const converted = CONVERTED.filter((name) => object.name === 'Lead' && known.has(name));
  const columns = [...new Set([object.idField, keyField.name, ...fields, ...converted])].map(checkedName);
  const literals = new Set<string>();
  for (const key of keys) {
    for (const form of keyField.type === 'email' ? storedEmails(key) : [key]) {
      const literal = keyLiteral(form, keyField.type);
      if (literal !== null) literals.add(literal);
    }
  }
  return chunked([...literals]).map((chunk) =>
    select(columns, object.name, [`${keyField.name} IN (${chunk.join(', ')})`]),
  );
}

function chunked(literals: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let chunk: string[] = [];
  let characters = 0;
  for (const literal of literals) {
    const isFull = chunk.length === MOST_LIST_KEYS || characters + literal.length + 2 > MOST_LIST_CHARACTERS;
    if (isFull && chunk.length > 0) {
      chunks.push(chunk);
      chunk = [];
      characters = 0;
    }
    chunk.push(literal);
    characters += literal.length + 2;
  }
  return chunk.length > 0 ? [...chunks, chunk] : chunks;
}

function toRecord(
  { object }: LookupRequest,
  keyField: FieldDescription,
  wanted: readonly FieldDescription[],
  row: Row,
): ExistingRecord {
  const id = String(row[object.idField]);
  const present = ({ name, type }: FieldDescription): Value => fromSalesforce(row[name], type);
  const locked = row.IsConverted === true && object.name === 'Lead' ? { locked: convertedText(row) } : {};
  return {
    destinationId: salesforceId18(id) ?? id,
    key: keyField.name === object.idField ? null : writtenEmail(present(keyField), keyField.type),
    values: Object.fromEntries(wanted.map((field) => [field.name, present(field)])),
    ...locked,
  };
}

function convertedText(row: Row): string {
  const contact = typeof row.ConvertedContactId === 'string' ? salesforceId18(row.ConvertedContactId) : null;
  return contact
    ? `The lead has been converted and cannot be changed; the person is now the contact ${contact}.`
    : 'The lead has been converted and cannot be changed.';
}
