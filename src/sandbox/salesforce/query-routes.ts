import { ApiError } from './api-error';
import type { Route } from './dispatcher';
import { type Answer, type Call, json } from './http-call';
import { explainQuery } from './query-explain';
import type { QueryService } from './query-service';
import type { RecordAccess } from './record-access';

/** Queries and their further pages (REST guide, "Query"); pages of queryAll may be asked for under either name. */
export function queryRoutes({ org, queries }: RecordAccess): Route[] {
  const next = (call: Call, { locator = '' }: Readonly<Record<string, string>>): Answer => ({
    status: 200,
    body: queries.next(locator, call.versionPath),
  });
  return [
    {
      pattern: 'query',
      methods: {
        GET: (call) => {
          const explained = call.query.get('explain');
          return explained === null ? run(queries, call, false) : json(explainQuery(org, queries, explained));
        },
      },
    },
    { pattern: 'queryAll', methods: { GET: (call) => run(queries, call, true) } },
    { pattern: 'query/:locator', methods: { GET: next } },
    { pattern: 'queryAll/:locator', methods: { GET: next } },
  ];
}

function run(queries: QueryService, call: Call, includeDeleted: boolean): Answer {
  const soql = call.query.get('q');
  if (soql === null || soql.trim() === '')
    throw new ApiError(400, 'MALFORMED_QUERY', 'SOQL statements cannot be empty or null');
  const body = queries.run({
    soql,
    includeDeleted,
    batchSize: batchSizeOf(call),
    path: call.versionPath,
    user: call.caller.user,
  });
  return { status: 200, body };
}

/** `Sforce-Query-Options: batchSize=500` */
function batchSizeOf({ headers }: Call): number | undefined {
  const size = /batchSize\s*=\s*(\d{1,6})/i.exec(String(headers['sforce-query-options'] ?? ''))?.[1];
  return size === undefined ? undefined : Number(size);
}
