/** Names of failures that workflows act on. They travel through Temporal as text, since classes do not survive the journey. */
export const FailureType = {
  /** A daily quota is used up: the workflow sleeps until `resetsAt`. */
  QuotaExhausted: 'QuotaExhausted',
  /** A person has to act; the sync waits as `needsAttention`. */
  NeedsAttention: 'NeedsAttention',
  /** A later attempt of the same work has taken over; this one may no longer write. */
  Superseded: 'Superseded',
  /** A wish was made of another activation of the sync than the one whose workflow runs. */
  OtherActivation: 'OtherActivation',
  /** `runNow` of a sync that runs. */
  AlreadyRunning: 'AlreadyRunning',
  /** An operator asked in Temporal for what the status of the sync forbids. */
  Refused: 'Refused',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];
