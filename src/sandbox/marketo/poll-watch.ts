import type { InstanceCore } from '../core';
import type { SettingsStore } from './settings';

/** Two looks at one job within these are polling without pause: with the sandbox's pace, and with the vendor's. */
const SHORTEST_PAUSE_MS = 100;
const SHORTEST_PAUSE_IN_STEPS_MS = 1000;
const JOBS_REMEMBERED = 10_000;

export interface PollWatch {
  /** Notes that a client has asked for the state of a job. */
  note(job: string): void;
}

/** Counts clients that ask for a job's state without pause, by the machine's time. */
export function createPollWatch(core: InstanceCore, settings: SettingsStore): PollWatch {
  const lastPolls = new Map<string, number>();
  return {
    note(job) {
      const now = performance.now();
      const last = lastPolls.get(job);
      lastPolls.set(job, now);
      if (lastPolls.size > JOBS_REMEMBERED) lastPolls.clear();
      const shortest = settings.current().statusStepMs >= 60_000 ? SHORTEST_PAUSE_IN_STEPS_MS : SHORTEST_PAUSE_MS;
      if (last !== undefined && now - last < shortest)
        core.countViolation('pollingWithoutPause', `${job}: ${Math.round(now - last)} ms after the last look`);
    },
  };
}
