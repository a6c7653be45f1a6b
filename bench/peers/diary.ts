import { z } from 'zod';
import { resultBase } from '../diary';
import { median } from '../measure';

/** What one run of one peer came to. */
export const resultSchema = resultBase.extend({
  seconds: z.number().optional(),
  /** Of these, Sync's reading of the source: to be held against tools that do nothing else. */
  extractSeconds: z.number().optional(),
  /** Of the processor: all processes of the tool; of Sync by part. */
  cpuSeconds: z.number().optional(),
  cpuParts: z.record(z.string(), z.number()).optional(),
  sandboxCpuSeconds: z.number().optional(),
  /** Of the largest process. */
  peakMb: z.number().optional(),
  calls: z.number().optional(),
  wrong: z.number().optional(),
  missing: z.number().optional(),
  doubled: z.number().optional(),
  /** Which values are wrong. */
  remark: z.string().optional(),
});
export type Result = z.infer<typeof resultSchema>;

const HEADINGS = [
  'tool',
  'job',
  'records/s',
  'seconds',
  'CPU s',
  'CPU µs a record',
  "sandbox's CPU s",
  'peak MB',
  'calls',
  'wrong',
  'missing',
  'double',
  'remark',
] as const;
const MICRO = 1e6;

/** One line of the table: the medians of a peer's runs; those that failed are told. */
export function lineOf({ tool, job }: { tool: string; job: string }, runs: readonly Result[]): string[] {
  const done = runs.filter(({ error }) => error === undefined);
  const error = runs.find((one) => one.error !== undefined)?.error;
  const middle = (value: (run: Result) => number | undefined): number | undefined =>
    median(done.flatMap((run) => value(run) ?? []));
  const records = runs[0]?.records ?? 0;
  const seconds = middle((run) => run.seconds);
  const cpu = middle((run) => run.cpuSeconds);
  const remarks = [
    done.length === runs.length ? '' : `${runs.length - done.length} of ${runs.length} runs failed: ${error}`,
    partsText(done),
    textOf(
      'reading',
      middle((run) => run.extractSeconds),
    ),
    done.find(({ remark }) => remark)?.remark ?? '',
  ];
  return [
    tool,
    job,
    number(seconds && Math.round(records / seconds)),
    fixed(seconds),
    fixed(cpu),
    number(cpu && Math.round((cpu * MICRO) / records)),
    fixed(middle((run) => run.sandboxCpuSeconds)),
    number(middle((run) => run.peakMb)),
    number(middle((run) => run.calls)),
    number(middle((run) => run.wrong)),
    number(middle((run) => run.missing)),
    number(middle((run) => run.doubled)),
    remarks.filter(Boolean).join('; '),
  ];
}

/** Of which parts the processor time of Sync is made. */
function partsText(runs: readonly Result[]): string {
  const parts = Object.keys(runs[0]?.cpuParts ?? {});
  const spent = (part: string) => fixed(median(runs.map(({ cpuParts }) => cpuParts?.[part] ?? 0)));
  return parts.length === 0 ? '' : `CPU: ${parts.map((part) => `${part} ${spent(part)}`).join(', ')}`;
}

const textOf = (what: string, seconds: number | undefined): string =>
  seconds === undefined ? '' : `${what} ${fixed(seconds)} s`;

/** A Markdown table of such lines. */
export function tableOf(lines: readonly string[][]): string {
  const rows = [
    [...HEADINGS],
    HEADINGS.map(() => '---'),
    ...lines.map((line) => line.map((cell) => cell.replace(/[|\s]+/g, ' '))),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const number = (value: number | undefined): string => value?.toLocaleString('en') ?? '';
const fixed = (value: number | undefined): string => value?.toFixed(1) ?? '';
