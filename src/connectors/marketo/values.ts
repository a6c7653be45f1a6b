import { numberOrText } from '../../domain/decimal';
import type { FieldDescription, Value } from '../../domain/object-description';

/** The forms in which Marketo writes instants: with `Z`, with an offset, with both, or (old ones) without a zone, which are UTC. */
const DATETIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,3})\d*)?Z?(?:\+00:?00)?$/;
const OFFSET = /([+-]\d{2})(\d{2})$/;

/** Bulk files write a blank as this bare word, for every type. */
const FILE_NULL = 'null';

/** A field as far as its values need it. */
type Typed = Pick<FieldDescription, 'type'>;

/**
 * The canonical value of what Marketo gave in JSON or in a file.
 * @param field undefined for a field that is not described: its value is taken as it is
 */
export function fromMarketo(raw: unknown, field: Typed | undefined): Value {
  if (raw === null || raw === undefined || raw === '') return null;
  switch (field?.type) {
    case 'boolean':
      return raw === true || raw === 'true' || raw === 1 || raw === '1';
    case 'integer':
    case 'number': {
      if (typeof raw === 'number') return raw;
      const text = textOf(raw);
      return text === null ? null : numberOrText(String(text));
    }
    case 'date':
      return String(raw).slice(0, '2026-03-01'.length);
    case 'datetime':
      return toInstant(String(raw));
    default:
      return textOf(raw);
  }
}

function textOf(raw: unknown): Value {
  return typeof raw === 'object' ? JSON.stringify(raw) : String(raw);
}

/** The canonical value of a cell of a bulk file; it is the same as that of the JSON value. */
export const fromFile = (cell: string, field: Typed | undefined): Value =>
  cell === FILE_NULL ? null : fromMarketo(cell, field);

/** `2026-08-30T05:49:48.000Z`; what is no instant stays as it is. */
export function toInstant(text: string): string {
  const [, day, time, fraction = ''] = DATETIME.exec(text) ?? [];
  if (day !== undefined) return `${day}T${time}.${fraction.padEnd(3, '0')}Z`;
  const epochMs = Date.parse(text.replace(OFFSET, '$1:$2'));
  return Number.isNaN(epochMs) ? text : new Date(epochMs).toISOString();
}

/** The value as Marketo takes it in JSON: ids of other records are numbers there, all else is as it is staged. */
export function toMarketo(value: Value, field: Typed | undefined): Value {
  const isReference = field?.type === 'id' || field?.type === 'reference';
  return isReference && typeof value === 'string' ? toId(value) : value;
}

/** An id on the wire: a number for people and companies, text for all others. */
export const toId = (id: string): string | number => (/^\d{1,15}$/.test(id) ? Number(id) : id);

/** An instant as Marketo's filters take it: in seconds (Marketo developer guide, "Bulk extract": without milliseconds). */
export const toSeconds = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
