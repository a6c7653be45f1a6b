import { correctionsOf, dueRecords, wantedOf } from '../db/queries/failed-records';
import { appendOutcomes } from '../db/queries/ledger';
import { lastCompleteRun, setReading, signatureOf } from '../db/queries/record-index';
import {
  analyzeStaging,
  type ExtractPart,
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
      const parts = await planned(deps, run, watch);
      const count = (records: number) => {
        heartbeat.staged += records;
      };
      const correct = (records: readonly SourceRecord[]) => corrected(deps, run, records);
      const waitUntil = await readParts(deps, run, watch, parts, { sample: null, onStaged: count, correct });
      if (watch.shouldStop()) return { stopped: true };
      if (waitUntil) return { stopped: false, waitUntil };
      await analyzeStaging(deps.sql, run.execution.stagedOn, 'staged_records');
      await tellWhatIsGone(deps, run, parts);
      return { stopped: false };
    });
  },
});

/** The parts of the reading; the first attempt decides which records those are. */
async function planned(deps: ActivityDeps, run: Run, watch: Watch): Promise<ExtractPart[]> {
  const { sql } = deps;
  const { executionId } = run.attempt;
  const known = await listParts(sql, executionId);
  if (known.length > 0) return known;
  const { origin, wanted } = await wantedOf(sql, executionId);
  const ids = (await dueRecords(sql, origin, wanted)).map(({ sourceId }) => sourceId);
  const parts: NewPart[] = [];
  for (let from = 0; from < ids.length; from += IDS_OF_PART) {
    const sourceIds = ids.slice(from, from + IDS_OF_PART);
    for (const cursor of await run.source.planRead(requestOf(run, { sourceIds }), watch.readSignal)) {
      parts.push({ part: parts.length, cursor, sourceIds });
    }
  }
  await keepIndex(deps, run);
  await saveParts(sql, run.attempt, parts);
  return listParts(sql, executionId);
}

/** Where the sync keeps an index that was made by the present rules, what is read again is learnt there. */
async function keepIndex({ sql, keyHashes }: ActivityDeps, run: Run): Promise<void> {
  if (!keepsIndex(run)) return;
  const signature = signatureOf(decidingParts(run.definition, run.timeZone), keyHashes.id);
  const last = await lastCompleteRun(sql, run.execution.syncId);
  if (last?.signature !== signature) return;
  await setReading(sql, run.attempt, { changedSince: null, readsAllBecause: null, signature });
}

/** Puts what a person has corrected in place of what was read. */
async function corrected({ sql }: ActivityDeps, run: Run, records: readonly SourceRecord[]): Promise<SourceRecord[]> {
  const ids = records.map(({ sourceId }) => sourceId);
  const corrections = await correctionsOf(sql, run.attempt.executionId, ids);
  return records.map((record) => {
    const cells = corrections.get(record.sourceId);
    if (cells === undefined) return record;
    const values = JSON.parse(cells) as Values; // checked by the API that stored it
    return {
      ...record,
      values: record.values.map((value, index) => {
        const field = run.readRequest.fields[index] ?? '';
        return field in values ? (values[field] ?? null) : value;
      }),
    };
  });
}

/** What was asked for and did not come has been deleted in the source: it is told, and not tried again. */
async function tellWhatIsGone({ sql }: ActivityDeps, run: Run, parts: readonly ExtractPart[]): Promise<void> {
  const asked = parts.flatMap(({ sourceIds }) => sourceIds ?? []);
  const keyed = asked.map((sourceId) => ({ sourceId, sortKey: sortKey(run.sourceObject.idOrder, sourceId) }));
  const gone = await unstagedOf(sql, run.attempt, keyed);
  const outcomes = gone.map((record) =>
    outcomeOf({ ...record, matchKey: null }, 'skipped', { reason: 'deletedInSource', message: GONE }),
  );
  await sql.begin((tx) => appendOutcomes(tx, run.attempt, outcomes, { read: outcomes.length }));
}

const GONE = 'The source does not have the record any more, or does not show it.';
