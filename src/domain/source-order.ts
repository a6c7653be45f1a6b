/** Longest number that has to sort: 2^63 has 19 digits. */
const DIGITS = 20;

/**
 * The source Id in a form whose byte order is the source order: numbers (Marketo) by their value, others (Salesforce) byte by byte.
 * Ids that should be numbers and are not come after all numbers, byte by byte.
 */
export function sortKey(order: 'number' | 'bytes', sourceId: string): string {
  return order === 'number' && /^\d+$/.test(sourceId)
    ? sourceId.replace(/^0+(?=\d)/, '').padStart(DIGITS, '0')
    : sourceId;
}
