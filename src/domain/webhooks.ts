/** What webhooks can be told of; the database writes these names as well (in the migration). */
export const WEBHOOK_EVENTS = [
  'execution.ended',
  'execution.missed',
  'execution.failuresPassed',
  'sync.needsAttention',
  'sync.overdue',
  'sync.statusChanged',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
/** What a test call tells; nobody needs to ask for it. */
export const TEST_EVENT = 'webhook.test';

export const DELIVERY_STATES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** What came of sending an event once. */
export interface Attempt {
  /** Status of the answer; null where there was none. */
  status: number | null;
  /** What went wrong, for people; null where the receiver has taken it. */
  problem: string | null;
  /** The beginning of an answer that was no success, without what may be private. */
  answer: string | null;
  durationMs: number;
  /** So long the receiver asks to be left alone. */
  retryAfterMs: number | null;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between the attempts for one event: a day in all, after which it is given up. */
const WAITS_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 8 * HOUR, 12 * HOUR];
/** No receiver puts off an event for longer. */
const LONGEST_WAIT_MS = 12 * HOUR;

/** An event that failed so often keeps back the later ones of its sync no more: order is worth a quarter of an hour, not a day. */
export const ATTEMPTS_IN_ORDER = 5;

/** What follows an attempt. */
export type Next =
  | { state: 'delivered' }
  | { state: 'waiting'; inMs: number }
  /** Given up; `isGone` where the receiver says that nobody is there any more. */
  | { state: 'failed'; isGone: boolean };

/** HTTP: the resource is gone for good. */
const GONE = 410;

/**
 * Decides what follows an attempt.
 * @param attempts how many were made of the event, this one among them
 */
export function nextAfter(attempt: Attempt, attempts: number): Next {
  if (attempt.problem === null) return { state: 'delivered' };
  const wait = WAITS_MS[attempts - 1];
  if (attempt.status === GONE || wait === undefined) return { state: 'failed', isGone: attempt.status === GONE };
  return { state: 'waiting', inMs: Math.max(wait, Math.min(attempt.retryAfterMs ?? 0, LONGEST_WAIT_MS)) };
}

/** So many failures in a row are taken for a receiver that is away. */
const FAILURES_OF_ONE_AWAY = 5;
const LONGEST_HOLD_MS = 5 * MINUTE;

/**
 * How long a webhook is left alone as a whole: where the receiver is away, the events of a burst do not all try by themselves.
 * @param failuresInRow attempts that failed since one was taken
 */
export const holdAfter = (failuresInRow: number): number | null =>
  failuresInRow < FAILURES_OF_ONE_AWAY ? null : Math.min(failuresInRow * 5 * SECOND, LONGEST_HOLD_MS);

const DAYS_TO_SWITCH_OFF = 3;

/**
 * Why a webhook is switched off after an event was given up; null where it stays on.
 * @param failingSince the first failure since an event was taken, ISO 8601 UTC like `now`
 */
export function reasonToSwitchOff(
  { isGone, failingSince }: { isGone: boolean; failingSince: string },
  now: string,
): string | null {
  if (isGone) return 'The receiver answered 410: nobody is there any more. Enter its new address, and switch it on.';
  const isLong = Date.parse(now) - Date.parse(failingSince) >= DAYS_TO_SWITCH_OFF * 24 * HOUR;
  if (!isLong) return null;
  return `Nothing has been taken for ${DAYS_TO_SWITCH_OFF} days. Look at the deliveries, mend the receiver, test it, and switch it on.`;
}

/** A sync is told to be overdue when it is late by more than a restart of a worker takes. */
const OVERDUE_TOLD_AFTER_MS = MINUTE;

/** @param since when the run was due, ISO 8601 UTC like `now` */
export const isToldOverdue = (since: string, now: string): boolean =>
  Date.parse(now) - Date.parse(since) > OVERDUE_TOLD_AFTER_MS;
