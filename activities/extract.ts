import { account } from '../db/queries/executions';
import { keepFirst, readExtent } from '../db/queries/previews';
import {
  analyzeStaging,
  type ExtractPart,
  readParts,
  type StagedRow,
  saveParts,
  stagePage,
  totalOfParts,
} from '../db/queries/staging';
import type { Cursor, Page, SourceRecord } from '../src/connectors/connector';
import { matchKey } from '../src/domain/match-key';
import type { Sampling } from '../src/domain/preview';
import { sortKey } from '../src/domain/source-order';
import { inParallel } from './in-parallel';
import { type ActivityDeps, openRun, type PhaseResult, pause, type Run, type Watch, watched } from './run';
import { Sample } from './sample';

/** Waits longer than this are slept by the workflow, so that no worker is kept busy and a restart does not forget. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Reads the source and stages what it gives, page by page; started again, it goes on at the cursor of each part. A preview may take
 * a sample.
 */
export const extractActivities = (deps: ActivityDeps) => ({
  async extract({ executionId, sampling }: { executionId: string; sampling?: Sampling | null }): Promise<PhaseResult> {
    let staged = 0;
    return watched(
      deps,
      executionId,
      () => ({ phase: 'extract', staged }),
      async (watch) => {
        const run = await openRun(deps, executionId, 'extract', watch.readSignal);
        const parts = await plannedParts(deps, run, watch);
        const sample = sampling ? new Sample(sampling, parts) : null;
        let waitUntil: string | undefined;
        await inParallel(
          parts.filter((part) => part.cursor !== null),
          run.source.limits.partsAtOnce,
          async (part) => {
            const wait = await readPart(deps, run, watch, part, sample, (records) => {
              staged += records;
            });
            if (wait && (!waitUntil || wait < waitUntil)) waitUntil = wait;
          },
        );
        if (watch.shouldStop()) return { stopped: true };
        if (sample?.isEnough()) await cut(deps, run, sample);
        else if (waitUntil) return { stopped: false, waitUntil };
        await analyzeStaging(deps.sql, run.execution.stagedOn, 'staged_records');
        return { stopped: false };
      },
    );
  },
});

/** Where not everything has been read, only the sample is kept. */
async function cut({ sql }: ActivityDeps, { attempt }: Run, { records }: Sample): Promise<void> {
  const { isWhole } = await readExtent(sql, attempt.executionId);
  if (!isWhole) await keepFirst(sql, attempt, records);
}

async function plannedParts(deps: ActivityDeps, run: Run, watch: Watch): Promise<ExtractPart[]> {
  const { executionId } = run.attempt;
  const known = await readParts(deps.sql, executionId);
  if (known.length > 0) return known;
  await saveParts(deps.sql, executionId, await run.source.planRead(run.readRequest, watch.readSignal));
  return readParts(deps.sql, executionId);
}

/** Reads one part to its end, the next page while the last one is being stored. @returns when to come back, if it is too early to go on */
async function readPart(
  deps: ActivityDeps,
  run: Run,
  watch: Watch,
  part: ExtractPart,
  sample: Sample | null,
  onStaged: (records: number) => void,
): Promise<string | undefined> {
  const read = (cursor: Cursor) => run.source.readPage(run.readRequest, cursor, watch.readSignal);
  let coming: Promise<Page> | null = part.cursor && !sample?.isEnough() ? read(part.cursor) : null;
  while (coming && !watch.shouldStop()) {
    const page: Page = await coming;
    const waitMs = page.waitMs ?? 0;
    sample?.take(part.part, page);
    coming = page.next && waitMs === 0 && !sample?.isEnough() ? read(page.next) : null;
    // its error is met when it is awaited; until then it must not count as unhandled
    coming?.catch(() => undefined);
    await stagePage(deps.sql, run.attempt, part.part, {
      rows: page.records.map((record) => toRow(run, record)),
      next: page.next,
      total: page.total ?? null,
    });
    onStaged(page.records.length);
    if (page.total !== undefined)
      await account(deps.sql, run.attempt, { total: await totalOfParts(deps.sql, run.attempt.executionId) });
    if (waitMs > LONGEST_WAIT_MS) return new Date(Date.parse(deps.now()) + waitMs).toISOString();
    if (waitMs > 0 && page.next && !sample?.isEnough()) {
      await pause(waitMs, watch.readSignal);
      coming = read(page.next);
    }
  }
  return undefined;
}

function toRow(run: Run, record: SourceRecord): StagedRow {
  return {
    sortKey: sortKey(run.sourceObject.idOrder, record.sourceId),
    sourceId: record.sourceId,
    matchKey: matchKey(record.values[run.match.position] ?? null, run.match.destination),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    body: JSON.stringify(record.values),
  };
}
