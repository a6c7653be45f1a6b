import { saveCursor } from '../db/queries/executions';
import { appendOutcomes } from '../db/queries/ledger';
import { addMapped, type NewMappedRow, stagedAfter } from '../db/queries/staging';
import { lookupProblems } from '../src/domain/check-definition';
import { InvalidDefinition } from '../src/domain/definition';
import type { LookupAnswer, MappingRefusal } from '../src/domain/mapping';
import { keyForms, matchKey } from '../src/domain/match-key';
import type { Value } from '../src/domain/object-description';
import { type Outcome, outcomeOf } from '../src/domain/outcome';
import { lookUp } from './look-up';
import { type ActivityDeps, fieldNamed, openRun, type PhaseResult, type Run, type Watch, watched } from './run';

const PAGE_ROWS = 2_500;

type StagedPage = Awaited<ReturnType<typeof stagedAfter>>;

/** Turns staged values into what is to be written; started again, it goes on behind the last page. */
export const mapActivities = (deps: ActivityDeps) => ({
  async map({ executionId }: { executionId: string }): Promise<PhaseResult> {
    const heartbeat = { phase: 'map', mapped: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const run = await openRun(deps, executionId, 'map', watch.readSignal);
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
        heartbeat.mapped += page.length;
      }
      return { stopped: true };
    });
  },
});

async function mapPage(run: Run, watch: Watch, page: StagedPage) {
  // taken apart once for the references and once for all else, so that a page's values need not be kept; written by extract
  const valuesOf = ({ body }: StagedPage[number]) => inMappingOrder(run, JSON.parse(body) as Value[]);
  const wanted = run.mappings.lookups.length > 0 ? page.flatMap((row) => run.mappings.lookupKeys(valuesOf(row))) : [];
  const resolve = await lookUpReferences(run, watch, wanted);
  const rows: NewMappedRow[] = [];
  const outcomes: Outcome[] = [];
  for (const row of page) {
    const result = run.mappings.map(valuesOf(row), resolve);
    const { sortKey, sourceId } = row;
    if ('values' in result) {
      const { round, matchKey } = row;
      const body = JSON.stringify(result.values);
      rows.push({ round, sortKey, sourceId, matchKey, body, note: noteOf(result.warnings) });
      continue;
    }
    if ('skip' in result) {
      outcomes.push(outcomeOf(row, 'skipped', { reason: result.skip, message: result.message, field: result.field }));
      continue;
    }
    const [first] = result.refused;
    const message = result.refused.map((refusal) => refusal.message).join(' ');
    outcomes.push(outcomeOf(row, 'failed', { reason: first?.code ?? null, message, field: first?.field ?? null }));
  }
  return { rows, outcomes };
}

/** What has been taken off a value is told with the record's outcome; what is only doubtful, by the preview alone. */
function noteOf(warnings: readonly MappingRefusal[]): string | null {
  const dropped = warnings.filter(({ code }) => code === 'nulDropped');
  return dropped.length > 0 ? dropped.map(({ message }) => message).join(' ') : null;
}

/** What is read may be more than what is mapped: the match field, and columns of the filter. */
export const inMappingOrder = (run: Run, values: readonly Value[]): Value[] =>
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
    const [problem] = lookupProblems([{ lookup }], new Map([[lookup.object, object]]));
    // it has gone since the run began
    if (problem) throw new InvalidDefinition([{ ...problem, path: `mappings[${lookup.mappingIndex}].lookup.by` }]);
    const field = fieldNamed(object, lookup.by);
    const forms = new Map<string, Set<string>>();
    for (const { mappingIndex, key: text } of wanted) {
      const key = mappingIndex === lookup.mappingIndex ? matchKey(text, field) : null;
      if (key !== null) forms.set(key, new Set([...(forms.get(key) ?? []), ...keyForms(key, text, field)]));
    }
    const formsOf = (key: string) => [...(forms.get(key) ?? [])];
    const found = await lookUp(run, watch, { object, field, keys: [...forms.keys()], formsOf, fields: [] });
    for (const { mappingIndex, key } of wanted) {
      if (mappingIndex !== lookup.mappingIndex) continue;
      const records = found.get(matchKey(key, field) ?? '') ?? [];
      const [only] = records;
      const answer: LookupAnswer =
        only === undefined
          ? { missing: true }
          : records.length > 1
            ? { several: records.length }
            : { id: only.destinationId };
      answers.set(`${mappingIndex}/${key}`, answer);
    }
  }
  return (mappingIndex, key) => answers.get(`${mappingIndex}/${key}`) ?? { missing: true };
}
