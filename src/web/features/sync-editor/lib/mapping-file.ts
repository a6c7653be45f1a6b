import { MAPPING_COLUMNS, type ReadMappings, rowsOfTable, tableOfRows } from './mapping-table';
import type { MappingRow } from './sync-form';

/** The mappings as a CSV file that a spreadsheet opens. */
export async function fileOfRows(rows: readonly MappingRow[]): Promise<Blob> {
  // the programs that write and read CSV are loaded when somebody wants a file
  const { stringify } = await import('csv-stringify/browser/esm/sync');
  return new Blob([stringify([[...MAPPING_COLUMNS], ...tableOfRows(rows)])], { type: 'text/csv' });
}

/** Reads such a file. */
export async function rowsOfFile(file: Blob): Promise<ReadMappings> {
  const { CsvError, parse } = await import('csv-parse/browser/esm/sync');
  try {
    return rowsOfTable(parse(await file.text(), { bom: true, relax_column_count: true, skip_empty_lines: true }));
  } catch (error) {
    if (error instanceof CsvError) return { problems: [`This is no CSV file that can be read: ${error.message}.`] };
    throw error;
  }
}
