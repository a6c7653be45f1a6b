import type { Request, Response } from 'express';
import { z } from 'zod';
import { ApiError } from './api-error';
import type { ApiUser, Permission } from './api-users';
import { showValue, trimBlanks } from './field-values';

/** The largest request body of the lead database and of bulk import (Marketo guide, "API limits"). */
export const BODY_LIMIT_BYTES = 1024 * 1024;
export const IMPORT_LIMIT_BYTES = 10 * 1024 * 1024;
/** Records of one write call, values of one filter, records of one page. */
export const BATCH_LIMIT = 300;

/** One call that was let in, with its body read. */
export interface Call {
  /** Parameters of the query and, where the body is a form, of the body. */
  readonly parameters: URLSearchParams;
  /** Values of the path's `{name}` parts. */
  readonly path: Readonly<Record<string, string>>;
  readonly user: ApiUser;
  /** Method and path as they go into the write log. */
  readonly via: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Members of the envelope beside `requestId` and `success`. */
export interface Envelope {
  result?: readonly unknown[];
  nextPageToken?: string;
  moreResult?: boolean;
}

/** An answer below the envelope, such as a bulk file. */
export interface FileReply {
  sendFile(request: Request, response: Response): void | Promise<void>;
}

/** The asset API's envelope: `errors` and `warnings` on success too, and no `result` where nothing was found. */
export interface AssetReply {
  assets: readonly unknown[];
}

export type Reply = Envelope | FileReply | AssetReply;

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** E.g. `/rest/v1/lists/{listId}/leads.json`. */
  path: string;
  permission: Permission | null;
  bodyLimitBytes?: number;
  handle(call: Call): Reply | Promise<Reply>;
}

/**
 * The JSON body of a call.
 * @throws ApiError 612 for another content type, 609 for a body that is not JSON
 */
export function jsonBody(call: Call): unknown {
  if (!/^application\/json\b/i.test(call.contentType)) throw new ApiError('612', 'Invalid Content Type');
  try {
    return JSON.parse(call.body.toString('utf8'));
  } catch {
    throw new ApiError('609', 'Invalid JSON');
  }
}

/**
 * Reads outside data by a schema and refuses in the vendor's words.
 * @throws ApiError 1002 where something required is missing, 1001 for a wrong type, 1003 for a value that is not allowed
 */
export function readShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const name = path.map(String).join('.');
  const given = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
  if (given === undefined || (given === null && name !== ''))
    throw new ApiError('1002', `Missing value for the required parameter '${name}'`);
  if (issue?.code === 'invalid_type')
    throw new ApiError('1001', `Invalid value '${showValue(given)}'. Required of type '${typeName(issue.expected)}'`);
  throw new ApiError('1003', `Invalid value for '${name}' and value '${showValue(given)}'`);
}

function typeName(expected: string): string {
  if (expected === 'number' || expected === 'int') return 'Integer';
  if (expected === 'record' || expected === 'object') return 'Object';
  return expected.charAt(0).toUpperCase() + expected.slice(1);
}

/** The `input` of a write call: 1 to 300 records. */
export const inputSchema = z.array(z.unknown());

/**
 * @throws ApiError 1002 for an empty batch, 1003 for one that is too large
 * @param tellTooLarge is told the size of a batch that is too large
 */
export function checkBatch(input: readonly unknown[], tellTooLarge: (size: number) => void): void {
  if (input.length === 0) throw new ApiError('1002', `Missing value for the required parameter 'input'`);
  if (input.length <= BATCH_LIMIT) return;
  tellTooLarge(input.length);
  throw new ApiError('1003', `Invalid value for 'input': at most ${BATCH_LIMIT} records`);
}

/** Whether a value is a JSON object, as each record of a batch must be. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Values of a comma-separated parameter, which may also be repeated; a value cannot hold a comma. */
export function listOf(parameters: URLSearchParams, name: string): string[] {
  return parameters
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map(trimBlanks)
    .filter((value) => value !== '');
}

/** `batchSize`: 300 where it is left out, and no more than that. @throws ApiError 1001 where it is no number */
export function batchSizeOf(parameters: URLSearchParams): number {
  const text = parameters.get('batchSize');
  if (text === null || text === '') return BATCH_LIMIT;
  const size = integerOf(text);
  if (size < 1) throw new ApiError('1003', `Invalid value for 'batchSize' and value '${showValue(text)}'`);
  return Math.min(size, BATCH_LIMIT);
}

/** @throws ApiError 1001 where the text is no whole number */
export function integerOf(text: string): number {
  const number = /^[+-]?\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isNaN(number))
    throw new ApiError('1001', `Invalid value '${showValue(text)}'. Required of type 'Integer'`);
  return number;
}

/** @throws ApiError 1002 where the parameter is missing or empty */
export function requiredParameter(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name);
  if (value === null || value.trim() === '')
    throw new ApiError('1002', `Missing value for the required parameter '${name}'`);
  return value;
}
