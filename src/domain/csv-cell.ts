/**
 * What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection"), full-width forms among them; an apostrophe too, so
 * that it can be undone.
 */
const FORMULA_START = /^['=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;

/** A cell that no spreadsheet takes for a formula: an apostrophe stands before what looks like one. */
export const neutralised = (cell: string): string => (FORMULA_START.test(cell) ? `'${cell}` : cell);

/** Undoes exactly what `neutralised` did. */
export const restored = (cell: string): string =>
  cell.startsWith("'") && FORMULA_START.test(cell.slice(1)) ? cell.slice(1) : cell;
