import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { isUnsayableInCsv } from './values';

/** The refusal of a record that no request can carry as it is; null for one that can be sent. */
export function refusedBeforehand(record: WriteRecord, { operation }: WriteBatch): RecordResult | null {
  const values = Object.values(record.values);
  if (operation === 'create' && values.every((value) => value === null || value === '')) {
    const message = 'All mapped fields of the record are blank, so there is nothing to create.';
    return { result: 'failed', code: 'REQUIRED_FIELD_MISSING', message, field: null };
  }
  for (const [field, value] of Object.entries(record.values)) {
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
      const message = 'The text holds half of a character pair, which no system can store. Correct it in the source.';
      return { result: 'failed', code: 'INVALID_TEXT', message, field };
    }
  }
  return null;
}

/** The refusal of a record that a bulk file would change the meaning of; null for one that can go by bulk. */
export function refusedInBulk(record: WriteRecord): RecordResult | null {
  const field = Object.keys(record.values).find((name) => isUnsayableInCsv(record.values[name] ?? null));
  if (field === undefined) return null;
  const message =
    'The text #N/A clears a field in a bulk file and cannot be created that way. Change it in the source.';
  return { result: 'failed', code: 'TEXT_MEANS_BLANK', message, field };
}
