import type { InstanceCore } from '../../core';

/** More looks at one job within a second of the machine's time are polling without pause. */
const MOST_LOOKS_PER_SECOND = 20;
const SECOND_MS = 1_000;
const JOBS_REMEMBERED = 10_000;

/** Counts clients that ask for a job's state without pause. */
export interface PollWatch {
  /** Notes that a client has asked for the state of a job. */
  note(jobId: string): void;
}

export function createPollWatch(core: InstanceCore): PollWatch {
  /** The last looks at each job, oldest first. */
  const looks = new Map<string, number[]>();
  return {
    note(jobId) {
      const now = performance.now();
      const recent = (looks.get(jobId) ?? []).filter((look) => now - look < SECOND_MS);
      recent.push(now);
      if (recent.length > MOST_LOOKS_PER_SECOND) {
        core.countViolation('pollingWithoutPause', `${jobId}: ${recent.length} looks within a second`);
        recent.length = 0;
      }
      if (looks.size > JOBS_REMEMBERED) looks.clear();
      looks.set(jobId, recent);
    },
  };
}
