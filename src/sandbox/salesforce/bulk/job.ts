import type { ColumnDelimiter, LineEnding } from './csv-format';

/** Key prefix of all jobs. */
export const JOB_PREFIX = '750';

export const INGEST_OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const;
export type IngestOperation = (typeof INGEST_OPERATIONS)[number];
export const QUERY_OPERATIONS = ['query', 'queryAll'] as const;
export type QueryOperation = (typeof QUERY_OPERATIONS)[number];

/** States from which nothing follows. */
export const FINAL_STATES = ['JobComplete', 'Failed', 'Aborted'] as const;
export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | (typeof FINAL_STATES)[number];

export function isFinal(state: JobState): boolean {
  return FINAL_STATES.some((final) => final === state);
}

/** What an ingest job was created with; names are in the spelling of describe. */
export interface IngestRequest {
  operation: IngestOperation;
  object: string;
  externalIdFieldName?: string | undefined;
  columnDelimiter: ColumnDelimiter;
  lineEnding: LineEnding;
  assignmentRuleId?: string | undefined;
}

export interface QueryRequest {
  operation: QueryOperation;
  object: string;
  query: string;
  columnDelimiter: ColumnDelimiter;
  lineEnding: LineEnding;
}

export type JobRequest = IngestRequest | QueryRequest;
export type JobKind = 'ingest' | 'query';

/** One job. Times are milliseconds since 1970 by the sandbox's clock. */
export interface Job<Request extends JobRequest = JobRequest> {
  sequence: number;
  /** Reference and name of the user who created it. */
  user: number;
  userName: string;
  request: Request;
  /** 60 */
  apiVersion: number;
  state: JobState;
  createdAt: number;
  modifiedAt: number;
  /** When work on it may begin; null until it is closed. */
  startsAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** Rows that have been dealt with, failed ones included. */
  processed: number;
  failed: number;
  error: string | null;
}

export type IngestJob = Job<IngestRequest>;
export type QueryJob = Job<QueryRequest>;
