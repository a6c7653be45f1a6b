import type { VendorKind } from './core';

export interface FaultAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Status and text of Salesforce codes that are asked for most (REST guide, "Status Codes and Error Responses"). */
const SALESFORCE_ANSWERS: Record<string, { status: number; message: string }> = {
  INVALID_SESSION_ID: { status: 401, message: 'Session expired or invalid' },
  REQUEST_LIMIT_EXCEEDED: { status: 403, message: 'TotalRequests Limit exceeded.' },
  API_DISABLED_FOR_ORG: { status: 403, message: 'API is not enabled for this Organization or Partner' },
  API_CURRENTLY_DISABLED: { status: 403, message: 'API is currently disabled' },
  FORBIDDEN: { status: 403, message: 'The request has been refused. Verify that the user has the permission for it.' },
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: { status: 403, message: 'The users password has expired' },
  NOT_FOUND: { status: 404, message: 'The requested resource does not exist' },
  INVALID_QUERY_LOCATOR: { status: 400, message: 'invalid query locator' },
  QUERY_TIMEOUT: { status: 400, message: 'Your query request was running for too long.' },
  UNABLE_TO_LOCK_ROW: { status: 400, message: 'unable to obtain exclusive access to this record' },
  REQUEST_RUNNING_TOO_LONG: { status: 400, message: 'Your request was running for too long, and has been stopped.' },
  OPERATION_TOO_LARGE: { status: 400, message: 'Operation too large' },
  TXN_SECURITY_METERING_ERROR: { status: 400, message: 'Transaction security policies took too long' },
  ENTITY_IS_LOCKED: { status: 400, message: 'entity is locked for editing' },
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: {
    status: 400,
    message: 'insufficient access rights on cross-reference id',
  },
  INVALID_PERSON_ACCOUNT_OPERATION: { status: 400, message: 'Business and person fields cannot be set together' },
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: {
    status: 400,
    message:
      'SampleTrigger: execution of BeforeInsert caused by: System.NullPointerException: Attempt to de-reference a null object Trigger.SampleTrigger: line 3, column 1',
  },
  CANNOT_EXECUTE_FLOW_TRIGGER: {
    status: 400,
    message: `We can't save this record because the "Sample" process failed. Give your admin these details.`,
  },
  STORAGE_LIMIT_EXCEEDED: { status: 400, message: 'storage limit exceeded' },
  SERVER_UNAVAILABLE: { status: 503, message: 'Server is too busy. Please try again later.' },
  UNKNOWN_EXCEPTION: {
    status: 500,
    message:
      'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)',
  },
};

/** Texts of Marketo's response-level codes (REST guide, "Error Codes"); all of them come with HTTP 200. */
const MARKETO_MESSAGES: Record<string, string> = {
  '502': 'Bad Gateway',
  '601': 'Access token invalid',
  '602': 'Access token expired',
  '603': 'Access denied',
  '604': 'Request timed out',
  '606': "Max rate limit '100' exceeded with in '20' secs",
  '607': "Daily quota '50000' reached",
  '608': 'API Temporarily Unavailable',
  '611': 'System error',
  '613': 'Invalid Multipart Request',
  '614': 'Invalid Subscription',
  '615': 'Concurrent access limit reached',
  '713': 'Transient Error',
  '1029': 'Export daily quota exceeded',
};

/** An error of the vendor's as its API would write it. Unknown codes get a plain text and the vendor's usual status. */
export function vendorErrorAnswer(
  kind: VendorKind,
  wanted: {
    code: string;
    message?: string | undefined;
    status?: number | undefined;
    retryAfter?: number | undefined;
  },
): FaultAnswer {
  const headers: Record<string, string> = { 'Content-Type': 'application/json;charset=UTF-8' };
  if (wanted.retryAfter !== undefined) headers['Retry-After'] = String(wanted.retryAfter);
  if (kind === 'marketo') {
    const message = wanted.message ?? MARKETO_MESSAGES[wanted.code] ?? 'System error';
    const body = { requestId: 'fa01#18f2a3b4c5d', success: false, errors: [{ code: wanted.code, message }] };
    return { status: wanted.status ?? 200, headers, body };
  }
  const known = SALESFORCE_ANSWERS[wanted.code];
  const body = [{ message: wanted.message ?? known?.message ?? wanted.code, errorCode: wanted.code }];
  return { status: wanted.status ?? known?.status ?? 400, headers, body };
}
