/** The separators of bulk files; SSV is semicolons, as its import says it is. */
export const DELIMITERS = { CSV: ',', TSV: '\t', SSV: ';' } as const;
export type FileFormat = keyof typeof DELIMITERS;

const NEEDS_QUOTES = {
  CSV: /[,"\n\r]/,
  TSV: /[\t"\n\r]/,
  SSV: /[;"\n\r]/,
} as const;

/** Writes lines of a bulk file: quotes only where needed, doubled inside, LF at the end; no value is the bare word `null`. */
export function lineWriter(format: FileFormat): (cells: readonly unknown[]) => string {
  const delimiter = DELIMITERS[format];
  const needsQuotes = NEEDS_QUOTES[format];
  return (cells) => {
    let line = '';
    for (let index = 0; index < cells.length; index += 1) {
      const cell = cells[index];
      if (index > 0) line += delimiter;
      if (cell === null || cell === undefined) line += 'null';
      else if (typeof cell === 'string') line += needsQuotes.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
      else line += String(cell);
    }
    return `${line}\n`;
  };
}
