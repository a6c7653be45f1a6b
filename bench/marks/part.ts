import { loadavg } from 'node:os';
import { z } from 'zod';
import { type Diary, resultBase } from '../diary';
import { Everything } from '../everything';
import { freePorts } from '../free-ports';
import { Ours } from '../peers/ours';
import { type Source, Vendors } from '../peers/vendors';
import { unlessStopped } from '../stopping';
import type { Mark } from './mark';

const figures = z.record(z.string(), z.number());
/** What a run came to, by the names that marks have for it. */
export type Figures = z.infer<typeof figures>;

/** What one run of one part came to. */
export const resultSchema = resultBase.extend({
  figures: figures.optional(),
  /** Calls by end point, and whatever else explains a figure. */
  details: figures.optional(),
});
export type Result = z.infer<typeof resultSchema>;

/** A group of figures that are measured together. */
export interface Part {
  /** By which `--only` names it. */
  name: string;
  marks: readonly Mark[];
  /** Forgets what is kept of it elsewhere than among the results of parts. */
  forget?(): void;
  /** Measures all runs that are due. */
  measure(session: Session): Promise<void>;
}

/** What a part measures with. */
export interface Bench {
  everything: Everything;
  vendors: Vendors;
  ours: Ours;
}

/** The runs of a part that are due, and where their results go. */
export class Session {
  constructor(
    private readonly name: string,
    /** As many as the largest marks are about, unless fewer are wanted. */
    readonly records: number,
    readonly due: readonly number[],
    private readonly diary: Diary<Result>,
    readonly stopped: AbortSignal,
  ) {}

  /** So many of a million, where fewer than a million are wanted accordingly fewer. */
  scaled(ofMillion: number): number {
    return Math.max(1, Math.round((this.records * ofMillion) / 1_000_000));
  }

  /** Starts everything, with so many people in the sources, works with it and stops it. */
  async withPeople(people: number, sources: readonly Source[], work: (bench: Bench) => Promise<void>): Promise<void> {
    const filled = async (everything: Everything) => {
      console.log(`${this.name}: filling the sandbox with ${people} people`);
      const vendors = await Vendors.fill(everything, people, sources);
      await work({ everything, vendors, ours: new Ours(everything, vendors) });
    };
    await Everything.with(0, (everything) => unlessStopped(filled(everything), this.stopped), await freePorts());
  }

  /** Measures one run after the other, and keeps what each comes to. What fails is a result too. */
  async eachRun(measure: (run: number) => Promise<Pick<Result, 'figures' | 'details'>>): Promise<void> {
    for (const run of this.due) {
      const load = loadavg()[0] ?? 0;
      const result = await measure(run).catch((error: unknown) => ({
        error: error instanceof Error ? error.message : String(error),
      }));
      this.stopped.throwIfAborted(); // what fails because everything ends is no result
      this.diary.add({ records: this.records, run, name: this.name, load, ...result });
      console.log(`${this.name}, run ${run}: ${JSON.stringify(result)}; load of the machine: ${load.toFixed(1)}`);
    }
  }
}
