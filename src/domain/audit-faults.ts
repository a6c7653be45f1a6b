/**
 * What can be wrong with the audit: an entry is not as it was written (`changed`), is gone (`removed`), or is there without having been added the
 * usual way (`added`); a place of the chain is gone together with its entry (`missing`); the chain's end is not that of its last place (`endChanged`);
 * entries from before the chain are more or fewer than there were (`earlierChanged`); what was noted of the chain is not in it (`otherThanNoted`).
 */
export const AUDIT_FAULTS = [
  'changed',
  'removed',
  'added',
  'missing',
  'endChanged',
  'earlierChanged',
  'otherThanNoted',
] as const;
export type AuditProblem = (typeof AUDIT_FAULTS)[number];
