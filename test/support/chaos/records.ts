import { BLOWS, type Blow, MOMENTS, TARGETS } from './plan';

interface Times {
  count: number;
  /** Of those that nothing else came in between, in milliseconds. */
  alone: number[];
}

/** What has happened in all runs, to be told at their end. */
export class Records {
  /** Blows that have killed a worker. */
  kills = 0;
  /** How often a person had to resume, and why. */
  readonly resumes = new Map<string, number>();
  /** Attempts beyond the first, by activity. */
  readonly attempts = new Map<string, number>();
  readonly faults = new Map<string, number>();
  emptyJobs = 0;
  private readonly seeds = new Map<number, 'failed' | 'passed'>();
  private readonly blows = new Map<string, number>();
  private readonly recoveries = new Map<string, Times>();

  begin(seed: number): void {
    this.seeds.set(seed, 'failed'); // until it has passed
  }

  passed(seed: number): void {
    this.seeds.set(seed, 'passed');
  }

  get failures(): number[] {
    return [...this.seeds].flatMap(([seed, result]) => (result === 'failed' ? [seed] : []));
  }

  struck({ how, of }: Blow, phase: string | null): void {
    if (how === 'kill' && of.includes('worker')) this.kills += 1;
    add(this.blows, `${how} ${of} ${phase ?? 'outside of a phase'}`, 1);
  }

  recovered(of: string, ms: number, isAlone: boolean): void {
    const times = this.recoveries.get(of) ?? { count: 0, alone: [] };
    times.count += 1;
    if (isAlone) times.alone.push(ms);
    this.recoveries.set(of, times);
  }

  /** A table of what befell the runs, and how long they took to go on. */
  summary(): string {
    const phases = [...MOMENTS.filter((moment) => moment !== 'activation' && moment !== 'end'), 'outside of a phase'];
    const rows = BLOWS.flatMap((how) =>
      TARGETS.map((of) => [`${how} ${of}`, ...phases.map((phase) => this.blows.get(`${how} ${of} ${phase}`) ?? 0)]),
    ).filter(([, ...counts]) => counts.some((count) => Number(count) > 0));
    return [
      `${this.seeds.size} seeds, ${this.failures.length} failed${this.failures.length > 0 ? ` (seeds ${this.failures.join(', ')})` : ''}.`,
      table([['blow', ...phases], ...rows]),
      `Faults of the vendors: ${listed(this.faults)}.`,
      `Attempts after the first: ${listed(this.attempts)}.`,
      `Resumed by a person: ${listed(this.resumes)}.`,
      `Empty bulk jobs whose ids never arrived: ${this.emptyJobs}.`,
      ...[
        ['worker', 'From the death of a worker to the next progress, by the other one', 15],
        ['Temporal', "From Temporal's return to the next progress", 10],
        ['everything', 'From the return of everything to the next progress', 30],
        ['PostgreSQL', "From PostgreSQL's return to the next progress", 10],
      ].map(([of, text, mark]) => `${text}: ${this.times(String(of))} (mark ${mark} s).`),
    ].join('\n');
  }

  private times(of: string): string {
    const { count, alone } = this.recoveries.get(of) ?? { count: 0, alone: [] };
    if (alone.length === 0) return `not measured alone in ${count} cases`;
    const sorted = [...alone].sort((one, other) => one - other);
    const seconds = (ms: number | undefined) => ((ms ?? 0) / 1_000).toFixed(1);
    const middle = sorted[Math.floor(sorted.length / 2)];
    return `median ${seconds(middle)} s, longest ${seconds(sorted.at(-1))} s, ${alone.length} of ${count} cases with nothing in between`;
  }
}

/** Adds to the count of a kind. */
export function add(counts: Map<string, number>, kind: string, times: number): void {
  if (times > 0) counts.set(kind, (counts.get(kind) ?? 0) + times);
}

const listed = (counts: ReadonlyMap<string, number>): string =>
  counts.size === 0
    ? 'none'
    : [...counts]
        .sort()
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ');

function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => String(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
