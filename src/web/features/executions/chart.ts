import { type CountedPart, dealtWith, PARTS, partsOf } from '../../lib/counts';
import type { Execution } from './api';

type Part = CountedPart['name'];

/** A bar of the chart: an execution, and the parts of it from the bottom up, in hundredths of the chart's height. */
export interface Bar {
  execution: Execution;
  parts: { name: Part; height: number }[];
}

/** Of what failed something is seen, however little of the whole it is. */
const LEAST_HEIGHT = 2;

/**
 * The executions that have ended, from the oldest to the newest, as bars that share one scale.
 * @param newestFirst as the API lists them
 */
export function barsOf(newestFirst: readonly Execution[]): Bar[] {
  const ended = newestFirst.filter(({ state }) => state !== 'running').reverse();
  const most = Math.max(1, ...ended.map(({ counts }) => dealtWith(counts)));
  return ended.map((execution) => ({
    execution,
    parts: partsOf(execution).map(({ name, records }) => ({
      name,
      height: Math.max(LEAST_HEIGHT, (100 * records) / most),
    })),
  }));
}

const LEGEND: readonly (readonly [Part, string])[] = [
  ...PARTS,
  ['deleted', 'deleted by an undo'],
  ['restored', 'restored by an undo'],
];

/** What a chart has to explain: the parts that occur in it, with their words. */
export const legendOf = (bars: readonly Bar[]): (readonly [Part, string])[] =>
  LEGEND.filter(([name]) => bars.some(({ parts }) => parts.some((part) => part.name === name)));
