import type { FieldDescription, Value } from '../../domain/object-description';

/** The forms in which Marketo writes instants: with `Z`, with an offset, with both, or old ones without a zone, which are UTC. */
const DATETIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,3})\d*)?(?:Z)?(?:\+0000)?$/;

/** Bulk files write a blank as this bare word, for every type. */
const FILE_NULL = 'null';

/**
 * The canonical value of what Marketo gave in JSON. Text loses NUL, which the database cannot hold.
 * @param field undefined for a field that is not described: its value is taken as it is
 */
export function fromMarketo(raw: unknown, field: Pick<FieldDescription, 'type'> | undefined): Value {
  if (raw === null || raw === undefined || raw === '') return null;
  switch (field?.type) {
    case 'boolean':
      return raw === true || raw === 'true' || raw === 1 || raw === '1';
    case 'integer':
    case 'number': {
      const number = Number(raw);
      return Number.isFinite(number) ? number : String(raw);
    }
    case 'datetime':
      return toInstant(String(raw));
    default:
      return String(raw).replaceAll('\u0000', '') || null;
  }
}

/** The canonical value of a cell of a bulk file; it is the same as that of the JSON value. */
export const fromFile = (cell: string, field: Pick<FieldDescription, 'type'> | undefined): Value =>
  cell === FILE_NULL ? null : fromMarketo(cell, field);

/** `2026-08-30T05:49:48.000Z`; what is no instant stays as it is. */
export function toInstant(text: string): string {
  const [, day, time, fraction = ''] = DATETIME.exec(text) ?? [];
  if (day !== undefined) return `${day}T${time}.${fraction.padEnd(3, '0')}Z`;
  const epochMs = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(epochMs) ? text : new Date(epochMs).toISOString();
}

/** An instant as Marketo's filters take it: seconds, no milliseconds. */
export const toSeconds = (instant: string): string => `${instant.slice(0, 19)}Z`;
