import { median } from '../measure';
import type { Figures, Result } from './part';

/** What a figure shall be. */
export interface Goal {
  text: string;
  isMet(value: number): boolean;
}

/** A row of the table. */
export interface Mark {
  what: string;
  /** Its name among the figures of the part. */
  figure: string;
  unit: string;
  /** After the point. */
  digits?: number;
  /** Absent where the figure only explains another one. */
  goal?: Goal;
}

export const atLeast = (value: number): Goal => ({ text: `≥ ${told(value)}`, isMet: (one) => one >= value });
export const atMost = (value: number): Goal => ({ text: `≤ ${told(value)}`, isMet: (one) => one <= value });
export const exactly = (value: number): Goal => ({ text: told(value), isMet: (one) => one === value });

const HEADINGS = ['part', 'what', 'mark', 'measured: median (least to most)', ''];

/** The table of all parts: medians of their runs, held against the marks. */
export function tableOf(
  parts: readonly { name: string; marks: readonly Mark[]; results: readonly Result[] }[],
): string {
  const rows = parts.flatMap(({ name, marks, results }) => marks.map((mark) => [name, ...rowOf(mark, results)]));
  return [HEADINGS, HEADINGS.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(plain).join(' | ')} |`)
    .join('\n');
}

function rowOf({ what, figure, unit, digits = 0, goal }: Mark, results: readonly Result[]): string[] {
  const values = results.flatMap(({ figures }) => figureOf(figures, figure));
  const failed = results.filter(({ error }) => error !== undefined);
  const trouble = failed.length > 0 ? `${failed.length} of ${results.length} runs failed: ${failed[0]?.error}` : '';
  const middle = median(values);
  const mark = goal ? `${goal.text} ${unit}`.trim() : '';
  if (middle === undefined) return [what, mark, trouble || 'not measured', ''];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const range = values.length > 1 ? ` (${told(least, digits)} to ${told(most, digits)})` : '';
  const measured = `${told(middle, digits)} ${unit}`.trim() + range;
  return [what, mark, [measured, trouble].filter(Boolean).join('; '), verdict(goal, middle, failed.length)];
}

const figureOf = (figures: Figures | undefined, name: string): number[] => {
  const value = figures?.[name];
  return value === undefined ? [] : [value];
};

const verdict = (goal: Goal | undefined, value: number, failed: number): string => {
  if (!goal) return '';
  return goal.isMet(value) && failed === 0 ? 'met' : 'missed';
};

const told = (value: number, digits?: number): string =>
  value.toLocaleString(
    'en',
    digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits },
  );

const plain = (cell: string): string => cell.replace(/[|\s]+/g, ' ');
