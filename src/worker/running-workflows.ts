import { parseWorkflowId } from '../../workflows/messages';
import type { RunningWorkflow, TemporalEngine } from '../engine/temporal-engine';

/** All that runs is listed again after so many looks: what a look has missed, for whatever reason, is not missed for ever. */
const LIST_ALL_EVERY = 200;
/** What happened so long before the latest that was seen is asked for again: it comes to be listed late, and in no order. */
const OVERLAP_MS = 60_000;

type Engine = Pick<TemporalEngine, 'isSearchable' | 'running' | 'closedSyncs'>;

/**
 * Which workflows run. Thousands of syncs that sleep until their next run are listed once: after that a look asks for what is awake or was
 * started since, and for the workflows of syncs that have closed since.
 */
export class RunningWorkflows {
  private known = new Map<string, RunningWorkflow>();
  private looksLeft = 0;
  /** The latest start or end that was listed, by Temporal's clock, and when it was seen by ours that is never set; null before. */
  private latest: { moment: number; seenAt: number } | null = null;
  private endsSeen: ReadonlySet<string> = new Set();

  constructor(private readonly engine: Engine) {}

  /** @returns what runs, by the ids of the workflows; what has begun a moment ago may be missing */
  async look(): Promise<ReadonlyMap<string, RunningWorkflow>> {
    const { engine } = this;
    const present = this.leastPresent();
    const listAll = present === null || this.looksLeft === 0 || !(await engine.isSearchable());
    const since = listAll ? null : new Date(present - OVERLAP_MS).toISOString();
    const listed = await engine.running(since);
    // later than that: what has ended meanwhile does not run
    const ended = await this.newlyEnded(since);
    for (const { startedAt } of listed.values()) this.noteMoment(startedAt);
    const next = new Map<string, RunningWorkflow>(listed);
    if (!listAll) for (const workflowId of this.asleep(next)) next.set(workflowId, this.asleepAs(workflowId));
    for (const workflowId of ended) next.delete(workflowId);
    this.known = next;
    this.looksLeft = listAll ? LIST_ALL_EVERY : this.looksLeft - 1;
    return next;
  }

  /** A workflow has been looked at by itself, and it runs. */
  remember(workflowId: string, workflow: RunningWorkflow): void {
    this.known.set(workflowId, workflow);
  }

  /** Syncs that are known and not among those awake: they sleep, unless they have ended. An execution never sleeps. */
  private asleep(awake: ReadonlyMap<string, RunningWorkflow>): string[] {
    return [...this.known.keys()].filter((id) => !awake.has(id) && parseWorkflowId(id)?.number === null);
  }

  private asleepAs(workflowId: string): RunningWorkflow {
    return { activation: this.known.get(workflowId)?.activation ?? null, phase: 'sleeping' };
  }

  private async newlyEnded(since: string | null): Promise<string[]> {
    const ends = await this.engine.closedSyncs(since);
    const before = this.endsSeen;
    this.endsSeen = new Set(ends.map(({ runId }) => runId));
    for (const { closedAt } of ends) this.noteMoment(closedAt);
    return ends.filter(({ runId }) => !before.has(runId)).map(({ workflowId }) => workflowId);
  }

  /** What Temporal's clock shows at least; null where nothing is known of it. */
  private leastPresent(): number | null {
    return this.latest && this.latest.moment + performance.now() - this.latest.seenAt;
  }

  private noteMoment(iso: string): void {
    const moment = Date.parse(iso);
    if (moment > (this.leastPresent() ?? 0)) this.latest = { moment, seenAt: performance.now() };
  }
}
