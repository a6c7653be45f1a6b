import type { IncomingMessage, ServerResponse } from 'node:http';
import { notFound } from '../api-error';
import type { Call } from '../http-call';
import type { RecordAccess } from '../record-access';

/** Bulk API 2.0 of one org. */
export interface BulkApi {
  /**
   * Answers everything below `/services/data/vNN.N/jobs`; the caller is signed in, the body unread.
   * @param head `segments` begins with `jobs`
   * @throws ApiError
   */
  answer(request: IncomingMessage, response: ServerResponse, head: Omit<Call, 'body'>): Promise<void>;
  /** Withdraws timers. */
  stop(): void;
}

/** Serves ingest and query jobs over the records of an org. */
export function createBulkApi(_access: RecordAccess): BulkApi {
  return {
    answer: () => Promise.reject(notFound()),
    stop: () => undefined,
  };
}
