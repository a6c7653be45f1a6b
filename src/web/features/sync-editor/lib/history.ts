/** Earlier states of something that is edited, and those that were taken back. */
export interface History<State> {
  /** The latest one last. */
  past: readonly State[];
  /** What redo leads to, the next one first. */
  future: readonly State[];
  /** What the latest change was made to; changes of the same thing in a row are one step. */
  subject: string | null;
}

export const NO_HISTORY: History<never> = { past: [], future: [], subject: null };

const MOST_STEPS = 100;

/**
 * A change is made.
 * @param before the state that it is made to
 * @param subject what it changes, so that a text that is typed is one step; null for a step of its own
 */
export function recorded<State>(history: History<State>, before: State, subject: string | null): History<State> {
  const isSameStep = subject !== null && subject === history.subject;
  const past = isSameStep ? history.past : [...history.past, before].slice(-MOST_STEPS);
  return { past, future: [], subject };
}

/** @returns the state before the latest step; null where there is none */
export function undone<State>(history: History<State>, now: State): { state: State; history: History<State> } | null {
  const { past, future } = history;
  if (past.length === 0) return null;
  const state = past[past.length - 1] as State;
  return { state, history: { past: past.slice(0, -1), future: [now, ...future], subject: null } };
}

/** @returns the state that the latest undo took back; null where there is none */
export function redone<State>(history: History<State>, now: State): { state: State; history: History<State> } | null {
  const { past, future } = history;
  if (future.length === 0) return null;
  const [state, ...rest] = future as [State, ...State[]];
  return { state, history: { past: [...past, now], future: rest, subject: null } };
}
