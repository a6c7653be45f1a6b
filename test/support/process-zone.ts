/** Zones of machines, with the minutes that they are ahead of UTC in January. */
const AHEAD_IN_JANUARY = { UTC: 0, 'America/Los_Angeles': -480, 'Pacific/Kiritimati': 840 } as const;
export type ProcessZone = keyof typeof AHEAD_IN_JANUARY;
export const PROCESS_ZONES = ['UTC', 'America/Los_Angeles', 'Pacific/Kiritimati'] as const;

/** The zone that comes after another one. */
export const otherZone = (zone: ProcessZone): ProcessZone =>
  PROCESS_ZONES[(PROCESS_ZONES.indexOf(zone) + 1) % PROCESS_ZONES.length] ?? 'UTC';

/** Sets the zone of the process, as `TZ` does at its start, in a file that says `@jest-environment <rootDir>/test/support/set-up/zoned-environment.ts`. */
export function setProcessZone(zone: ProcessZone): void {
  const { setProcessZone: set } = globalThis as { setProcessZone?: (zone: string) => void };
  if (!set) throw new Error('The file of this test names no environment in which the zone can be set.');
  set(zone);
  // it has really taken effect
  expect(0 - new Date('2026-01-15T12:00:00Z').getTimezoneOffset()).toBe(AHEAD_IN_JANUARY[zone]);
}
