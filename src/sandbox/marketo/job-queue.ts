import { createAppointments } from '../appointments';
import type { Clock } from '../core';
import type { SettingsStore } from './settings';

/** How soon a held job is looked at again. */
const HOLD_CHECK_MS = 50;

/** Jobs of a bulk API that have their turn one after the other, as many at once as the settings say. */
export interface JobQueue {
  /** Starts waiting jobs as far as slots are free. */
  wake(): void;
  /** How many jobs have their turn. */
  running(): number;
  isStopped(): boolean;
  stop(): void;
}

interface JobQueueOptions<Job extends { id: number }> {
  clock: Clock;
  settings: SettingsStore;
  /** Jobs that want their turn, the first one first; some may have it already. */
  waiting(): readonly Job[];
  /** Notes that a job has its turn now. */
  begin(job: Job): void;
  /** Whether a job that has its turn still takes heed of a hold. */
  canBeHeld?(jobId: number): boolean;
  /** Does the work, after the time that the settings give each job. */
  run(jobId: number): Promise<void>;
  /** Notes that the work has failed in a way that nobody foresaw. */
  fail(jobId: number): void;
}

/** The queue begins at the next tick, with what a restart has left. */
export function createJobQueue<Job extends { id: number }>(options: JobQueueOptions<Job>): JobQueue {
  const { clock, settings, waiting, begin, canBeHeld = () => true, run, fail } = options;
  const appointments = createAppointments(clock);
  const { later } = appointments;
  const running = new Set<number>();
  let isStopped = false;

  const wake = (): void => {
    if (isStopped) return;
    for (const job of waiting()) {
      if (running.size >= settings.current().jobsAtOnce) return;
      if (running.has(job.id)) continue;
      running.add(job.id);
      begin(job);
      later(settings.current().jobMs, () => runWhenReleased(job.id));
    }
  };
  const runWhenReleased = (jobId: number): void => {
    if (isStopped) return;
    if (settings.current().holdJobs && canBeHeld(jobId)) {
      later(HOLD_CHECK_MS, () => runWhenReleased(jobId));
      return;
    }
    void run(jobId)
      .catch((error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error));
        if (!isStopped) fail(jobId);
      })
      .finally(() => {
        running.delete(jobId);
        wake();
      });
  };

  later(0, wake);
  return {
    wake,
    running: () => running.size,
    isStopped: () => isStopped,
    stop() {
      isStopped = true;
      appointments.withdraw();
    },
  };
}
