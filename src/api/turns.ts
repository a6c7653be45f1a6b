import { setImmediate } from 'node:timers/promises';

/** Longest that long work keeps other calls waiting. */
const TURN_MS = 20;

/** For long work without a wait in it: called between its steps, it lets others have their turn when it is due. */
export function turns(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < TURN_MS) return;
    await setImmediate();
    began = performance.now();
  };
}
