import { counted } from '../../../lib/format';

/** How many records a source has for a filter, as it tells. */
interface Count {
  /** Null where it tells by reading alone. */
  records: number | null;
  exact: boolean;
}

/** @param vendor what the source system is called */
export function countInWords({ records, exact }: Count, vendor: string): string {
  if (records === null) return `${vendor} cannot count records in advance: the preview shows how many are selected.`;
  if (exact) return `Selected now: ${counted(records, 'record')}.`;
  return `Selected now: at most ${counted(records, 'record')}. ${vendor} applies one part of the filter, and Sync the rest.`;
}
