import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { isUnsayableInCsv } from './values';

/** The refusal of a record that no request can carry as it is; null for one that can be sent. */
export function refusedBeforehand(record: WriteRecord, { operation }: WriteBatch): RecordResult | null {
  let isBlank = true;
  for (const field of Object.keys(record.values)) {
    const value = record.values[field] ?? null;
    if (value !== null && value !== '') isBlank = false;
    if (typeof value === 'string' && !value.isWellFormed()) {
      const message = 'The text holds half of a character pair, which no system can store. Correct it in the source.';
      return { result: 'failed', code: 'INVALID_TEXT', message, field };
    }
  }
  if (!isBlank || operation !== 'create') return null;
  const message = 'All mapped fields of the record are blank, so there is nothing to create.';
  return { result: 'failed', code: 'REQUIRED_FIELD_MISSING', message, field: null };
}

/** The refusal of a record that a bulk file would change the meaning of; null for one that can go by bulk. */
export function refusedInBulk(record: WriteRecord): RecordResult | null {
  const field = Object.keys(record.values).find((name) => isUnsayableInCsv(record.values[name] ?? null));
  if (field === undefined) return null;
  const message =
    'The text #N/A clears a field in a bulk file and cannot be created that way. Change it in the source.';
  return { result: 'failed', code: 'TEXT_MEANS_BLANK', message, field };
}
