import { counted, formatNumber } from '../../../lib/format';

/** Values of a list, each once, and how many were there twice. */
export interface PastedList {
  values: string[];
  repeated: number;
}

/**
 * Reads a list that somebody pastes: one value a line or, where it is a single line, separated by commas, semicolons or tabs. Blanks
 * around values and quotation marks around a whole value are taken off.
 */
export function pastedList(text: string): PastedList {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  const cells = lines.length > 1 ? lines : (lines[0] ?? '').split(/[,;\t]/);
  const all = cells.map(withoutQuotes).filter((value) => value !== '');
  const values = [...new Set(all)];
  return { values, repeated: all.length - values.length };
}

/** `1,204 values were added; 1 was there already.` */
export function pastedInWords(added: number, repeated: number): string {
  const were = (count: number) => (count === 1 ? 'was' : 'were');
  const rest = repeated > 0 ? `; ${formatNumber(repeated)} ${were(repeated)} there already` : '';
  return `${counted(added, 'value')} ${were(added)} added${rest}.`;
}

/**
 * A list after something was typed into it, `Japan, Poland` for instance: blanks around what is new are no part of it.
 * @param asTheyAre values that stay so, since they were there before, or were chosen and not typed
 */
export function typedList(texts: readonly string[], asTheyAre: readonly string[]): string[] {
  const known = new Set(asTheyAre);
  const meant = texts.map((text) => (known.has(text) ? text : text.trim()));
  return [...new Set(meant)].filter((text) => text !== '');
}

function withoutQuotes(cell: string): string {
  const text = cell.trim().replace(/[,;]$/, '').trim();
  const quoted = /^"(.*)"$|^'(.*)'$/.exec(text);
  return (quoted?.[1] ?? quoted?.[2] ?? text).trim();
}
