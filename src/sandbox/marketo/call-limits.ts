import type { InstanceCore } from '../core';
import { ApiError } from './api-error';
import type { MarketoSettings } from './settings';
import { quotaDay } from './time';

/** One call that has been let in or turned away. */
export interface CountedCall {
  /** Ends the call. */
  leave(): void;
  /** Takes the call back from quota and window: its answer is one of the errors that do not count. */
  uncount(): void;
}

export interface UsageDay {
  date: string;
  total: number;
  users: { userId: string; count: number }[];
}

export interface ErrorDay {
  date: string;
  total: number;
  errors: { errorCode: string; count: number }[];
}

/** The three limits that all callers of one instance share (Marketo guide, "API limits"), and the usage they leave. */
export interface CallLimits {
  /** Counts a call. @returns the refusal beside the call where a limit is reached: 606, 607 or 615 */
  enter(userName: string): { call: CountedCall; refusal: ApiError | null };
  countError(code: string): void;
  /** Days from the first to today, today first. */
  usage(days: number): UsageDay[];
  errors(days: number): ErrorDay[];
}

const DAY_MS = 86_400_000;

export function createCallLimits(core: InstanceCore, settings: () => Readonly<MarketoSettings>): CallLimits {
  const { clock } = core;
  const statements = prepareStatements(core);
  /** Instants of the calls within the window, ascending. */
  let window: number[] = [];
  let running = 0;

  const slideTo = (now: number, windowMs: number): void => {
    const expired = window.findIndex((at) => at > now - windowMs);
    if (expired !== 0) window = expired < 0 ? [] : window.slice(expired);
  };
  const refuse = (now: number, callsToday: number): ApiError | null => {
    const { callsPerWindow, windowMs, callsAtOnce, callsPerDay } = settings();
    if (callsPerDay > 0 && callsToday > callsPerDay) return new ApiError('607', 'Daily quota reached');
    if (callsPerWindow > 0) slideTo(now, windowMs);
    if (callsPerWindow > 0 && window.length > callsPerWindow) {
      core.countViolation('callsPerWindow', `${window.length} calls within ${windowMs} ms`);
      const seconds = Math.round(windowMs / 1000);
      return new ApiError('606', `Max rate limit '${callsPerWindow}' exceeded with in '${seconds}' secs`);
    }
    if (callsAtOnce > 0 && running > callsAtOnce) {
      core.countViolation('callsAtOnce', `${running} calls at once`);
      return new ApiError('615', `Concurrent access limit '${callsAtOnce}' reached`);
    }
    return null;
  };

  return {
    enter(userName) {
      const now = clock.now();
      const day = quotaDay(now).name;
      const callsToday = statements.countCall(day, userName);
      if (settings().callsPerWindow > 0) window.push(now);
      running += 1;
      const refusal = refuse(now, callsToday);
      let isRunning = true;
      const leave = (): void => {
        if (isRunning) running -= 1;
        isRunning = false;
      };
      const uncount = (): void => {
        statements.uncountCall(day, userName);
        const own = window.lastIndexOf(now);
        if (own >= 0) window.splice(own, 1);
      };
      return { call: { leave, uncount }, refusal };
    },
    countError(code) {
      statements.countError(quotaDay(clock.now()).name, code);
    },
    usage: (days) => lastDays(clock.now(), days).map(statements.usageOf),
    errors: (days) => lastDays(clock.now(), days).map(statements.errorsOf),
  };
}

function lastDays(now: number, days: number): string[] {
  const today = Date.parse(`${quotaDay(now).name}T00:00:00Z`);
  return Array.from({ length: days }, (_, back) => new Date(today - back * DAY_MS).toISOString().slice(0, 10));
}

function prepareStatements({ database }: InstanceCore) {
  const count = database.prepare(
    `insert into mk_usage (day, user_name, count) values (?, ?, 1)
     on conflict (day, user_name) do update set count = count + 1`,
  );
  const uncount = database.prepare('update mk_usage set count = max(count - 1, 0) where day = ? and user_name = ?');
  const total = database.prepare('select coalesce(sum(count), 0) from mk_usage where day = ?').pluck();
  const users = database.prepare(
    'select user_name as userId, count from mk_usage where day = ? and count > 0 order by count desc, user_name',
  );
  const countError = database.prepare(
    `insert into mk_usage_errors (day, code, count) values (?, ?, 1) on conflict (day, code) do update set count = count + 1`,
  );
  const errors = database.prepare(
    'select code as errorCode, count from mk_usage_errors where day = ? order by count desc, code',
  );
  return {
    countCall(day: string, userName: string): number {
      count.run(day, userName);
      return total.get(day) as number;
    },
    uncountCall: (day: string, userName: string): void => void uncount.run(day, userName),
    countError: (day: string, code: string): void => void countError.run(day, code),
    usageOf: (day: string): UsageDay => ({
      date: day,
      total: total.get(day) as number,
      users: users.all(day) as UsageDay['users'],
    }),
    errorsOf(day: string): ErrorDay {
      const rows = errors.all(day) as ErrorDay['errors'];
      return { date: day, total: rows.reduce((sum, row) => sum + row.count, 0), errors: rows };
    },
  };
}
