import { type Advice, ConnectorError } from '../connector-error';

/** A used-up quota is asked for again after so long at the earliest; `DailyQuota` may ask later. */
const QUOTA_PROBE_MS = 15 * 60_000;
const CONCURRENCY_PAUSE_MS = 10_000;
const THROTTLE_PAUSE_MS = 5_000;

/** `quota`: the day's calls are used up. `pause`: a limit of calls at once or a throttle. */
type Remedy = 'soon' | 'pause' | 'quota' | 'never';
/** What a code means when it is told of one record: `again` – send it again; `gone` – the record is not there any more. */
type RecordRemedy = 'failed' | 'again' | 'gone';

export interface ErrorRule {
  call: Remedy;
  record: RecordRemedy;
  /** What happened and what to do, for people. */
  says: string;
}

const rule = (call: Remedy, record: RecordRemedy, says: string): ErrorRule => ({ call, record, says });
const faultOfRecord = (says: string) => rule('never', 'failed', says);
const person = (says: string) => rule('never', 'failed', says);
const passing = (says: string) => rule('soon', 'again', says);

const SIGN_IN = 'Check the sign-in of this connection under Connections.';
const CHANGED = 'Compare the sync with the fields that Salesforce has today.';

/**
 * What each code of Salesforce means. Sources: REST API Developer Guide, "Status Codes and Error Responses"; Object Reference,
 * "Status Codes"; Bulk API 2.0 guide, "Bulk API 2.0 Errors"; help, "OAuth 2.0 Authorization Errors".
 */
export const ERROR_RULES: Readonly<Record<string, ErrorRule>> = {
  // Sign-in
  invalid_grant: person(`Salesforce refused the sign-in. ${SIGN_IN}`),
  invalid_client_id: person(
    `Salesforce does not know the client id; a new app takes about ten minutes to be known. ${SIGN_IN}`,
  ),
  invalid_client: person('Salesforce refused the client secret. Enter a new client secret under Connections.'),
  invalid_client_credentials: person(
    'Salesforce refused the client secret. Enter a new client secret under Connections.',
  ),
  invalid_app_access: person(
    'The user may not use the connected app. Let a Salesforce administrator approve the user.',
  ),
  invalid_assertion: person(
    'Salesforce refused the signed sign-in. Check the private key, the client id and the user.',
  ),
  unsupported_grant_type: person(
    'The app does not allow this kind of sign-in. Use another one, or https in the login URL.',
  ),
  unauthorized_client: person('The app does not allow this kind of sign-in. Let a Salesforce administrator allow it.'),
  invalid_request: person(`Salesforce refused the sign-in as incomplete. ${SIGN_IN}`),
  inactive_user: person('The Salesforce user is inactive. Activate the user or enter another one under Connections.'),
  inactive_org: person('The Salesforce organisation is inactive or locked.'),
  redirect_uri_mismatch: person(`Salesforce refused the sign-in. ${SIGN_IN}`),
  rate_limit_exceeded: rule('pause', 'again', 'Salesforce refuses further sign-ins for a while.'),
  INVALID_LOGIN: person('Salesforce refused the user name, the password or the security token. Enter them anew.'),
  LOGIN_MUST_USE_SECURITY_TOKEN: person(
    'Salesforce asks for the security token of the user. Enter it under Connections.',
  ),
  PASSWORD_LOCKOUT: person('The Salesforce user is locked after wrong passwords. Let an administrator unlock it.'),
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: person(
    'The password of the Salesforce user has expired. Set a new one, then enter it under Connections.',
  ),
  INVALID_SESSION_ID: person(`Salesforce refuses the token, even a fresh one. ${SIGN_IN}`),
  API_DISABLED_FOR_ORG: person('The Salesforce organisation has no API access. Its edition or a setting forbids it.'),
  API_CURRENTLY_DISABLED: person('API access is switched off for the Salesforce user or organisation.'),
  FORBIDDEN: person('Salesforce forbids this call. Let an administrator check the permissions of the user.'),

  // Limits and outages
  REQUEST_LIMIT_EXCEEDED: rule('quota', 'again', "The day's API calls of the Salesforce organisation are used up."),
  LIMIT_EXCEEDED: rule('quota', 'again', "The day's bulk quota of the Salesforce organisation is used up."),
  EXCEEDEDQUOTA: rule('quota', 'again', "The day's bulk quota of the Salesforce organisation is used up."),
  // a batch of which nothing found room stops the run, see `Writer`
  STORAGE_LIMIT_EXCEEDED: rule(
    'never',
    'again',
    'The storage of the Salesforce organisation is full. Free or buy storage, then resume.',
  ),
  SERVER_UNAVAILABLE: passing('Salesforce is too busy or being maintained.'),
  UNKNOWN_EXCEPTION: passing('Salesforce met an unexpected error.'),
  UNABLE_TO_LOCK_ROW: passing('Another process holds the lock of a row.'),
  TXN_SECURITY_METERING_ERROR: passing('A security policy took too long. Exempt the user of this connection from it.'),
  REQUEST_RUNNING_TOO_LONG: passing('The request took Salesforce too long.'),
  OPERATION_TOO_LARGE: passing('The request was too large for Salesforce.'),
  QUERY_TIMEOUT: passing('The query took Salesforce too long. Filter by an indexed field if this keeps happening.'),
  ALL_OR_NONE_OPERATION_ROLLED_BACK: passing('The record was rolled back because another one failed.'),
  PROCESSING_HALTED: passing('The record was not reached because another one failed.'),
  INVALID_QUERY_LOCATOR: passing('Salesforce has forgotten the position in the result.'),
  INVALIDJOBSTATE: passing('The bulk job is in another state than expected.'),
  INVALIDJOB: passing('The bulk job is in another state than expected.'),

  // Requests that no repeat makes right
  MALFORMED_QUERY: person(`Salesforce did not understand the query. ${CHANGED}`),
  INVALID_TYPE: person(`Salesforce does not have this object, or the user may not see it. ${CHANGED}`),
  INVALID_QUERY_FILTER_OPERATOR: person(
    'A condition of the filter does not fit the type of its field. Change the filter.',
  ),
  QUERY_TOO_COMPLICATED: person('The filter is too large for Salesforce. Make it shorter.'),
  NUMBER_OUTSIDE_VALID_RANGE: faultOfRecord('A number is outside of the range that its field allows.'),
  EXCEEDED_ID_LIMIT: person('The request held more records than Salesforce takes at once.'),
  METHOD_NOT_ALLOWED: person('Salesforce does not allow this call on this object.'),
  NOT_FOUND: rule('never', 'gone', 'Salesforce does not have what was asked for.'),
  UNSUPPORTED_API_VERSION: person(
    'Salesforce no longer offers this API version. Choose a newer one under Connections.',
  ),
  GONE: person('Salesforce no longer offers this API version. Choose a newer one under Connections.'),
  INVALIDVERSION: person('Salesforce does not offer this API version. Choose another one under Connections.'),
  INVALIDENTITY: person('The Bulk API does not support this object.'),
  FEATURENOTENABLED: person('The Bulk API is not enabled for this organisation or user.'),
  INVALIDUSER: person('The user of this connection may not use this bulk job.'),
  INVALIDBATCH: person(`Salesforce refused the bulk file as a whole. ${CHANGED}`),
  CLIENTINPUTERROR: person('Salesforce refused the bulk file as a whole.'),
  INVALIDOPERATION: person('Salesforce does not allow this operation on this object.'),

  // Records
  REQUIRED_FIELD_MISSING: faultOfRecord('A required field is blank.'),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: faultOfRecord('A validation rule of the organisation refused the record.'),
  DUPLICATES_DETECTED: faultOfRecord('A duplicate rule of the organisation refused the record.'),
  DUPLICATE_VALUE: faultOfRecord('Another record holds this unique value.'),
  DUPLICATE_EXTERNAL_ID: faultOfRecord('Several records hold this external Id.'),
  MULTIPLE_CHOICES: faultOfRecord('Several records hold this key.'),
  STRING_TOO_LONG: faultOfRecord('A text is longer than its field.'),
  INVALID_EMAIL_ADDRESS: faultOfRecord('An e-mail address is not valid.'),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: faultOfRecord('A value is not in its restricted picklist.'),
  INVALID_FIELD: person(`Salesforce does not have one of the fields, or the user may not see it. ${CHANGED}`),
  INVALID_FIELD_FOR_INSERT_UPDATE: person('A mapped field cannot be written by this user. Check its field security.'),
  INVALID_TYPE_ON_FIELD_IN_RECORD: faultOfRecord('A value does not fit the type of its field.'),
  JSON_PARSER_ERROR: faultOfRecord('A value does not fit the type of its field.'),
  MALFORMED_ID: faultOfRecord('An Id is not valid.'),
  INVALID_ID_FIELD: faultOfRecord('An Id is not valid.'),
  INVALID_CROSS_REFERENCE_KEY: faultOfRecord('A record that is referred to does not exist or is not visible.'),
  FIELD_INTEGRITY_EXCEPTION: faultOfRecord('A value contradicts another one or a rule of the organisation.'),
  FIELD_FILTER_VALIDATION_EXCEPTION: faultOfRecord('A look-up filter of the organisation refused a value.'),
  ENTITY_IS_DELETED: rule('never', 'gone', 'The record has been deleted.'),
  CANNOT_UPDATE_CONVERTED_LEAD: faultOfRecord('The lead has been converted and cannot be changed.'),
  INVALID_PERSON_ACCOUNT_OPERATION: faultOfRecord('Fields of a person and of a business account cannot be mixed.'),
  MISSING_ARGUMENT: faultOfRecord('The Id of the record is missing.'),
  INSUFFICIENT_ACCESS_OR_READONLY: person('The user of this connection may not change this.'),
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: faultOfRecord('The user may not use a record that is referred to.'),
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: faultOfRecord('An automation of the organisation refused the record.'),
  CANNOT_EXECUTE_FLOW_TRIGGER: faultOfRecord('A flow of the organisation refused the record.'),
  INACTIVE_OWNER_OR_USER: faultOfRecord('The owner is inactive.'),
  ENTITY_IS_LOCKED: faultOfRecord('The record is locked, for example by an approval.'),
};

/** An HTTP answer that refuses a call, with what is needed to judge it. */
export interface RefusedCall {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
  /** It was to change records. */
  isWrite: boolean;
  /** Milliseconds since 1970. */
  now: number;
}

interface VendorError {
  code: string;
  message: string;
}

/** The first error of a body in Salesforce's JSON shape; null for HTML and everything else. */
function firstError(body: string): VendorError | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (typeof first !== 'object' || first === null) return null;
  const { errorCode, statusCode, message } = first as Record<string, unknown>; // each is checked below
  const code = typeof errorCode === 'string' ? errorCode : statusCode;
  return typeof code === 'string' ? { code, message: typeof message === 'string' ? message : '' } : null;
}

/** Another sign-in would get another token, but no further. */
export const isPasswordExpired = (body: string): boolean =>
  firstError(body)?.code === 'INVALID_OPERATION_WITH_EXPIRED_PASSWORD';

/** Bulk API 2.0 writes its codes in mixed case in the guide and in capitals on the wire. */
export const ruleFor = (code: string): ErrorRule | undefined => ERROR_RULES[code] ?? ERROR_RULES[code.toUpperCase()];

/** What a code told of one record means for it. Triggers report a lock of a row inside their own message. */
export function recordRemedy(code: string, message: string): RecordRemedy {
  if (message.includes('UNABLE_TO_LOCK_ROW')) return 'again';
  return ruleFor(code)?.record ?? 'failed';
}

/** Turns an HTTP answer of 300 and above into the error that tells what to do. Nothing of an HTML body is shown. */
export function errorOfAnswer(call: RefusedCall): ConnectorError {
  const error = firstError(call.body);
  if (!error) return errorOfStatus(call);
  if (
    error.code === 'REQUEST_LIMIT_EXCEEDED' &&
    !/TotalRequests/i.test(error.message) &&
    /Concurrent/i.test(error.message)
  ) {
    return new ConnectorError('Too many long calls are running in the Salesforce organisation at once.', error.code, {
      retry: 'after',
      delayMs: CONCURRENCY_PAUSE_MS,
    });
  }
  return errorOfCode(error.code, error.message, call);
}

/** The error for a code that came without an HTTP status of its own, such as that of a sub-request or a failed job. */
export function errorOfCode(
  code: string,
  message: string,
  call: { status: number; isWrite: boolean; now: number; headers?: Readonly<Record<string, string>> },
): ConnectorError {
  const known = ruleFor(code);
  const answerLost = call.isWrite && call.status >= 500 && code !== 'SERVER_UNAVAILABLE';
  if (!known) {
    return new ConnectorError(
      `Salesforce refused the call (${shown(code)}).`,
      shown(code),
      call.status >= 500 || call.status === 429 ? { retry: 'soon' } : { retry: 'never' },
      { answerLost },
    );
  }
  const named = namedColumn(message);
  const text = `${known.says}${named ? ` It named: ${named}.` : ''} (${shown(code)})`;
  return new ConnectorError(text, shown(code), adviceOf(known.call, call), { answerLost });
}

function adviceOf(remedy: Remedy, call: { now: number; headers?: Readonly<Record<string, string>> }): Advice {
  switch (remedy) {
    case 'soon':
      return { retry: 'soon' };
    case 'pause':
      return { retry: 'after', delayMs: retryAfterMs(call.headers ?? {}, call.now) ?? THROTTLE_PAUSE_MS };
    case 'quota':
      return { retry: 'whenQuotaResets', resetsAt: new Date(call.now + QUOTA_PROBE_MS).toISOString() };
    case 'never':
      return { retry: 'never' };
  }
}

/** A code is shown only when it looks like one, so that no text of a foreign server slips through. */
const shown = (code: string): string => (/^[A-Za-z_]{1,80}$/.test(code) ? code : 'UNKNOWN_CODE');

/** The field or object that a query error names; the rest of such a message quotes the query with its values. */
function namedColumn(message: string): string | null {
  const found =
    /No such column '([\w.]{1,80})' on (?:entity|sobject of type) '?(\w{1,80})'?/.exec(message) ??
    /field '([\w.]{1,80})' can not be (?:filtered|sorted)/.exec(message) ??
    /sObject type '(\w{1,80})' is not supported/.exec(message) ??
    /Field name not found : ([\w.:]{1,80})/.exec(message);
  return found ? found.slice(1).filter(Boolean).reverse().join('.') : null;
}

/** HTTP statuses of answers that are not in Salesforce's own form. */
export const STATUS_TEXTS: Readonly<Record<number, [Remedy, string]>> = {
  401: ['never', `Salesforce refuses the token (401). ${SIGN_IN}`],
  403: ['never', 'Salesforce forbids this call (403). Let an administrator check the permissions of the user.'],
  404: ['never', 'Salesforce does not know this address (404). Check the login URL and the API version.'],
  410: ['never', 'Salesforce no longer offers this API version (410). Choose a newer one under Connections.'],
  413: ['never', 'The request was too large for Salesforce (413).'],
  414: ['never', 'The request was too long for Salesforce (414). Make the filter shorter.'],
  420: ['soon', 'The Salesforce organisation does not answer (420): it may have been deleted or have expired.'],
  429: ['pause', 'Salesforce asks for fewer calls (429).'],
  431: ['never', 'The request was too long for Salesforce (431). Make the filter shorter.'],
};

/** For an answer that is not in Salesforce's own form: an edge server, a proxy, a maintenance page. */
function errorOfStatus(call: RefusedCall): ConnectorError {
  const { status } = call;
  const code = `HTTP_${status}`;
  if (status >= 300 && status < 400) {
    return new ConnectorError(
      `The address redirects elsewhere (${status}). Enter the organisation's own address as the login URL under Connections.`,
      code,
      { retry: 'never' },
    );
  }
  const [remedy, text] = STATUS_TEXTS[status] ?? [
    status >= 500 ? 'soon' : 'never',
    status >= 500 ? `Salesforce is not available (${status}).` : `Salesforce refused the call (${status}).`,
  ];
  return new ConnectorError(text, code, adviceOf(remedy, call), { answerLost: call.isWrite && status >= 500 });
}

/** `Retry-After` in milliseconds: seconds or a date; null when it is missing or cannot be read. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | null {
  const value = headers['retry-after'];
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, 24 * 3_600_000) : null;
}

/** Failures before a connection stands: nothing can have been sent. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EPROTO',
]);
const isTlsRefusal = (code: string): boolean =>
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_)/.test(code);

/** Turns a failure of the network (by its code, such as `ECONNRESET`) into the error that tells what to do. */
export function errorOfNetwork(code: string, isWrite: boolean): ConnectorError {
  if (isTlsRefusal(code)) {
    return new ConnectorError(
      `The certificate of the Salesforce server was not accepted (${code}). Check the login URL, and proxies in between.`,
      'TLS_FAILED',
      { retry: 'soon' },
    );
  }
  if (NEVER_CONNECTED.has(code)) {
    return new ConnectorError(`Salesforce cannot be reached (${code}).`, 'UNREACHABLE', { retry: 'soon' });
  }
  return new ConnectorError(
    `The connection to Salesforce broke before the answer was complete (${code}).`,
    'CONNECTION_LOST',
    { retry: 'soon' },
    { answerLost: isWrite },
  );
}

/** An answer of status 2xx that is not what the guide describes: cut, empty, or somebody else's. */
export const unreadableAnswer = (what: string, isWrite: boolean): ConnectorError =>
  new ConnectorError(
    `The answer of Salesforce could not be read: ${what}.`,
    'UNREADABLE_ANSWER',
    { retry: 'soon' },
    {
      answerLost: isWrite,
    },
  );
