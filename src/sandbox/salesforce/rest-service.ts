import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error';
import type { ApiUsage } from './api-usage';
import type { BulkApi } from './bulk/bulk-api';
import { type Dispatcher, segmentsOf } from './dispatcher';
import { BodyTooLarge, type Call, type Caller, ClientGone, readBody, send } from './http-call';
import type { Org } from './org';
import { versionOf } from './versions';

interface RestServiceParts {
  org: Org;
  usage: ApiUsage;
  dispatcher: Dispatcher;
  bulk: BulkApi;
  /** @returns undefined when the session is unknown or has ended */
  callerOf(authorization: string | undefined): Caller | undefined;
}

const PATH = /^\/services\/data\/([^/]+)(\/.*)?$/;

/** Answers everything below `/services/data/vNN.N`. @returns false for other paths, which are left unread */
export type RestService = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;

export function createRestService({ org, usage, dispatcher, bulk, callerOf }: RestServiceParts): RestService {
  const answer = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const [, version = '', path = ''] = PATH.exec(url.pathname) ?? [];
    const number = versionOf(version);
    const caller = callerOf(request.headers.authorization);
    if (!caller) throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    admit(org, usage);
    response.setHeader('Sforce-Limit-Info', `api-usage=${usage.used()}/${org.settings.dailyApiRequests}`);
    const head: Omit<Call, 'body'> = {
      method: request.method ?? 'GET',
      segments: segmentsOf(path),
      query: url.searchParams,
      headers: request.headers,
      versionPath: `/services/data/${version}`,
      version: number,
      baseUrl: url.origin,
      caller,
    };
    if (head.segments[0] === 'jobs') return bulk.answer(request, response, head);
    const body = await readBody(request, org.settings.maxBodyBytes);
    if (body.length > 0) requireJson(request.headers['content-type']);
    await send(request, response, dispatcher.dispatch({ ...head, body: body.toString('utf8') }));
  };

  return async (request, response, url) => {
    if (!PATH.test(url.pathname)) return false;
    try {
      await answer(request, response, url);
    } catch (error) {
      if (error instanceof ClientGone) return true;
      const refusal = refusalOf(error, org, request);
      if (request.complete === false) response.setHeader('Connection', 'close'); // the rest is not worth reading
      await send(request, response, { status: refusal.status, body: JSON.stringify(refusal.body()) });
    }
    return true;
  };
}

/** The vendor takes XML too, the sandbox does not. @throws ApiError 415 */
function requireJson(contentType: string | undefined): void {
  if (contentType === undefined || /^application\/json\b/i.test(contentType)) return;
  throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', `The Content-Type ${contentType} is not supported`);
}

/** What is refused whatever is asked. @throws ApiError */
function admit(org: Org, usage: ApiUsage): void {
  const { apiEnabled, passwordExpired, dailyApiRequests } = org.settings;
  if (!apiEnabled)
    throw new ApiError(403, 'API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner');
  if (passwordExpired)
    throw new ApiError(
      403,
      'INVALID_OPERATION_WITH_EXPIRED_PASSWORD',
      'The users password has expired, you must call SetPassword before attempting any other API operations',
    );
  if (usage.used() >= dailyApiRequests)
    throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
  usage.count();
}

function refusalOf(error: unknown, org: Org, request: IncomingMessage): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof BodyTooLarge)) throw error;
  org.core.countViolation('bodyTooLarge', `${request.method} ${request.url}: ${error.message}`);
  return new ApiError(413, 'REQUEST_ENTITY_TOO_LARGE', 'Maximum request size exceeded');
}
