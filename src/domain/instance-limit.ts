import type { UsedUpQuota } from './used-up-quota';

/** The two limits that an instance sets to all calls: in any window of time, and in flight. */
const LIMITS = ['calls', 'atOnce'] as const;
type Limit = (typeof LIMITS)[number];
export type Amounts = Record<Limit, number>;

/** At most `calls` in any `windowMs` (0: without a window), and at most `atOnce` in flight. */
export interface RateLimitRule extends Amounts {
  windowMs: number;
}

/** What one owner holds of an instance's limits. An owner is a process with the connections of one share. */
interface Holding extends Amounts {
  wants: Amounts;
  /** Since when it has gone without what it wants, by kind; null where it has some. */
  withoutSinceMs: Record<Limit, number | null>;
  /** Until then it may use what it holds, unless it renews. */
  untilMs: number;
  windowMs: number;
  /** What it told when it asked last, and when that was; a worker of an older version leaves them out. */
  toldAtMs?: number;
  ages?: number[];
  fresh?: number;
}

/** What is known of one instance's limits, over all processes. Times are milliseconds since 1970 of the database's clock, but for those of the quota. */
export interface InstanceLimit {
  holdings: Record<string, Holding>;
  pausedUntilMs: number;
  /** A limit that the instance said was exceeded: so much is used at first, then more and more. */
  eased: Partial<Record<Limit, { most: number; atMs: number }>>;
  quota: UsedUpQuota | null;
  /** What the instance told last of the day's calls; null before it told anything. For people: nothing is decided by it. */
  usage: InstanceUsage | null;
}

/** The day's calls of all programs, as an instance tells them. */
export interface InstanceUsage {
  used: number;
  limit: number;
  /** Milliseconds since 1970. */
  toldAtMs: number;
}

export const FRESH_LIMIT: InstanceLimit = { holdings: {}, pausedUntilMs: 0, eased: {}, quota: null, usage: null };

/** What an owner tells and asks for, from time to time. */
export interface Ask {
  owner: string;
  rule: RateLimitRule;
  /** Calls in the last window and in flight: these cannot be given back. */
  uses: Amounts;
  wants: Amounts;
  /** The calls of the last window by their age: how many are in its latest slice (see `sliceMs`), in the one before, … */
  ages: number[];
  /** So many calls it makes at most until it asks again. */
  fresh: number;
  /** The instance asked for a pause, and may have told which limit was exceeded. */
  pause?: { ms: number; exceeded: Limit | null };
  /** It ends, and asks for no more. */
  leaves?: boolean;
}

/** What an owner may use from now on; where that is less than it uses, it waits until it does not. */
export interface Grant extends Amounts {
  /** So many calls of a window it can count on, again and again. */
  share: number;
  leaseMs: number;
  /** Somebody has less than it wants: it is worth asking again soon. */
  isContended: boolean;
  pauseMs: number;
}

/** A holding lasts so long without being renewed: a killed owner's comes back then. */
const LEASE_MS = 6_000;
/** What is held ends so long before the others take it: a call may be so long on its way. */
const MARGIN_MS = 1_000;
/** Ages of calls are told in so many slices of the window. */
export const AGE_SLICES = 20;
/** After a limit was exceeded, half of it is used, and a tenth more after each of these times. */
const EASED_STEP_MS = 4_000;
const EASED_STEPS = 10;
/** Calls that were on their way together are refused together: that is one occasion. */
const ONE_OCCASION_MS = 2_000;

/**
 * Gives an owner its part of an instance's limits. The parts never exceed the rule together. Whoever is alone gets what it wants; what is
 * wanted by several is shared evenly, and where there is less than one for each, it goes round.
 */
export function shareOut(before: InstanceLimit, ask: Ask, nowMs: number): { limit: InstanceLimit; grant: Grant } {
  const limit: InstanceLimit = { ...before, holdings: living(before.holdings, nowMs), eased: { ...before.eased } };
  if (ask.pause) notePause(limit, ask, ask.pause, nowMs);
  const mine = limit.holdings[ask.owner];
  delete limit.holdings[ask.owner];
  const granted = { calls: 0, atOnce: 0, share: 0 };
  const withoutSinceMs: Holding['withoutSinceMs'] = { calls: null, atOnce: null };
  for (const what of LIMITS) {
    const since = mine?.withoutSinceMs[what] ?? null;
    const { free, share } = freeFor(limit, ask, what, since, nowMs);
    granted[what] = Math.min(ask.wants[what], free);
    if (what === 'calls') granted.share = share;
    if (granted[what] === 0 && ask.wants[what] > 0) withoutSinceMs[what] = since ?? nowMs;
  }
  const others = Object.values(limit.holdings);
  const lacks = ({ wants, ...has }: Amounts & { wants: Amounts }) => LIMITS.some((what) => has[what] < wants[what]);
  const isContended = lacks({ ...granted, wants: ask.wants }) || others.some(lacks);
  const held = { calls: Math.max(granted.calls, ask.uses.calls), atOnce: Math.max(granted.atOnce, ask.uses.atOnce) };
  const isNothing = LIMITS.every((what) => held[what] === 0 && ask.wants[what] === 0);
  if (!isNothing) {
    const untilMs = ask.leaves ? nowMs : nowMs + LEASE_MS;
    const { windowMs } = ask.rule;
    const told = { toldAtMs: nowMs, ages: ask.ages, fresh: ask.leaves ? 0 : ask.fresh };
    limit.holdings[ask.owner] = { ...held, wants: ask.wants, withoutSinceMs, untilMs, windowMs, ...told };
  }
  const pauseMs = Math.max(0, limit.pausedUntilMs - nowMs);
  return { limit, grant: { ...granted, leaseMs: LEASE_MS - MARGIN_MS, isContended, pauseMs } };
}

/** A slice of the window, by which the ages of calls are told. */
export const sliceMs = ({ windowMs }: { windowMs: number }): number => windowMs / AGE_SLICES;

/** Of an owner that did not renew, only the calls of its last window are left, and it wants nothing any more. */
function living(holdings: InstanceLimit['holdings'], nowMs: number): InstanceLimit['holdings'] {
  return Object.fromEntries(
    Object.entries(holdings).flatMap(([owner, holding]): [string, Holding][] => {
      if (nowMs < holding.untilMs) return [[owner, holding]];
      if (heldBy(holding, 'calls', nowMs) === 0) return [];
      const wants = { calls: 0, atOnce: 0 };
      return [[owner, { ...holding, wants, withoutSinceMs: { calls: null, atOnce: null } }]];
    }),
  );
}

/**
 * What an owner holds. Of one that did not renew, these calls count: those that it told of, until each is a window old, and those that it
 * may have made since, as if all had been made at the last moment.
 */
function heldBy(holding: Holding, what: Limit, nowMs: number): number {
  const { calls, untilMs, windowMs, ages = [], fresh = calls, toldAtMs = untilMs } = holding;
  if (nowMs < untilMs) return holding[what];
  if (what === 'atOnce' || nowMs >= untilMs + windowMs) return 0;
  const slice = sliceMs(holding);
  const told = (counts: (place: number) => boolean) =>
    ages.reduce((sum, count, place) => sum + (counts(place) ? count : 0), 0);
  const mayCountNow = told((place) => place * slice + nowMs - toldAtMs < windowMs + MARGIN_MS);
  const countedAtTheEnd = told((place) => (place + 1) * slice + untilMs - toldAtMs <= windowMs);
  return mayCountNow + Math.min(fresh, Math.max(0, calls - countedAtTheEnd));
}

/**
 * What an owner can have at most: what nobody holds, less what is kept for others who want it; and its share, once what is held by
 * those that are gone has come back.
 */
function freeFor(limit: InstanceLimit, ask: Ask, what: Limit, since: number | null, nowMs: number) {
  const others = Object.values(limit.holdings);
  const most = mostOf(limit, ask.rule, what, nowMs);
  const fairPart = Math.floor(most / (others.filter(({ wants }) => wants[what] > 0).length + 1));
  const keptFor = (other: Holding): number => {
    const waitsSince = other.withoutSinceMs[what];
    const isNext = waitsSince !== null && (since === null || waitsSince < since);
    return Math.max(heldBy(other, what, nowMs), Math.min(other.wants[what], Math.max(fairPart, isNext ? 1 : 0)));
  };
  const lessThat = (keeping: Holding[]) => Math.max(0, most - keeping.reduce((sum, other) => sum + keptFor(other), 0));
  return { free: lessThat(others), share: lessThat(others.filter(({ untilMs }) => nowMs < untilMs)) };
}

/** The rule's number, or less for a while after the instance said that it was exceeded. */
function mostOf({ eased }: InstanceLimit, rule: RateLimitRule, what: Limit, nowMs: number): number {
  const last = eased[what];
  if (!last) return rule[what];
  const steps = Math.floor((nowMs - last.atMs) / EASED_STEP_MS);
  return Math.min(rule[what], last.most + Math.floor((steps * rule[what]) / EASED_STEPS));
}

function notePause(limit: InstanceLimit, { rule }: Ask, pause: { ms: number; exceeded: Limit | null }, nowMs: number) {
  limit.pausedUntilMs = Math.max(limit.pausedUntilMs, nowMs + pause.ms);
  const { exceeded } = pause;
  if (exceeded === null || nowMs < (limit.eased[exceeded]?.atMs ?? 0) + ONE_OCCASION_MS) return;
  const most = Math.max(1, Math.floor(mostOf(limit, rule, exceeded, nowMs) / 2));
  limit.eased[exceeded] = { most, atMs: nowMs };
}
