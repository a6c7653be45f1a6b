import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What each result of a diary has. */
export const resultBase = z.object({
  records: z.number(),
  run: z.number(),
  name: z.string(),
  /** Of the machine, when the run began: what else is on it disturbs every time. */
  load: z.number(),
  /** Why it could not be run, or not to its end. */
  error: z.string().optional(),
});
type ResultBase = z.infer<typeof resultBase>;

/** Results so far, one a line in a file, so that a run that was stopped goes on. */
export class Diary<Result extends ResultBase> {
  #results: Result[];

  constructor(
    private readonly file: string,
    schema: z.ZodType<Result>,
  ) {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    this.#results = lines.filter(Boolean).map((line) => schema.parse(JSON.parse(line)));
  }

  /** Forgets what has one of these names, whatever its size. */
  forget(names: readonly string[]): void {
    this.#results = this.#results.filter(({ name }) => !names.includes(name));
    if (existsSync(this.file)) writeFileSync(this.file, this.#results.map(lineOf).join(''));
  }

  has({ records, run, name }: Pick<Result, 'records' | 'run' | 'name'>): boolean {
    return this.of(name, records).some((one) => one.run === run);
  }

  add(result: Result): void {
    this.#results.push(result);
    mkdirSync(dirname(this.file), { recursive: true });
    appendFileSync(this.file, lineOf(result));
  }

  /** All runs of a name over so many records. */
  of(name: string, records: number): Result[] {
    return this.#results.filter((one) => one.records === records && one.name === name);
  }
}

const lineOf = (result: unknown): string => `${JSON.stringify(result)}\n`;
