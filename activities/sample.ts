import type { ExtractPart } from '../db/queries/staging';
import type { Page } from '../src/connectors/connector';
import type { Sampling } from '../src/domain/preview';

/** How much of a source is read for a preview: everything of a small one, and no more than a sample of a large one. */
export class Sample {
  private readonly parts: Map<number, { records: number; total: number | null }>;

  /** @param parts as earlier attempts have left them */
  constructor(
    private readonly sampling: Sampling,
    parts: readonly ExtractPart[],
  ) {
    this.parts = new Map(parts.map(({ part, records, total }) => [part, { records, total }]));
  }

  /** Records that a sample has. */
  get records(): number {
    return this.sampling.records;
  }

  /** Counts a page that is about to be staged. */
  take(part: number, page: Pick<Page, 'records' | 'total'>): void {
    const present = this.parts.get(part);
    this.parts.set(part, {
      records: (present?.records ?? 0) + page.records.length,
      total: page.total ?? present?.total ?? null,
    });
  }

  /** The source is known to hold more than is read as a whole, and enough has been read for a sample. */
  isEnough(): boolean {
    const parts = [...this.parts.values()];
    const read = parts.reduce((sum, { records }) => sum + records, 0);
    const known = parts.reduce((sum, { records, total }) => sum + Math.max(records, total ?? 0), 0);
    return known > this.sampling.above && read >= this.sampling.records;
  }
}
