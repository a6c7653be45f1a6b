import { counted } from '../../../lib/format';

/** How many records a source has for a filter, as it tells. */
interface Count {
  /** Null where it tells by reading alone. */
  records: number | null;
  exact: boolean;
}

/** @param vendor what the source system is called */
export function countInWords({ records, exact }: Count, vendor: string): string {
  if (records === null) return `${vendor} does not say beforehand how many records these are: the preview shows it.`;
  if (exact) return `${counted(records, 'record')} now.`;
  return `At most ${counted(records, 'record')} now: ${vendor} selects by one part of the filter, and Sync by the rest.`;
}
