import { account, saveCursor } from '../db/queries/executions';
import { appendOutcomes } from '../db/queries/ledger';
import { addPlanned, type PlannedValues, plannedBefore, stagedBodies } from '../db/queries/previews';
import { analyzeStaging, type MappedRow, mappedAfter, mappedExtent } from '../db/queries/staging';
import { afterPlanned, ID_TO_COME } from '../src/domain/foreseen';
import type { MappingRefusal } from '../src/domain/mapping';
import type { Value, Values } from '../src/domain/object-description';
import { type Outcome, outcomeOf } from '../src/domain/outcome';
import { windowRows } from './load';
import { endWithoutSending } from './load-batch';
import { type Decisions, decideAll, toCandidate } from './load-plan';
import { inMappingOrder } from './map';
import { type ActivityDeps, openRun, type PhaseResult, type Run, type Watch, watched } from './run';

/**
 * Takes the place of the load in a preview: decides for each mapped record what a run would do, by the same windows, rounds and rules,
 * and stores that. Nothing is sent. Started again, it goes on behind the last window.
 */
export const planActivities = (deps: ActivityDeps) => ({
  async plan({ executionId }: { executionId: string }): Promise<PhaseResult> {
    const heartbeat = { phase: 'plan', planned: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const run = await openRun(deps, executionId, 'plan', watch.readSignal);
      const { execution, attempt } = run;
      await analyzeStaging(deps.sql, execution.stagedOn, 'mapped_records');
      const { records, rounds } = await mappedExtent(deps.sql, execution);
      await account(deps.sql, attempt, { total: records });
      let cursor = execution.loadCursor;
      for (let round = execution.loadRound; round <= rounds; round += 1) {
        for (;;) {
          if (watch.shouldStop()) return { stopped: true };
          const rows = await mappedAfter(deps.sql, execution, round, cursor, windowRows(run.destination.limits));
          const last = rows.at(-1);
          if (!last) break;
          await planWindow(deps, run, watch, rows, { round, cursor: last.sortKey });
          cursor = last.sortKey;
          heartbeat.planned += rows.length;
        }
        cursor = null;
        await saveCursor(deps.sql, attempt, { load: { round: round + 1, cursor: null } });
      }
      await analyzeStaging(deps.sql, execution.stagedOn, 'planned_records');
      return { stopped: false };
    });
  },
});

/** Decides and stores a window, all in one transaction with the place that it ends at. */
async function planWindow(
  deps: ActivityDeps,
  run: Run,
  watch: Watch,
  rows: readonly MappedRow[],
  place: { round: number; cursor: string },
): Promise<void> {
  const earlier = await earlierWrites(deps, run, rows, place.round);
  const decisions = await decideAll(deps, run, watch, rows.map(toCandidate), ({ matchKey }, found) =>
    matchKey === null ? found : afterPlanned(found, earlier.get(matchKey) ?? []),
  );
  const warnings = await warningsOf(deps, run, decisions);
  const { outcomes, values } = foreseen(run, decisions, place.round, warnings);
  await deps.sql.begin(async (tx) => {
    await addPlanned(tx, run.attempt, values);
    await saveCursor(tx, run.attempt, { load: place });
    await appendOutcomes(tx, run.attempt, outcomes, { progress: outcomes.length });
  });
}

/** What earlier rounds would have written under the keys of a window, by key and in their order. */
async function earlierWrites(
  { sql }: ActivityDeps,
  { execution }: Run,
  rows: readonly MappedRow[],
  round: number,
): Promise<Map<string, Values[]>> {
  const earlier = new Map<string, Values[]>();
  if (round === 1) return earlier;
  const keys = rows.flatMap(({ matchKey }) => (matchKey === null ? [] : [matchKey]));
  for (const { matchKey, after } of await plannedBefore(sql, execution, round, keys)) {
    earlier.set(matchKey, [...(earlier.get(matchKey) ?? []), JSON.parse(after) as Values]); // written by `foreseen`
  }
  return earlier;
}

/** What a record becomes that is written, if nothing comes in between. */
const PLANNED = { create: 'created', update: 'updated' } as const;

/** What would become of each record of a window, and the values of those that would be written. */
function foreseen(
  run: Run,
  decisions: Decisions,
  round: number,
  warnings: ReadonlyMap<string, MappingRefusal[]>,
): { outcomes: Outcome[]; values: PlannedValues[] } {
  const outcomes = [...decisions.outcomes];
  const values: PlannedValues[] = [];
  for (const operation of ['create', 'update'] as const) {
    const records = operation === 'create' ? decisions.creates : decisions.updates;
    const ends = endWithoutSending(run, operation, records);
    for (const [index, record] of records.entries()) {
      const end =
        ends[index] ??
        outcomeOf(record, PLANNED[operation], {
          destinationId: record.destinationId,
          message: record.note ?? null,
        });
      outcomes.push(end);
      if (end.outcome === 'failed') continue;
      const warned = warnings.get(record.sortKey);
      values.push({
        sortKey: record.sortKey,
        round,
        matchKey: record.matchKey,
        before: operation === 'create' ? null : JSON.stringify(record.previous ?? {}),
        after: JSON.stringify(record.values),
        warnings: warned ? JSON.stringify(warned) : null,
      });
    }
  }
  return { outcomes: outcomes.map(withoutIdToCome), values };
}

/** What an earlier round would create has no Id yet. */
const withoutIdToCome = (outcome: Outcome): Outcome =>
  outcome.destinationId === ID_TO_COME ? { ...outcome, destinationId: null } : outcome;

/**
 * What of the records to be written is probably not meant so. The values alone do not tell, and mapping is cheap, so the staged
 * records are mapped once more, without looking up anything.
 */
async function warningsOf(
  { sql }: ActivityDeps,
  run: Run,
  { creates, updates }: Decisions,
): Promise<Map<string, MappingRefusal[]>> {
  const warnings = new Map<string, MappingRefusal[]>();
  const isDoubtful = mayWarn(run);
  const doubtful = [...creates, ...updates].filter(({ note }) => isDoubtful || note);
  if (doubtful.length === 0) return warnings;
  const written = new Map(doubtful.map(({ sortKey, values }) => [sortKey, values]));
  for (const { sortKey, body } of await stagedBodies(sql, run.execution, [...written.keys()])) {
    // written by extract, in the order of the fields that were read
    const mapped = run.mappings.map(inMappingOrder(run, JSON.parse(body) as Value[]), () => ({ missing: true }));
    if (!('warnings' in mapped)) continue;
    const values = written.get(sortKey) ?? {};
    const own = mapped.warnings.filter(({ field }) => field in values);
    if (own.length > 0) warnings.set(sortKey, own);
  }
  return warnings;
}

/** Beside what has a note already, only a picklist that takes other values as well gives cause to warn. */
const mayWarn = ({ mappings, destinationObject }: Run): boolean =>
  destinationObject.fields.some(
    ({ name, restricted, picklistValues }) =>
      !restricted && picklistValues.length > 0 && mappings.destinationFields.includes(name),
  );
