import type { ObjectDescription } from '../../domain/object-description';
import type { TraceOfOthers } from '../../domain/undo';

/**
 * `LastModifiedDate` moves with the edits of users and of what runs in their name; `SystemModstamp` also with Salesforce's own upkeep
 * (Object Reference, "System Fields"). Objects without one of these fields show nothing.
 */
const STAMPS = {
  createdBy: 'CreatedById',
  createdAt: 'CreatedDate',
  modifiedBy: 'LastModifiedById',
  modifiedAt: 'LastModifiedDate',
} as const;

/** Who changed a record last, and when, is kept by Salesforce. */
export function traceOfOthers({ fields }: ObjectDescription): TraceOfOthers | null {
  const names = new Set(fields.map(({ name }) => name));
  return Object.values(STAMPS).every((name) => names.has(name)) ? { by: 'stamps', ...STAMPS } : null;
}
