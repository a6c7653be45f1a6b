import { enterPhase, saveCursor } from '../db/queries/executions';
import { appendOutcomes } from '../db/queries/ledger';
import { addMapped, type MappedRow, stagedAfter } from '../db/queries/staging';
import type { LookupAnswer } from '../src/domain/mapping';
import { matchKey } from '../src/domain/match-key';
import type { Value } from '../src/domain/object-description';
import type { Outcome } from '../src/domain/outcome';
import { inParallel } from './in-parallel';
import { type ActivityDeps, openRun, type PhaseResult, type Run, type Watch, watched } from './run';

const PAGE_ROWS = 5_000;

type StagedPage = Awaited<ReturnType<typeof stagedAfter>>;

/** Turns staged values into what is to be written; started again, it goes on behind the last page. */
export const mapActivities = (deps: ActivityDeps) => ({
  async map({ executionId }: { executionId: string }): Promise<PhaseResult> {
    let mapped = 0;
    return watched(
      deps,
      executionId,
      () => ({ phase: 'map', mapped }),
      async (watch) => {
        await enterPhase(deps.sql, executionId, 'map', deps.now());
        const run = await openRun(deps, executionId, watch.readSignal);
        let after = run.execution.mapCursor;
        while (!watch.shouldStop()) {
          const page = await stagedAfter(deps.sql, run.execution, after, PAGE_ROWS);
          const last = page.at(-1);
          if (!last) return { stopped: false };
          const { rows, outcomes } = await mapPage(run, watch, page);
          await deps.sql.begin(async (tx) => {
            await addMapped(tx, run.attempt, rows);
            await saveCursor(tx, run.attempt, { map: last.sortKey });
            await appendOutcomes(tx, run.attempt, outcomes, { progress: page.length });
          });
          after = last.sortKey;
          mapped += page.length;
        }
        return { stopped: true };
      },
    );
  },
});

async function mapPage(run: Run, watch: Watch, page: StagedPage) {
  // written by extract, in the order of the fields that were read
  const records = page.map((row) => ({ row, values: inMappingOrder(run, JSON.parse(row.body) as Value[]) }));
  const resolve = await lookUpReferences(
    run,
    watch,
    records.flatMap(({ values }) => run.mappings.lookupKeys(values)),
  );
  const rows: MappedRow[] = [];
  const outcomes: Outcome[] = [];
  for (const { row, values } of records) {
    const result = run.mappings.map(values, resolve);
    const { sortKey, sourceId } = row;
    if ('values' in result) {
      rows.push({ round: row.round, sortKey, sourceId, matchKey: row.matchKey, body: JSON.stringify(result.values) });
      continue;
    }
    const record = { sortKey, sourceId, matchKey: row.matchKey, destinationId: null };
    if ('skip' in result) {
      outcomes.push({
        ...record,
        outcome: 'skipped',
        reason: result.skip,
        message: result.message,
        field: result.field,
      });
      continue;
    }
    const [first] = result.refused;
    const message = result.refused.map((refusal) => refusal.message).join(' ');
    outcomes.push({ ...record, outcome: 'failed', reason: first?.code ?? null, message, field: first?.field ?? null });
  }
  return { rows, outcomes };
}

/** What is read may be more than what is mapped: the match field, and columns of the filter. */
const inMappingOrder = (run: Run, values: readonly Value[]): Value[] =>
  run.mappingPositions.map((position) => values[position] ?? null);

/** Finds the records that references point to, each key once. */
async function lookUpReferences(
  run: Run,
  watch: Watch,
  wanted: readonly { mappingIndex: number; key: string }[],
): Promise<(mappingIndex: number, key: string) => LookupAnswer> {
  const answers = new Map<string, LookupAnswer>();
  for (const lookup of run.mappings.lookups) {
    const object = await run.destinationConnection.describe(lookup.object, watch.readSignal);
    const field = object.fields.find((candidate) => candidate.name === lookup.by);
    if (!field) throw new Error(`${lookup.object} has no field ${lookup.by}.`);
    const keys = wanted
      .filter((each) => each.mappingIndex === lookup.mappingIndex)
      .map((each) => matchKey(each.key, field));
    const distinct = [...new Set(keys)].filter((key) => key !== null);
    const { lookupKeys, lookupsAtOnce } = run.destination.limits;
    const chunks = Array.from({ length: Math.ceil(distinct.length / lookupKeys) }, (_, index) =>
      distinct.slice(index * lookupKeys, (index + 1) * lookupKeys),
    );
    const found = new Map<string, string[]>();
    await inParallel(chunks, lookupsAtOnce, async (some) => {
      for (const record of await run.destination.findByKey(
        { object, field: lookup.by, keys: some, fields: [] },
        watch.readSignal,
      )) {
        const key = matchKey(lookup.by === object.idField ? record.destinationId : record.key, field);
        if (key !== null) found.set(key, [...(found.get(key) ?? []), record.destinationId]);
      }
    });
    for (const { mappingIndex, key } of wanted) {
      if (mappingIndex !== lookup.mappingIndex) continue;
      const ids = found.get(matchKey(key, field) ?? '') ?? [];
      const [only] = ids;
      const answer: LookupAnswer =
        only === undefined ? { missing: true } : ids.length > 1 ? { several: ids.length } : { id: only };
      answers.set(`${mappingIndex}/${key}`, answer);
    }
  }
  return (mappingIndex, key) => answers.get(`${mappingIndex}/${key}`) ?? { missing: true };
}
