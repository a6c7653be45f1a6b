import { dayRange, relativeDays } from '../../domain/day-range';
import { type Advice, ConnectorError } from '../connector-error';

/** `quota`: the day's calls or megabytes are used up. `{ afterMs }`: try again when so much time has passed. */
type Remedy = 'soon' | 'never' | 'quota' | { afterMs: number };
/** What a code means when it is told of one record: `again` – a passing trouble; `exists`, `gone` – for a create, an update. */
type RecordRemedy = 'failed' | 'again' | 'exists' | 'gone' | 'ambiguous';

export interface CodeRule {
  call: Remedy;
  record: RecordRemedy;
  /** A write that was answered so may have been applied all the same. */
  maybeWritten: boolean;
  /** What to do, for people. */
  says: string;
}

/** The whole window of calls has to pass (Marketo developer guide: "100 calls per 20 seconds"). */
const RATE_WINDOW_MS = 20_000;
const CONCURRENCY_MS = 2_000;
const QUEUE_MS = 30_000;

const rule = (call: Remedy, record: RecordRemedy, says: string): CodeRule => ({
  call,
  record,
  maybeWritten: false,
  says,
});
const passing = (says = 'Sync tries again.') => rule('soon', 'again', says);
const unsure = (says = 'Sync tries again.') => ({ ...passing(says), maybeWritten: true });
const person = (says: string) => rule('never', 'failed', says);
const faultOfSync = () => person('This is a fault of Sync; please report it.');
const faultOfRecord = (says: string) => person(says);
const drift = () => person('Compare the sync with the fields that Marketo has today.');

/**
 * What each code means, in an answer with `success: false` and in the `reasons` of a record alike; many come in both places
 * (Marketo developer guide, "Error codes").
 */
export const CODE_RULES: Readonly<Record<string, CodeRule>> = {
  '500': unsure(),
  '502': unsure(),
  '600': faultOfSync(),
  // the client replaces a refused token itself; here fresh ones were refused as well
  '601': person('It refuses fresh tokens too: check the service under Connections, and that its API user is active.'),
  '602': person('It refuses fresh tokens too: check the service under Connections, and that its API user is active.'),
  '603': person('Give the API user the permission that is missing, or put the address of Sync on the allowlist.'),
  '604': unsure(),
  '605': faultOfSync(),
  '606': rule(
    { afterMs: RATE_WINDOW_MS },
    'again',
    'Sync waits; lower its share of the calls if this keeps happening.',
  ),
  '607': rule('quota', 'again', 'Sync goes on when the quota resets, at midnight US Central time.'),
  '608': passing(),
  '609': faultOfSync(),
  '610': person('Check the address under Connections: it must be the one that Marketo shows as its REST endpoint.'),
  '611': unsure(),
  '612': faultOfSync(),
  '613': faultOfSync(),
  '614': passing('Sync tries again; if it lasts, ask Marketo whether the subscription is active.'),
  '615': rule({ afterMs: CONCURRENCY_MS }, 'again', 'Sync waits and makes fewer calls at once.'),
  '616': person('The subscription does not include this.'),
  '701': drift(),
  '702': person('What was asked for is no longer there.'),
  '703': person('The subscription does not include this feature.'),
  '704': faultOfSync(),
  '709': person('A rule of the instance forbids it.'),
  '710': person('What was asked for is no longer there.'),
  '711': person('What was asked for is no longer there.'),
  '712': faultOfRecord('A person account of Salesforce cannot be changed this way.'),
  '713': unsure(),
  '714': faultOfRecord('The CRM lacks a default record type.'),
  '718': faultOfRecord('The sales person with this externalSalesPersonId does not exist. Load sales persons first.'),
  '719': unsure(),
  '1001': faultOfRecord('A value does not fit the type of its field.'),
  '1002': drift(),
  '1003': faultOfRecord('A value, or a part of the request, is not valid.'),
  '1004': rule('never', 'gone', 'The person is not there any more.'),
  '1005': rule('never', 'exists', 'A person with this key is there already.'),
  '1006': drift(),
  '1007': rule('never', 'ambiguous', 'The key fits several people. Merge them in Marketo, or match by another field.'),
  '1008': person('Give the API user access to the partition of the person.'),
  '1009': person('The instance needs the name of a partition for new people.'),
  '1010': faultOfRecord('The person is in another partition.'),
  '1011': person('Marketo cannot look up by this field. Match by another one.'),
  '1012': faultOfRecord('The value of the cookie is not valid.'),
  '1013': rule('never', 'gone', 'What was asked for is not there any more.'),
  '1014': rule('soon', 'again', 'Sync tries again.'),
  '1015': faultOfRecord('The person is not in the list.'),
  '1016': rule({ afterMs: QUEUE_MS }, 'again', 'Sync waits for a place in the queue.'),
  '1017': rule('never', 'exists', 'A record with this key is there already.'),
  '1018': person("Marketo's native CRM sync owns this object. Write it in the CRM, or choose another destination."),
  '1019': rule({ afterMs: QUEUE_MS }, 'again', 'Sync waits until the other import has ended.'),
  '1020': rule('quota', 'failed', 'Sync goes on when the quota resets, at midnight US Central time.'),
  '1021': faultOfRecord('Company fields cannot be changed on a person. Load them as companies.'),
  '1022': faultOfRecord('Other records use it.'),
  '1025': faultOfRecord('The status is not one of the program’s channel.'),
  '1026': person('The subscription does not include custom objects.'),
  '1027': person('The instance has too many types of custom activities.'),
  '1028': faultOfRecord('A custom activity has too many attributes.'),
  // one code for three cases, told apart by their text alone: see `ruleOf`
  '1029': rule({ afterMs: QUEUE_MS }, 'again', 'Sync waits for a place in the queue of exports.'),
  '1035': person('The subscription does not offer this filter for exports.'),
  '1036': faultOfRecord('Marketo takes this key and another one of the same request for the same.'),
  '1037': faultOfRecord('The person has this status in the program already, or a later one.'),
  '1042': faultOfRecord('The time lies too far ahead.'),
  '1048': faultOfRecord('The draft could not be discarded.'),
  '1049': faultOfRecord('The attributes of a custom activity are too long.'),
  '1076': faultOfRecord('The CRM refused the merge.'),
  '1077': faultOfRecord('A value is too long for its field in the CRM.'),
  '1078': faultOfRecord('The record is deleted in the CRM.'),
  '1079': faultOfRecord('The personalised URL belongs to another person.'),
  '1080': faultOfSync(),
};

const EXPORT_QUOTA = rule(
  'quota',
  'again',
  'The megabytes of exports of the day are used up. Sync goes on when they reset, at midnight US Central time.',
);

/** HTTP statuses: identity and the gateway answer with them, all else comes with 200. */
export const STATUS_RULES: Readonly<Record<number, CodeRule>> = {
  400: faultOfSync(),
  401: person('Enter the client id and secret of an active service under Connections.'),
  403: person('Put the address of Sync on the allowlist of the instance.'),
  404: person('Check the address under Connections: it must be the one that Marketo shows as its REST endpoint.'),
  408: unsure(),
  413: faultOfSync(), // a batch of records is halved before it comes to this
  414: faultOfSync(),
  416: passing(),
  429: rule({ afterMs: RATE_WINDOW_MS }, 'again', 'Sync waits.'),
  500: unsure(),
  502: unsure(),
  503: unsure(),
  504: unsure(),
};

/** Unknown codes of a whole call are taken for passing trouble, those of a record for permanent. */
export function ruleOf(code: string, message: string): CodeRule {
  if (code === '1029' && /quota/i.test(message)) return EXPORT_QUOTA;
  return CODE_RULES[code] ?? (/^[567]\d\d$/.test(code) ? unsure() : drift());
}

const QUOTA_ZONE = 'America/Chicago';
/** Whether the reset follows daylight saving time is not said: up to so long after our midnight the next try comes soon. */
const UNSURE_HOUR_MS = 75 * 60_000;
const PROBE_MS = 15 * 60_000;

/** The next moment at which a used-up quota can be back: midnight in US Central time. @param nowMs milliseconds since 1970 */
export function nextQuotaReset(nowMs: number): string {
  const now = new Date(nowMs).toISOString();
  const today = dayRange(relativeDays({ amount: 1, unit: 'day' }, 'last', now, QUOTA_ZONE).last, QUOTA_ZONE);
  if (nowMs < Date.parse(today.from) + UNSURE_HOUR_MS) return new Date(nowMs + PROBE_MS).toISOString();
  return today.to;
}

function adviceOf(remedy: Remedy, nowMs: number): Advice {
  if (remedy === 'soon' || remedy === 'never') return { retry: remedy };
  if (remedy === 'quota') return { retry: 'whenQuotaResets', resetsAt: nextQuotaReset(nowMs) };
  return { retry: 'after', delayMs: remedy.afterMs };
}

/** A call, as far as messages and advice need to know it. */
export interface CallNature {
  /** What was asked, after "asked to": "read people". */
  what: string;
  isWrite: boolean;
}

export interface VendorError {
  code: string;
  message: string;
}

/** Texts that quote a record's value, and may therefore not be shown, or that are as long as their list of fields. */
const QUOTED_VALUE = /\bvalue '.*'/is;
const MOST_SHOWN = 300;
const shown = (message: string): string => message.replace(QUOTED_VALUE, 'value …').slice(0, MOST_SHOWN);

/** The error that an answer with `success: false` means. @param requestId as Marketo's support asks for it */
export function responseError(
  error: VendorError,
  call: CallNature,
  nowMs: number,
  requestId: string | null = null,
): ConnectorError {
  const { call: remedy, maybeWritten, says } = ruleOf(error.code, error.message);
  const request = requestId === null ? '' : `, request ${requestId.slice(0, 40)}`;
  return new ConnectorError(
    `Marketo refused to ${call.what} (${error.code} ${shown(error.message)}${request}). ${says}`,
    error.code,
    adviceOf(remedy, nowMs),
    { answerLost: call.isWrite && maybeWritten },
  );
}

/** The error that an HTTP status means; its body may be HTML and is never shown. */
export function statusError(status: number, call: CallNature, nowMs: number): ConnectorError {
  const {
    call: remedy,
    maybeWritten,
    says,
  } = STATUS_RULES[status] ?? (status >= 500 ? unsure() : person('Check the address under Connections.'));
  return new ConnectorError(
    `Marketo answered HTTP ${status} when it was asked to ${call.what}. ${says}`,
    `HTTP_${status}`,
    adviceOf(remedy, nowMs),
    { answerLost: call.isWrite && maybeWritten },
  );
}

/** Codes of Node.js for a connection that never came about, so that nothing was sent. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** The error of a call that got no whole answer. `CONNECTION_LOST` tells that it may have arrived. @param cause a code of Node.js */
export function networkError(cause: string, call: CallNature): ConnectorError {
  const wasSent = !NOT_SENT.has(cause);
  return new ConnectorError(
    `Marketo could not be reached to ${call.what} (${cause}). Sync tries again; if it lasts, check the address under Connections.`,
    wasSent ? 'CONNECTION_LOST' : 'UNREACHABLE',
    { retry: 'soon' },
    { answerLost: call.isWrite && wasSent },
  );
}

export const timeoutError = (call: CallNature): ConnectorError =>
  new ConnectorError(
    `Marketo did not answer in time when it was asked to ${call.what}. Sync tries again.`,
    'TIMEOUT',
    { retry: 'soon' },
    { answerLost: call.isWrite },
  );

/** The error of an answer that is no envelope, or whose result has another shape than documented. @param why "it is cut" */
export const unreadableAnswer = (why: string, call: CallNature): ConnectorError =>
  new ConnectorError(
    `Marketo's answer cannot be read (${why}) when it was asked to ${call.what}. Sync tries again.`,
    'UNREADABLE_ANSWER',
    { retry: 'soon' },
    { answerLost: call.isWrite },
  );
