import { dayRange, relativeRange } from '../../domain/day-range';
import type { AmountOfTime, Condition } from '../../domain/definition';
import type { Value } from '../../domain/object-description';
import { toSeconds } from './values';

/** Milliseconds since 1970, both ends included; null where there is no bound. */
export interface TimeSpan {
  fromMs: number | null;
  toMs: number | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const UNBOUNDED: TimeSpan = { fromMs: null, toMs: null };

/** The moments that a value means: a day from its beginning to its end in the zone, an instant itself. */
function moments(value: Value | undefined, timeZone: string): { fromMs: number; toMs: number } {
  const text = String(value);
  if (!DAY.test(text)) {
    const epochMs = Date.parse(text);
    return { fromMs: epochMs, toMs: epochMs };
  }
  const day = dayRange(text, timeZone);
  return { fromMs: Date.parse(day.from), toMs: Date.parse(day.to) - 1 };
}

/** The smallest span that holds every moment for which a condition on a date-time is true. */
export function spanOf(
  { operator, value }: Condition,
  { asOf, timeZone }: { asOf: string; timeZone: string },
): TimeSpan {
  const list = Array.isArray(value) ? value : [];
  const one = () => moments(value as Value, timeZone); // its shape was checked with the filter
  switch (operator) {
    case 'equals':
      return one();
    case 'greaterThan':
      return { fromMs: one().toMs + 1, toMs: null };
    case 'greaterOrEqual':
      return { fromMs: one().fromMs, toMs: null };
    case 'lessThan':
      return { fromMs: null, toMs: one().fromMs - 1 };
    case 'lessOrEqual':
      return { fromMs: null, toMs: one().toMs };
    case 'between':
      return { fromMs: moments(list[0], timeZone).fromMs, toMs: moments(list[1], timeZone).toMs };
    case 'in': {
      const all = list.map((item) => moments(item, timeZone));
      if (all.length === 0) return UNBOUNDED;
      return { fromMs: Math.min(...all.map((item) => item.fromMs)), toMs: Math.max(...all.map((item) => item.toMs)) };
    }
    case 'inLast':
    case 'inNext': {
      const range = relativeRange(value as AmountOfTime, operator === 'inLast' ? 'last' : 'next', asOf, timeZone);
      return { fromMs: Date.parse(range.from), toMs: Date.parse(range.to) };
    }
    default:
      return UNBOUNDED;
  }
}

/** The span in which all of them overlap. */
export const overlap = (spans: readonly TimeSpan[]): TimeSpan =>
  spans.reduce(
    (all, span) => ({
      fromMs: span.fromMs === null ? all.fromMs : Math.max(all.fromMs ?? span.fromMs, span.fromMs),
      toMs: span.toMs === null ? all.toMs : Math.min(all.toMs ?? span.toMs, span.toMs),
    }),
    UNBOUNDED,
  );

/** A window of an export, in the form that Marketo takes. */
export interface ExportWindow {
  startAt: string;
  endAt: string;
}

const SECOND_MS = 1_000;
/** 31 days less a second are the most that Marketo takes, whether or not it counts both ends. */
const LONGEST_MS = 31 * 86_400_000 - SECOND_MS;

/**
 * Cuts a span into windows of at most 31 days. Marketo's clock knows seconds alone. Neighbours share the second at their border,
 * so that nothing is lost whether or not the end of a window belongs to it; what comes twice is staged once.
 */
export function windowsOf(fromMs: number, toMs: number): ExportWindow[] {
  const windows: ExportWindow[] = [];
  const endMs = Math.ceil(toMs / SECOND_MS) * SECOND_MS;
  let startMs = Math.floor(fromMs / SECOND_MS) * SECOND_MS;
  if (startMs > endMs) return [];
  do {
    const nextMs = Math.min(startMs + LONGEST_MS, endMs);
    windows.push({ startAt: toSeconds(startMs), endAt: toSeconds(nextMs) });
    startMs = nextMs;
  } while (startMs < endMs);
  return windows;
}
