import { ApiError } from './api-error';
import { segmentsOf } from './dispatcher';
import type { Call } from './http-call';
import { versionOf } from './versions';

/** A call within another one, as the body of a composite request tells it. */
export interface Subrequest {
  method: string;
  url: string;
  referenceId: string;
  /** Absent: no body. */
  body?: unknown;
  /** By names in lower case. */
  headers: Readonly<Record<string, string>>;
}

/** Headers that a call within another one may not bring along (REST guide, "Composite Subrequest"). */
const OUTER_HEADERS = new Set(['accept', 'authorization', 'content-type']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** REST guide, "Composite Subrequest Result". */
const REFERENCE_ID = /^[A-Za-z0-9][A-Za-z0-9_]*$/;

/**
 * The calls of `compositeRequest`, in order.
 * @throws ApiError for the whole request when one of them is no call, or two have one referenceId
 */
export function subrequestsOf(list: unknown, name: string): Subrequest[] {
  if (!Array.isArray(list) || list.length === 0) throw invalid(`The request must have a ${name} with subrequests`);
  const subrequests = list.map(subrequestOf);
  const seen = new Set<string>();
  for (const { referenceId } of subrequests) {
    if (seen.has(referenceId)) throw invalid(`Duplicate referenceId provided in the request: ${referenceId}`);
    seen.add(referenceId);
  }
  return subrequests;
}

function subrequestOf(item: unknown): Subrequest {
  const { method, url, referenceId, body, httpHeaders } = objectOf(item);
  if (typeof referenceId !== 'string') throw invalid('Each subrequest must have a referenceId');
  if (!REFERENCE_ID.test(referenceId))
    throw invalid(
      `Provided referenceId ('${referenceId}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
    );
  const headers = Object.entries(typeof httpHeaders === 'object' && httpHeaders !== null ? httpHeaders : {})
    .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
    .filter(([name]) => !OUTER_HEADERS.has(name));
  return {
    method: methodOf(method),
    url: urlOf(url),
    referenceId,
    ...(body === undefined || body === null ? {} : { body }),
    headers: Object.fromEntries(headers),
  };
}

/** The parts of a call that composite and batch requests have in common. @throws ApiError */
export function objectOf(item: unknown): Record<string, unknown> {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) throw invalid('A subrequest must be an object');
  return item as Record<string, unknown>;
}

/** @throws ApiError */
export function methodOf(method: unknown): string {
  if (typeof method !== 'string' || !METHODS.has(method)) throw invalid('Each subrequest must have an HTTP method');
  return method;
}

/** @throws ApiError */
export function urlOf(url: unknown): string {
  if (typeof url !== 'string' || url === '') throw invalid('Each subrequest must have a url');
  return url;
}

/** A whole request that cannot be understood. */
export function invalid(message: string): ApiError {
  return new ApiError(400, 'INVALID_INPUT', message);
}

/**
 * Makes a call of what a body says.
 * @param outer on whose behalf it is made
 * @param url `/services/data/v60.0/…`, in batches also `v60.0/…`
 * @throws ApiError 404 when the address is none of the REST API, 410 for a retired version
 */
export function callWithin(
  outer: Call,
  { method, url, body, headers }: Pick<Subrequest, 'method' | 'url' | 'body' | 'headers'>,
): Call {
  const [address = ''] = url.split('#', 1); // as in any address, what follows is not sent
  const mark = address.indexOf('?');
  const path = mark < 0 ? address : address.slice(0, mark);
  const [, version = '', rest = ''] = /^(?:\/?services\/data\/)?(v[^/]+)(?:\/(.*))?$/.exec(path) ?? [];
  const number = versionOf(version);
  return {
    method,
    segments: segmentsOf(rest),
    query: new URLSearchParams(mark < 0 ? '' : address.slice(mark + 1)),
    headers,
    body: body === undefined ? '' : JSON.stringify(body),
    versionPath: `/services/data/${version}`,
    version: number,
    baseUrl: outer.baseUrl,
    caller: outer.caller,
  };
}

/** Queries and collections, of which a composite request takes few. */
export function isQueryOrCollection(segments: readonly string[]): boolean {
  const [first = '', second = ''] = segments.map((segment) => segment.toLowerCase());
  return first === 'query' || first === 'queryall' || (first === 'composite' && second === 'sobjects');
}
