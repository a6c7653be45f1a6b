import type { Clock } from './core';

/** setTimeout cannot wait longer than 2^31 − 1 ms; a later appointment is looked at again after this long. */
const LONGEST_TIMEOUT_MS = 2_000_000_000;

interface Appointment {
  epochMs: number;
  action: () => void;
}

export interface RunningClock extends Clock {
  /** Milliseconds by which the sandbox's time differs from the machine's. */
  offsetMs(): number;
  /** Withdraws every appointment. */
  stop(): void;
}

/**
 * A clock that runs as the machine's does, moved by an offset.
 * @param onMove is told the new offset (ms) each time the clock is moved or set, so that a restart can find it again
 * @param machineNow the machine's time; where it stands still, time passes only as the clock is moved
 */
export function createClock(
  initialOffsetMs: number,
  onMove: (offsetMs: number) => void,
  machineNow: () => number = Date.now,
): RunningClock {
  let offsetMs = initialOffsetMs;
  let timer: NodeJS.Timeout | undefined;
  const appointments = new Set<Appointment>();

  const now = (): number => machineNow() + offsetMs;
  const rearm = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (appointments.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const appointment of appointments) next = Math.min(next, appointment.epochMs);
    timer = setTimeout(runDue, Math.min(Math.max(next - now(), 0), LONGEST_TIMEOUT_MS));
    timer.unref();
  };
  const runDue = (): void => {
    const due = [...appointments].filter((appointment) => appointment.epochMs <= now());
    due.sort((a, b) => a.epochMs - b.epochMs);
    for (const appointment of due) appointments.delete(appointment);
    rearm();
    for (const appointment of due) appointment.action();
  };
  const moveTo = (newOffsetMs: number): void => {
    offsetMs = newOffsetMs;
    onMove(offsetMs);
    rearm();
  };

  return {
    now,
    offsetMs: () => offsetMs,
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError('The clock moves forward only: give a number of milliseconds of 0 or more');
      moveTo(offsetMs + ms);
    },
    set(epochMs) {
      if (!Number.isFinite(epochMs)) throw new RangeError('The clock needs an instant in milliseconds since 1970');
      moveTo(epochMs - machineNow());
    },
    at(epochMs, action) {
      const appointment = { epochMs, action };
      appointments.add(appointment);
      rearm();
      return () => {
        if (appointments.delete(appointment)) rearm();
      };
    },
    stop() {
      appointments.clear();
      rearm();
    },
  };
}
