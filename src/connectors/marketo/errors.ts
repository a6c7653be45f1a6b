import { dayRange, relativeDays } from '../../domain/day-range';
import { type Advice, ConnectorError } from '../connector-error';

/** What a code advises: a delay in milliseconds, or a word. */
type Rule = 'soon' | 'never' | 'quota' | { afterMs: number };

/** Adobe: "100 calls per 20 seconds"; the whole window has to pass. */
export const RATE_WINDOW_MS = 20_000;

/**
 * Codes of an answer with `success: false`, and what to do (Marketo developer guide, "Error codes"). Codes of records (1xxx) can
 * come here too; those that are not listed are permanent.
 */
export const RESPONSE_CODES: Readonly<Record<string, Rule>> = {
  '500': 'soon',
  '502': 'soon',
  '600': 'never',
  '601': 'never', // after fresh tokens were refused too; see the client
  '602': 'never',
  '603': 'never',
  '604': 'soon',
  '605': 'never',
  '606': { afterMs: RATE_WINDOW_MS },
  '607': 'quota',
  '608': 'soon',
  '609': 'never',
  '610': 'never',
  '611': 'soon',
  '612': 'never',
  '613': 'never',
  '614': 'soon',
  '615': { afterMs: 2_000 },
  '616': 'never',
  '701': 'never',
  '702': 'never',
  '703': 'never',
  '704': 'never',
  '709': 'never',
  '710': 'never',
  '711': 'never',
  '712': 'never',
  '713': 'soon',
  '714': 'never',
  '718': 'never',
  '719': 'soon',
  '1014': 'soon',
  '1016': { afterMs: 30_000 },
  '1019': { afterMs: 30_000 },
  '1020': 'quota',
};

/** HTTP statuses; identity answers with real ones, the gateway in trouble too. */
export const HTTP_STATUSES: Readonly<Record<number, Rule>> = {
  400: 'never',
  401: 'never',
  404: 'never',
  413: 'never',
  414: 'never',
  429: { afterMs: RATE_WINDOW_MS },
  500: 'soon',
  502: 'soon',
  503: 'soon',
  504: 'soon',
};

/** After these, a write may have happened all the same (Marketo developer guide: 604 and 611 come from running requests). */
const MAYBE_WRITTEN: ReadonlySet<string> = new Set(['500', '502', '604', '611', '713']);

/** What to do about the codes that people meet most. */
const REMEDIES: Readonly<Record<string, string>> = {
  '600': 'This is a fault of Sync; please report it.',
  '601': 'It refuses fresh tokens too: check the service under Connections, and that its API user is active.',
  '602': 'It refuses fresh tokens too: check the service under Connections.',
  '603': 'Give the API user the permission that is missing, or put the address of Sync on the allowlist.',
  '606': 'Sync waits and calls less often.',
  '607': 'Sync goes on when the quota resets, at midnight US Central time.',
  '608': 'Sync tries again.',
  '614': 'Sync tries again; if it lasts, ask Marketo support.',
  '615': 'Sync waits and makes fewer calls at once.',
  '1018': 'Marketo’s native CRM sync owns this object; choose another destination.',
  '1029': 'Sync waits for a place in the queue, or for the quota to reset.',
};

const QUOTA_ZONE = 'America/Chicago';

/** The next midnight in US Central time, when Marketo's quotas reset. @param nowMs milliseconds since 1970 */
export function nextQuotaReset(nowMs: number): string {
  const today = relativeDays({ amount: 1, unit: 'day' }, 'last', new Date(nowMs).toISOString(), QUOTA_ZONE).last;
  return dayRange(today, QUOTA_ZONE).to;
}

function adviceOf(rule: Rule, nowMs: number): Advice {
  if (rule === 'soon' || rule === 'never') return { retry: rule };
  if (rule === 'quota') return { retry: 'whenQuotaResets', resetsAt: nextQuotaReset(nowMs) };
  return { retry: 'after', delayMs: rule.afterMs };
}

/** 1029 is one code for three cases, told apart by their text alone. */
const ruleOf = (code: string, message: string): Rule => {
  if (code !== '1029') return RESPONSE_CODES[code] ?? (/^[567]\d\d$/.test(code) ? 'soon' : 'never');
  return /quota/i.test(message) ? 'quota' : { afterMs: 30_000 };
};

/**
 * The error that an answer with `success: false` means.
 * @param call.isWrite its effect may have happened although the answer says otherwise
 */
export function responseError(
  error: { code: string; message: string },
  call: { what: string; isWrite: boolean },
  nowMs: number,
): ConnectorError {
  const remedy = REMEDIES[error.code];
  // texts of 6xx and 7xx codes are Marketo's own; those of 1xxx may quote a record's value
  const text =
    /^1\d{3}$/.test(error.code) && !['1029', '1016', '1018', '1035'].includes(error.code) ? '' : `: ${error.message}`;
  const message = `Marketo refused to ${call.what} (${error.code}${text}).${remedy ? ` ${remedy}` : ''}`;
  const answerLost = call.isWrite && MAYBE_WRITTEN.has(error.code);
  return new ConnectorError(message, error.code, adviceOf(ruleOf(error.code, error.message), nowMs), { answerLost });
}

/** The error that an HTTP status means; its body may be HTML and is never shown. */
export function statusError(status: number, call: { what: string; isWrite: boolean }, nowMs: number): ConnectorError {
  const rule = HTTP_STATUSES[status] ?? (status >= 500 ? 'soon' : 'never');
  const message = `Marketo answered HTTP ${status} when asked to ${call.what}. ${rule === 'never' ? 'Check the address under Connections.' : 'Sync tries again.'}`;
  return new ConnectorError(message, `HTTP_${status}`, adviceOf(rule, nowMs), {
    answerLost: call.isWrite && status >= 500,
  });
}

/** The error of a call that got no whole answer. */
export function lostError(reason: string, call: { what: string; isWrite: boolean }, sent: boolean): ConnectorError {
  const message = `Marketo could not be reached to ${call.what} (${reason}). Sync tries again; if it lasts, check the address under Connections.`;
  return new ConnectorError(message, 'UNREACHABLE', { retry: 'soon' }, { answerLost: call.isWrite && sent });
}
