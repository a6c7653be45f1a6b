/**
 * What is written down of an execution while it runs: a phase begins and ends, an attempt at it fails, a worker takes it up again, it
 * waits, it stops where someone asked it to.
 */
export const TIMELINE_KINDS = ['phaseBegun', 'phaseEnded', 'attemptFailed', 'takenUp', 'waiting', 'stopped'] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];
