import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation';
import { add, type Records } from './records';

const LOOK_EVERY_MS = 500;
/** So many looks long a run may take to notice that its quota is back. */
const LOOKS_AFTER_LIFT = 6;
/** Somebody who is called so often would call it broken. */
const MOST_RESUMES = 25;

interface ShownSync {
  status: string;
  lastExecution: { problem: string | null } | null;
}

/**
 * A person who watches a sync by the API alone, and resumes it when it needs attention. A quota that is used up would be asked for again
 * after minutes or at midnight: that moment is brought about at once, and a pause that is taken back ends the wait of the workflow.
 */
export class Operator {
  private isOver = false;
  private resumes = 0;
  private lifts = 0;
  /** Looks that are still left to a run whose quota is back. */
  private patience = 0;
  private readonly watching: Promise<void>;

  constructor(
    private readonly installation: Installation,
    private readonly syncId: string,
    private readonly bringAboutProbes: () => Promise<void>,
    private readonly records: Records,
  ) {
    this.watching = this.watch();
    // told to whoever waits for it
    this.watching.catch(() => undefined);
  }

  /** Resolves when the sync has come to its end. @throws when it does not get there */
  async whenCompleted(): Promise<void> {
    await this.watching;
  }

  stop(): void {
    this.isOver = true;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const sync = await this.installation.tryToCall<ShownSync>('GET', `/syncs/${this.syncId}`);
      if (sync && (await this.look(sync))) return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** @returns whether the sync has ended */
  private async look({ status, lastExecution }: ShownSync): Promise<boolean> {
    if (status === 'completed') return true;
    if (status !== 'active' && status !== 'needsAttention') throw new Error(`The sync is ${status}.`);
    const problem = lastExecution?.problem ?? null;
    if (status === 'needsAttention') await this.goOn(problem ?? 'no reason was given');
    else if (problem === null || !/quota|used up/i.test(problem)) this.patience = 0;
    else if (this.patience > 0) this.patience -= 1;
    else await this.liftQuota(problem);
    return false;
  }

  private async goOn(problem: string): Promise<void> {
    this.resumes += 1;
    add(this.records.resumes, shortened(problem), 1);
    if (this.resumes > MOST_RESUMES) throw new Error(`The sync needs a person again and again: ${problem}`);
    await this.ask('resume');
  }

  private async liftQuota(problem: string): Promise<void> {
    this.lifts += 1;
    try {
      await this.bringAboutProbes();
    } catch {
      return; // the database is away: the next look tries again
    }
    await this.ask('pause');
    await this.goOn(problem);
    this.patience = LOOKS_AFTER_LIFT;
  }

  private async ask(control: 'pause' | 'resume'): Promise<void> {
    const key = `${control} ${this.syncId} ${this.resumes} ${this.lifts}`;
    await this.installation.call('POST', `/syncs/${this.syncId}/${control}`, { key });
  }
}

const MOST_SHOWN = 70;
/** Moments and numbers make no other kind of problem. */
const shortened = (problem: string): string => problem.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, '…').slice(0, MOST_SHOWN);
