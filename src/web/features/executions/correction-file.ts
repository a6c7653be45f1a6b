import { neutralised } from '../../../domain/csv-cell';

/** Quoted whatever it holds, so that commas, quotes and line breaks are told apart from those of the file. */
const cell = (text: string): string => `"${neutralised(text).replaceAll('"', '""')}"`;
const line = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/**
 * The file that tries a record again with other values than those that the source has.
 * @param values by field of the source, as they should be
 */
export function correctionFile(sourceId: string, values: Readonly<Record<string, string>>): Blob {
  const fields = Object.keys(values);
  const header = line(['sourceId', ...fields.map((field) => `source.${field}`)]);
  return new Blob([header, line([sourceId, ...fields.map((field) => values[field] ?? '')])], { type: 'text/csv' });
}

/** The values that a person has changed. */
export const changedValues = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(after).filter(([field, text]) => text !== before[field]));
