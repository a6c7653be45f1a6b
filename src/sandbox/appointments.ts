import type { Clock } from './core';

/** What is to be done later by the sandbox's clock, and can be withdrawn as a whole. */
export interface Appointments {
  later(ms: number, action: () => void): void;
  withdraw(): void;
}

export function createAppointments(clock: Clock): Appointments {
  const made = new Set<() => void>();
  return {
    later(ms, action) {
      const withdraw = clock.at(clock.now() + ms, () => {
        made.delete(withdraw);
        action();
      });
      made.add(withdraw);
    },
    withdraw() {
      for (const withdraw of made) withdraw();
      made.clear();
    },
  };
}
