import {
  ActivityFailure,
  CancellationScope,
  condition,
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { PreviewEnd } from '../activities/preview-report';
import type { PhaseResult } from '../activities/run';
import { PREVIEW_PHASES, type PreviewPhase } from '../src/domain/preview';
import { heartbeatTimeout, longOptions, shortOptions } from './activity-options';
import { type PreviewInput, previewProgress, stopPreview } from './messages';
import { phaseAttributes, syncOutcomeKey, syncPhaseKey } from './search-attributes';
import { countsTable, PREVIEW_LABELS, progressDetails, summary } from './summary';

/** Somebody waits for it: what does not come right within a few minutes is told, and can be asked for again. */
const MOST_ATTEMPTS = 15;

const phaseOptions = (text: string) => longOptions(text, '1 day', MOST_ATTEMPTS);

const { extract } = proxyActivities<Activities>(phaseOptions('Read the source and stage what it gives'));
const { filter } = proxyActivities<Activities>(phaseOptions('Apply what the source could not evaluate of the filter'));
const { dedupe } = proxyActivities<Activities>(phaseOptions('Apply the duplicate rule'));
const { map } = proxyActivities<Activities>(phaseOptions('Map source fields to destination fields'));
const { plan } = proxyActivities<Activities>(phaseOptions('Look up, and decide what a run would do'));
const { reportPreview } = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', backoffCoefficient: 1, maximumAttempts: MOST_ATTEMPTS },
  summary: 'Gather what was found, and complete the preview',
});
const { endPreview } = proxyActivities<Activities>(shortOptions('End the preview', '1 minute'));
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 seconds', retry: { maximumAttempts: 3 } });

const FIRST_REFRESH_MS = 3_000;
const SLOWEST_REFRESH_MS = 600_000;

/** A preview of a sync: what a run does up to its load, in whose place it plans. It writes nothing to any system. */
export async function preview(input: PreviewInput): Promise<PreviewEnd> {
  const run = new PreviewRun(input);
  setHandler(stopPreview, () => run.stop(), { description: 'End the preview' });
  setHandler(previewProgress, () => ({ phase: run.phase }), { description: 'The present phase' });
  const end = await run.toItsEnd();
  setCurrentDetails(`**${end.state}**\n\n${countsTable(end.counts, PREVIEW_LABELS)}`);
  upsertMemo({ state: end.state, ...end.counts });
  if (input.searchable) {
    upsertSearchAttributes([
      { key: syncPhaseKey, value: 'done' },
      { key: syncOutcomeKey, value: end.state },
    ]);
  }
  return end;
}

class PreviewRun {
  phase: PreviewPhase | null = null;
  private isStopped = false;
  private isOver = false;
  private readonly scope = new CancellationScope();

  constructor(private readonly input: PreviewInput) {}

  /** The activity notices the wish by itself; the scope is for one that waits for its next attempt, and for sleeps. */
  stop(): void {
    this.isStopped = true;
    this.scope.cancel();
  }

  async toItsEnd(): Promise<PreviewEnd> {
    const { executionId } = this.input;
    const refreshing = this.refreshDetails();
    try {
      return await this.scope.run(() => this.throughPhases());
    } catch (error) {
      return await CancellationScope.nonCancellable(() => {
        if (isCancellation(error)) return endPreview({ executionId, state: 'cancelled', problem: null });
        const failure = error instanceof ActivityFailure ? error.cause : error;
        const problem = failure instanceof Error ? failure.message : String(failure);
        return endPreview({ executionId, state: 'failed', problem });
      });
    } finally {
      this.isOver = true;
      await refreshing;
    }
  }

  private async throughPhases(): Promise<PreviewEnd> {
    const { executionId } = this.input;
    for (const phase of PREVIEW_PHASES) {
      this.phase = phase;
      if (this.input.searchable) upsertSearchAttributes(phaseAttributes(phase));
      if (!(await this.throughPhase(phase))) return endPreview({ executionId, state: 'cancelled', problem: null });
    }
    return reportPreview({ executionId });
  }

  /** Repeats a phase until it is through. @returns false when it was stopped by a wish that the database holds */
  private async throughPhase(phase: PreviewPhase): Promise<boolean> {
    for (;;) {
      const { stopped, wish, waitUntil } = await this.attempt(phase);
      if (wish || this.isStopped) return false;
      if (waitUntil) {
        const ms = Math.max(1_000, Date.parse(waitUntil) - Date.now());
        await sleep(ms, { summary: summary(`waiting for the vendor (until ${waitUntil})`) });
      } else if (!stopped) return true;
    }
  }

  private attempt(phase: PreviewPhase): Promise<PhaseResult> {
    const { executionId, sampling } = this.input;
    switch (phase) {
      case 'extract':
        return extract({ executionId, sampling });
      case 'filter':
        return filter({ executionId });
      case 'dedupe':
        return dedupe({ executionId });
      case 'map':
        return map({ executionId });
      case 'plan':
        return plan({ executionId });
    }
  }

  /** Shows the progress in the Web UI: often at first, ever less often later, so that the history stays short. */
  private async refreshDetails(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (let ms = FIRST_REFRESH_MS; ; ms = Math.min(ms * 2, SLOWEST_REFRESH_MS)) {
        await condition(() => this.isOver, ms, { summary: 'Refresh the progress shown here' });
        if (this.isOver) return;
        await this.refresh();
      }
    });
  }

  private async refresh(): Promise<void> {
    try {
      const snapshot = await local.readSnapshot({ executionId: this.input.executionId });
      if (!this.isOver) setCurrentDetails(progressDetails(snapshot, PREVIEW_LABELS));
    } catch (error) {
      // the phase meets the same trouble, and tells it
      log.info('the progress could not be read', { error });
    }
  }
}
