import { account } from '../db/queries/executions';
import { keepFirst } from '../db/queries/previews';
import {
  analyzeStaging,
  type ExtractPart,
  listParts,
  type StagedRow,
  saveParts,
  stagePage,
  totalOfParts,
} from '../db/queries/staging';
import type { Cursor, Page, SourceRecord } from '../src/connectors/connector';
import { matchKey } from '../src/domain/match-key';
import type { Sampling } from '../src/domain/preview';
import { sortKey } from '../src/domain/source-order';
import { decideReading, forgetWhatDidNotCome, keepsIndex, planReadAgain, requestOf } from './changed-only';
import { demandSpace } from './disk-space';
import { inParallel } from './in-parallel';
import { type ActivityDeps, earlierOf, openRun, type PhaseResult, pause, type Run, type Watch, watched } from './run';
import { Sample } from './sample';

/** Waits longer than this are slept by the workflow, so that no worker is kept busy and a restart does not forget. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Reads the source and stages what it gives, page by page; started again, it goes on at the cursor of each part. A preview may take
 * a sample.
 */
export const extractActivities = (deps: ActivityDeps) => ({
  async extract({ executionId, sampling }: { executionId: string; sampling?: Sampling | null }): Promise<PhaseResult> {
    const heartbeat = { phase: 'extract', staged: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const { run, parts } = await opened(deps, executionId, watch);
      const sample = sampling ? new Sample(sampling, parts) : null;
      const read = (some: readonly ExtractPart[]) =>
        readParts(deps, run, watch, some, {
          sample,
          onStaged: (records) => {
            heartbeat.staged += records;
          },
        });
      const waitUntil = await read(parts);
      if (watch.shouldStop()) return { stopped: true };
      if (sample?.isEnough()) await keepFirst(deps.sql, run.attempt, sample.records);
      else if (waitUntil) return { stopped: false, waitUntil };
      await analyzeStaging(deps.sql, run.execution.stagedOn, 'staged_records');
      if (run.execution.changedSince === null) return { stopped: false };
      const again = await partsReadAgain(deps, run, watch, parts);
      const waitAgainUntil = await read(again);
      if (watch.shouldStop()) return { stopped: true };
      if (waitAgainUntil) return { stopped: false, waitUntil: waitAgainUntil };
      await forgetWhatDidNotCome(deps, run, again);
      return { stopped: false };
    });
  },
});

/** How a part is read. */
export interface Reading {
  /** The part of the records that is enough; null where all are wanted. */
  sample: Sample | null;
  onStaged(records: number): void;
  /** What is staged in place of the records that were read. */
  correct?(records: readonly SourceRecord[]): Promise<readonly SourceRecord[]>;
}

/** Reads parts side by side. @returns when to come back, if it is too early to go on with one of them */
export async function readParts(
  deps: ActivityDeps,
  run: Run,
  watch: Watch,
  parts: Iterable<ExtractPart> | AsyncIterable<ExtractPart>,
  reading: Reading,
): Promise<string | undefined> {
  let waitUntil: string | undefined;
  await inParallel(parts, run.source.limits.partsAtOnce, async (part) => {
    const wait = await readPart(deps, run, watch, part, reading);
    waitUntil = earlierOf(waitUntil, wait);
  });
  return waitUntil;
}

/** Opens a run with the parts that it reads; the first attempt decides what that is. */
async function opened(
  deps: ActivityDeps,
  executionId: string,
  watch: Watch,
): Promise<{ run: Run; parts: ExtractPart[] }> {
  let run = await openRun(deps, executionId, 'extract', watch.readSignal);
  const known = await listParts(deps.sql, executionId);
  if (known.length > 0) return { run, parts: known };
  if (await decideReading(deps, run, watch)) run = await openRun(deps, executionId, 'extract', watch.readSignal, false);
  const cursors = await run.source.planRead(run.readRequest, watch.readSignal);
  await saveParts(
    deps.sql,
    run.attempt,
    cursors.map((cursor, part) => ({ part, cursor, sourceIds: null })),
  );
  return { run, parts: await listParts(deps.sql, executionId) };
}

/** The parts that read records by their Ids, planned when all that changed has been read. */
async function partsReadAgain(
  deps: ActivityDeps,
  run: Run,
  watch: Watch,
  known: readonly ExtractPart[],
): Promise<ExtractPart[]> {
  const readAgain = (parts: readonly ExtractPart[]) => parts.filter(({ sourceIds }) => sourceIds !== null);
  if (readAgain(known).length > 0) return readAgain(known);
  await planReadAgain(deps, run, watch, known);
  return readAgain(await listParts(deps.sql, run.attempt.executionId));
}

/** Reads one part to its end, the next page while the last one is being stored. @returns when to come back, if it is too early to go on */
async function readPart(
  deps: ActivityDeps,
  run: Run,
  watch: Watch,
  part: ExtractPart,
  { sample, onStaged, correct = async (records) => records }: Reading,
): Promise<string | undefined> {
  const request = requestOf(run, part);
  const keyHashes = keepsIndex(run) ? deps.keyHashes : null;
  const read = (cursor: Cursor): Promise<Page> => {
    const page = run.source.readPage(request, cursor, watch.readSignal);
    // its error is met when it is awaited; until then, or where a stop comes before, it must not count as unhandled
    page.catch(() => undefined);
    return page;
  };
  let staged = part.records;
  let coming: Promise<Page> | null = part.cursor && !sample?.isEnough() ? read(part.cursor) : null;
  while (coming && !watch.shouldStop()) {
    const page: Page = await coming;
    const waitMs = page.waitMs ?? 0;
    sample?.take(part.part, page);
    coming = page.next && waitMs === 0 && !sample?.isEnough() ? read(page.next) : null;
    const rows = (await correct(page.records)).map((record) => toRow(run, record, keyHashes));
    await demandSpace(deps, { bodies: rows.map(({ body }) => body), total: page.total }, staged);
    staged += page.records.length;
    await stagePage(deps.sql, run.attempt, part.part, {
      rows,
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

function toRow(run: Run, record: SourceRecord, keyHashes: ActivityDeps['keyHashes'] | null): StagedRow {
  const key = matchKey(record.values[run.match.position] ?? null, run.match.destination);
  return {
    sortKey: sortKey(run.sourceObject.idOrder, record.sourceId),
    sourceId: record.sourceId,
    matchKey: key,
    keyHash: key === null || !keyHashes ? null : keyHashes.of(run.execution.syncId, key),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    body: JSON.stringify(record.values),
  };
}
