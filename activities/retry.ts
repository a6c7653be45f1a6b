import { correctionsOf, dueRecords, saveSourceCells, wantedOf } from '../db/queries/failed-records';
import { appendOutcomes } from '../db/queries/ledger';
import { lastCompleteRun, setReading, signatureOf } from '../db/queries/record-index';
import {
  analyzeStaging,
  type ExtractPart,
  lastPart,
  listParts,
  type NewPart,
  saveParts,
  unstagedOf,
} from '../db/queries/staging';
import type { SourceRecord } from '../src/connectors/connector';
import { decidingParts } from '../src/domain/changed-only';
import type { Values } from '../src/domain/object-description';
import { outcomeOf } from '../src/domain/outcome';
import { sortKey } from '../src/domain/source-order';
import { IDS_OF_PART, keepsIndex, requestOf } from './changed-only';
import { readParts } from './extract';
import { type ActivityDeps, openRun, type PhaseResult, type Run, type Watch, watched } from './run';

/** The first phase of a retry: it reads the failed records again, by their Ids. The phases after it are those of a run. */
export const retryActivities = (deps: ActivityDeps) => ({
  async extractFailed({ executionId }: { executionId: string }): Promise<PhaseResult> {
    const heartbeat = { phase: 'extract', staged: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const run = await openRun(deps, executionId, 'extract', watch.readSignal);
      await plan(deps, run, watch);
      if (watch.shouldStop()) return { stopped: true };
      const count = (records: number) => {
        heartbeat.staged += records;
      };
      const correct = (records: readonly SourceRecord[]) => corrected(deps, run, records);
      const waitUntil = await readParts(deps, run, watch, each(deps, executionId, watch), {
        sample: null,
        onStaged: count,
        correct,
      });
      if (watch.shouldStop()) return { stopped: true };
      if (waitUntil) return { stopped: false, waitUntil };
      await analyzeStaging(deps.sql, run.execution.stagedOn, 'staged_records');
      await tellWhatIsGone(deps, run);
      return { stopped: false };
    });
  },
});

/** Parts that are held in memory together: 10,000 records. */
const PARTS_AT_ONCE = 50;

/** The parts of the reading, some at a time. */
async function* each({ sql }: ActivityDeps, executionId: string, watch: Watch): AsyncGenerator<ExtractPart> {
  let parts = await listParts(sql, executionId, { limit: PARTS_AT_ONCE });
  while (parts.length > 0 && !watch.shouldStop()) {
    yield* parts;
    parts = await listParts(sql, executionId, { after: parts.at(-1)?.part ?? 0, limit: PARTS_AT_ONCE });
  }
}

/**
 * Plans the parts of the reading in source order, some at a time; a later attempt goes on behind the last one. Nothing else of the sync runs
 * meanwhile, so that what is due stays as it is but for what a person gives up.
 */
async function plan(deps: ActivityDeps, run: Run, watch: Watch): Promise<void> {
  const { sql } = deps;
  const { executionId } = run.attempt;
  const { originId, wanted } = await wantedOf(sql, executionId);
  const last = await lastPart(sql, executionId);
  if (!last) await keepIndex(deps, run);
  let part = last ? last.part + 1 : 0;
  const lastId = last?.sourceIds?.at(-1);
  let after = lastId === undefined ? null : sortKey(run.sourceObject.idOrder, lastId);
  while (!watch.shouldStop()) {
    const due = await dueRecords(sql, originId, wanted, after, PARTS_AT_ONCE * IDS_OF_PART);
    const end = due.at(-1);
    if (!end) return;
    after = end.sortKey;
    const parts: NewPart[] = [];
    for (let from = 0; from < due.length; from += IDS_OF_PART) {
      const sourceIds = due.slice(from, from + IDS_OF_PART).map(({ sourceId }) => sourceId);
      for (const cursor of await run.source.planRead(requestOf(run, { sourceIds }), watch.readSignal)) {
        parts.push({ part: part++, cursor, sourceIds });
      }
    }
    await saveParts(sql, run.attempt, parts);
  }
}

/** Where the sync keeps an index that was made by the present rules, what is read again is learnt there. */
async function keepIndex({ sql, keyHashes }: ActivityDeps, run: Run): Promise<void> {
  if (!keepsIndex(run)) return;
  const signature = signatureOf(decidingParts(run.definition, run.timeZone), keyHashes.id);
  const last = await lastCompleteRun(sql, run.execution.syncId);
  if (last?.signature !== signature) return;
  await setReading(sql, run.attempt, { changedSince: null, readsAllBecause: null, signature });
}

/** Puts what a person has corrected in place of what was read, and keeps that beside it. */
async function corrected({ sql }: ActivityDeps, run: Run, records: readonly SourceRecord[]): Promise<SourceRecord[]> {
  const ids = records.map(({ sourceId }) => sourceId);
  const corrections = await correctionsOf(sql, run.attempt.executionId, ids);
  const said = new Map<string, string>();
  const after = records.map((record) => {
    const cells = corrections.get(record.sourceId);
    if (cells === undefined) return record;
    const values = JSON.parse(cells) as Values; // checked by the API that stored it
    const before: Values = {};
    const corrected = record.values.map((value, index) => {
      const field = run.readRequest.fields[index] ?? '';
      if (!(field in values)) return value;
      before[field] = value;
      return values[field] ?? null;
    });
    said.set(record.sourceId, JSON.stringify(before));
    return { ...record, values: corrected };
  });
  await saveSourceCells(sql, run.attempt.executionId, said);
  return after;
}

/** What was asked for and did not come has been deleted in the source: it is told, and not tried again. */
async function tellWhatIsGone({ sql }: ActivityDeps, run: Run): Promise<void> {
  const { executionId } = run.attempt;
  let parts = await listParts(sql, executionId, { limit: PARTS_AT_ONCE });
  while (parts.length > 0) {
    // several parts may read the same records
    const asked = [...new Set(parts.flatMap(({ sourceIds }) => sourceIds ?? []))];
    const keyed = asked.map((sourceId) => ({ sourceId, sortKey: sortKey(run.sourceObject.idOrder, sourceId) }));
    const gone = (await unstagedOf(sql, run.attempt, keyed)).map((record) =>
      outcomeOf({ ...record, matchKey: null }, 'skipped', { reason: 'deletedInSource', message: GONE }),
    );
    if (gone.length > 0) await sql.begin((tx) => appendOutcomes(tx, run.attempt, gone, { read: gone.length }));
    parts = await listParts(sql, executionId, { after: parts.at(-1)?.part ?? 0, limit: PARTS_AT_ONCE });
  }
}

const GONE = 'The source does not have the record any more, or does not show it.';
