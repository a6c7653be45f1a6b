import { z } from 'zod';
import { ConnectorError } from '../connector-error';
import type { CallOptions, PathRequest, SalesforceClient } from './client';
import { errorOfCode } from './errors';

/** A GET holds so many characters of encoded query safely; headers and path have the rest of 16,384 (REST guide, "Limits"). */
const MOST_URL_CHARACTERS = 12_000;
/** A composite request takes 25 sub-requests, of which five are queries (REST guide, "Composite"). */
export const QUERIES_PER_COMPOSITE = 5;

export type Row = Record<string, unknown>;

const queryResult = z.object({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z.string().optional(),
  records: z.array(z.custom<Row>((row) => typeof row === 'object' && row !== null)), // as they are: a copy of each takes long
});
export type QueryResult = z.output<typeof queryResult>;

const compositeAnswer = z.object({
  compositeResponse: z.array(z.object({ body: z.unknown(), httpStatusCode: z.number(), referenceId: z.string() })),
});
const errorList = z.array(z.object({ errorCode: z.string(), message: z.string().default('') })).min(1);

const queryPath = (client: SalesforceClient, soql: string): string =>
  `${client.versionPath}/query?q=${encodeURIComponent(soql)}`;

/** The first page of a query. One that is too long for an address travels inside of a composite request. */
export async function runQuery(client: SalesforceClient, soql: string, options: CallOptions): Promise<QueryResult> {
  const path = queryPath(client, soql);
  if (path.length <= MOST_URL_CHARACTERS) return client.json({ method: 'GET', path }, queryResult, options);
  const [result] = await runQueries(client, [soql], options);
  if (!result) throw new Error('A composite request of one query gave no answer.');
  return result;
}

/** A further page, by the address that the page before has named. */
export function nextPage(client: SalesforceClient, nextRecordsUrl: string, options: CallOptions): Promise<QueryResult> {
  // a path of our own instance, so that the token goes nowhere else
  if (!/^\/services\/data\/v\d+\.\d\/query\/[\w-]+$/.test(nextRecordsUrl)) {
    throw new ConnectorError('Salesforce named a next page at an address that is not its own.', 'UNREADABLE_ANSWER', {
      retry: 'soon',
    });
  }
  return client.json({ method: 'GET', path: nextRecordsUrl }, queryResult, options);
}

/** First pages of several queries in one call, in their order; at most `QUERIES_PER_COMPOSITE`. */
export async function runQueries(
  client: SalesforceClient,
  queries: readonly string[],
  options: CallOptions,
): Promise<QueryResult[]> {
  const request: PathRequest = {
    method: 'POST',
    path: `${client.versionPath}/composite`,
    json: {
      allOrNone: false,
      compositeRequest: queries.map((soql, index) => ({
        method: 'GET',
        url: queryPath(client, soql),
        referenceId: `q${index}`,
      })),
    },
  };
  const { compositeResponse } = await client.json(request, compositeAnswer, options);
  return queries.map((_soql, index) => {
    const answer = compositeResponse.find(({ referenceId }) => referenceId === `q${index}`);
    if (!answer) throw new ConnectorError('An answer of a query is missing.', 'UNREADABLE_ANSWER', { retry: 'soon' });
    if (answer.httpStatusCode < 300) return client.parse(answer.body, queryResult, options);
    const [error] = client.parse(answer.body, errorList, options);
    throw errorOfCode(error?.errorCode ?? '', error?.message ?? '', {
      status: answer.httpStatusCode,
      isWrite: false,
      now: client.deps.now(),
    });
  });
}

/** All rows of a first page and the pages behind it. */
export async function allRows(client: SalesforceClient, first: QueryResult, options: CallOptions): Promise<Row[]> {
  const rows = [...first.records];
  let page = first;
  while (!page.done && page.nextRecordsUrl) {
    page = await nextPage(client, page.nextRecordsUrl, options);
    for (const row of page.records) rows.push(row);
  }
  if (rows.length < first.totalSize) {
    throw new ConnectorError(
      `Salesforce announced ${first.totalSize} records, but gave ${rows.length}.`,
      'INCOMPLETE_READ',
      { retry: 'soon' },
    );
  }
  return rows;
}
