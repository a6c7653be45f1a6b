import type { IncomingMessage, ServerResponse } from 'node:http';
import { notFound } from '../api-error';
import { methodNotAllowed } from '../dispatcher';
import type { Call } from '../http-call';
import type { RecordAccess } from '../record-access';
import { ingestRoutes } from './ingest-calls';
import { IngestJobs } from './ingest-jobs';
import type { BulkRoutes } from './job-calls';
import { createPollWatch } from './poll-watch';
import { createQueryCalls } from './query-calls';

/** Bulk API 2.0 of one org. */
export interface BulkApi {
  /**
   * Answers everything below `/services/data/vNN.N/jobs`; the caller is signed in, the body unread.
   * @param head `segments` begins with `jobs`
   * @throws ApiError, BodyTooLarge, ClientGone
   */
  answer(request: IncomingMessage, response: ServerResponse, head: Omit<Call, 'body'>): Promise<void>;
  /** Withdraws timers. */
  stop(): void;
}

/** Serves ingest and query jobs over the records of an org; jobs that an end of the process has interrupted go on. */
export function createBulkApi(access: RecordAccess): BulkApi {
  const polls = createPollWatch(access.org.core);
  const ingest = new IngestJobs(access, polls);
  const query = createQueryCalls(access, polls);
  const families: Readonly<Record<string, BulkRoutes>> = { ingest: ingestRoutes(ingest), query: query.routes };
  return {
    async answer(request, response, head) {
      const [, kind = '', id, ...rest] = head.segments;
      const pattern = id === undefined ? '' : [':id', ...rest.map((part) => part.toLowerCase())].join('/');
      const methods = own(own(families, kind.toLowerCase()), pattern);
      if (!methods) throw notFound();
      const handler = own(methods, head.method === 'HEAD' ? 'GET' : head.method);
      if (!handler) throw methodNotAllowed(head.method, Object.keys(methods));
      await handler({ request, response, head });
    },
    stop() {
      ingest.stop();
      query.stop();
    },
  };
}

function own<Value>(table: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return table && Object.hasOwn(table, key) ? table[key] : undefined;
}
