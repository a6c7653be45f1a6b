import type { Definition } from './definition';

/** The stop rule of a definition: `percent` of the last `of` records. */
export type FailureRule = NonNullable<Definition['stopAfterFailures']>;

/**
 * Watches what becomes of the records that are loaded, and tells when too many of the last ones have failed. Before so many have been
 * loaded as the rule looks at, it tells as soon as the rest could not make good what has failed.
 */
export class FailureWatch {
  /** Of the last records, in a ring: whether each has failed. */
  private readonly ring: boolean[] = [];
  private next = 0;
  private failedInRing = 0;
  /** Once broken, the rule stays broken, whatever comes back from what is under way. */
  private broken: string | undefined;

  constructor(private readonly rule: FailureRule | undefined) {}

  /** Notes some records that ended together. @param failed how many of them have failed */
  add(records: number, failed: number): void {
    if (!this.rule) return;
    for (let index = 0; index < records; index += 1) {
      this.addOne(index < failed, this.rule.of);
      this.broken ??= this.judge(this.rule);
    }
  }

  /** A text for people once the rule is broken, else undefined. */
  complaint(): string | undefined {
    return this.broken;
  }

  private judge({ percent, of }: FailureRule): string | undefined {
    if (this.failedInRing <= (percent / 100) * of) return undefined;
    return `${this.failedInRing} of the last ${this.ring.length} records failed, more than ${percent} % of ${of}. What has been loaded stays. Look at the failed records, mend what is wrong, then resume or cancel.`;
  }

  private addOne(failed: boolean, size: number): void {
    if (this.ring.length === size && this.ring[this.next]) this.failedInRing -= 1;
    this.ring[this.next] = failed;
    if (failed) this.failedInRing += 1;
    this.next = (this.next + 1) % size;
  }
}
