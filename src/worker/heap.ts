import { setFlagsFromString } from 'node:v8';

/** So much garbage, in percent of what is in use, may gather before V8 collects it. */
const GARBAGE_PERCENT = 40;

/**
 * Keeps a worker's memory about the same whatever it moves: V8's own rule trades memory for time, and lets the heap of a long load
 * grow to a multiple of what is in use. Called before anything large is made. What it costs is measured by `npm run bench -- end-to-end`.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}
