import { Context } from '@temporalio/activity';
import { readExecution } from '../db/queries/executions';
import {
  type FoundProblem,
  firstBodies,
  foundDuplicates,
  foundEnds,
  foundProblems,
  foundWarnings,
  foundWork,
} from '../db/queries/preview-findings';
import { closePreview, type Extent, previewState, readExtent } from '../db/queries/previews';
import { trimStaged } from '../db/queries/retention';
import type { Connector } from '../src/connectors/connector';
import { ConnectorError } from '../src/connectors/connector-error';
import { type FilterFinding, filterFindings } from '../src/domain/filter-findings';
import { type Forecast, forecast } from '../src/domain/forecast';
import type { Value } from '../src/domain/object-description';
import type { Counts } from '../src/domain/outcome';
import type { DecidingField, PreviewReport, PreviewState, ProblemGroup } from '../src/domain/preview';
import { previewWarnings } from '../src/domain/preview-warnings';
import { windowRows } from './load';
import { type ActivityDeps, filterToEvaluate, openRun, type Run } from './run';

/** How a preview ended, for its workflow. */
export interface PreviewEnd {
  state: PreviewState;
  counts: Counts;
}

/** How a preview comes to its end. */
export const previewActivities = (deps: ActivityDeps) => ({
  /** Completes a preview: gathers what it has found beside the records themselves, and closes it. Done again, it changes nothing. */
  async reportPreview({ executionId }: { executionId: string }): Promise<PreviewEnd> {
    const present = await previewState(deps.sql, executionId);
    if (present?.state !== 'previewing') return endOf(deps, executionId);
    const { cancellationSignal: signal } = Context.current();
    const run = await openRun(deps, executionId, 'plan', signal);
    const { counts } = run.execution;
    const extent = await readExtent(deps.sql, executionId);
    const exact = extent.isWhole && extent.read === counts.read;
    const total = exact ? counts.read - counts.filteredOut : estimatedTotal(counts, extent);
    const { parts } = extent;
    const report = await reportOf(deps, run, { parts, exact, total, startedAt: present.startedAt }, signal);
    await closePreview(deps.sql, executionId, {
      state: 'completed',
      now: deps.now(),
      problem: null,
      found: { exact, total, report: JSON.stringify(report) },
    });
    return endOf(deps, executionId);
  },

  /** Ends a preview that could not be completed, or is not to be. */
  async endPreview(input: {
    executionId: string;
    state: 'failed' | 'cancelled';
    problem: string | null;
  }): Promise<PreviewEnd> {
    const { executionId, state, problem } = input;
    await closePreview(deps.sql, executionId, { state, problem, now: deps.now() });
    return endOf(deps, executionId);
  },
});

async function endOf({ sql, now }: ActivityDeps, executionId: string): Promise<PreviewEnd> {
  const execution = await readExecution(sql, executionId);
  await trimStaged(sql, execution, now());
  const { counts } = execution;
  return { state: (await previewState(sql, executionId))?.state ?? 'cancelled', counts };
}

/** Of a sample: as many of the records that the source tells of as of those that were read; null where it does not tell. */
const estimatedTotal = ({ read, filteredOut }: Counts, { total }: Pick<Extent, 'total'>): number | null =>
  total === null || read === 0 ? null : Math.round((total * (read - filteredOut)) / read);

/** What was read of what there is. */
interface Reading {
  parts: number;
  /** All of it. */
  exact: boolean;
  /** Records that the filters select; null where the source does not tell. */
  total: number | null;
  /** When the preview was asked for, ISO 8601 UTC. */
  startedAt: string;
}

async function reportOf(deps: ActivityDeps, run: Run, reading: Reading, signal: AbortSignal): Promise<PreviewReport> {
  const { sql } = deps;
  const { execution, definition } = run;
  const { deduplicate } = definition;
  const problems = [...(await foundProblems(sql, execution)), ...(await foundWarnings(sql, execution))];
  const duplicates = await foundDuplicates(sql, execution, deduplicate);
  const ends = await foundEnds(sql, execution.syncId, execution.version);
  const { created, updated, read } = execution.counts;
  const warnings = previewWarnings({
    definition,
    source: { kind: ends.source, object: run.sourceObject },
    destination: { kind: ends.destination, object: run.destinationObject },
    writes: created + updated,
    oppositeSyncs: ends.oppositeSyncs,
    sample: reading.exact ? null : { read, total: reading.total },
  });
  return {
    problems: problems.map((problem) => toGroup(run, problem)),
    duplicates: { ...duplicates, decidedBy: decidedBy(run) },
    warnings,
    forecast: await forecastOf(deps, run, reading, ends.isOneSystem, signal),
    filter: await whyNothingPasses(deps, run),
  };
}

/** The field whose dates the duplicate rule compares. */
function decidedBy({ definition: { deduplicate }, sourceObject }: Run): DecidingField | null {
  const { updatedAtField, createdAtField, fields } = sourceObject;
  const field =
    deduplicate === 'youngestByLastUpdate'
      ? updatedAtField
      : deduplicate === 'oldestByCreation'
        ? createdAtField
        : null;
  return field === null ? null : { field, label: fields.find(({ name }) => name === field)?.label ?? field };
}

/** Enough to see what is wrong with a filter that lets nothing through. */
const LOOKED_AT = 5_000;

/** Where the filter lets nothing through of what was read: for how many records each of its conditions holds. */
async function whyNothingPasses({ sql }: ActivityDeps, run: Run): Promise<FilterFinding[]> {
  const { read, filteredOut } = run.execution.counts;
  const local = filterToEvaluate(run);
  if (!local || read === 0 || filteredOut < read) return [];
  const { fields, asOf, timeZone } = run.readRequest;
  const bodies = await firstBodies(sql, run.execution, LOOKED_AT);
  // written by extract, in the order of the fields
  const rows = bodies.map((body) => JSON.parse(body) as Value[]);
  return filterFindings(local, run.sourceObject, { asOf, timeZone, fields }, rows);
}

function toGroup(run: Run, { examples, ...group }: FoundProblem): ProblemGroup {
  const position = positionOf(run, group.field);
  return {
    ...group,
    position,
    message: examples[0]?.message ?? null,
    examples: examples.map(({ sourceId, matchKey, body }) => {
      // written by extract, in the order of the fields that were read
      const values = body === null ? [] : (JSON.parse(body) as Value[]);
      return { sourceId, matchKey, value: values[position] ?? null };
    }),
  };
}

/** Where the value that a field is given comes from, among the values that are read; -1 where it is not one field of the source. */
function positionOf({ definition, readRequest }: Run, field: string | null): number {
  const from = definition.mappings.find(({ to }) => to === field)?.from;
  // a malformed match key is told by the field of the source that holds it
  if (!from) return readRequest.fields.indexOf(field ?? '');
  return 'field' in from ? readRequest.fields.indexOf(from.field) : -1;
}

/** What a run costs. Of a sample, the whole is taken to be like what was read. */
async function forecastOf(
  deps: ActivityDeps,
  run: Run,
  reading: Reading,
  isOneSystem: boolean,
  signal: AbortSignal,
): Promise<Forecast> {
  const { read, filteredOut } = run.execution.counts;
  const selected = read - filteredOut;
  const factor = reading.total === null || selected === 0 ? 1 : reading.total / selected;
  const scaled = (count: number): number => Math.round(count * factor);
  const found = await foundWork(deps.sql, run.execution);
  const [sourcePerDay, destinationPerDay] = [
    await callsPerDay(deps, run.source, signal),
    isOneSystem ? null : await callsPerDay(deps, run.destination, signal),
  ];
  const seconds = (Date.parse(deps.now()) - Date.parse(reading.startedAt)) / 1_000;
  const { limits } = run.destination;
  const mapped = found.rounds.reduce((sum, { records }) => sum + records, 0);
  return forecast(
    {
      read: scaled(read),
      parts: reading.parts,
      readBytes: scaled(found.readBytes),
      writtenBytes: scaled(found.writtenBytes),
      references: scaled(mapped) * run.mappings.lookups.length,
      rounds: found.rounds.map((round) => ({
        keys: scaled(round.keys),
        creates: scaled(round.creates),
        updates: scaled(round.updates),
      })),
      secondsBefore: seconds * factor,
    },
    {
      windowRecords: windowRows(limits),
      source: { callsPerDay: sourcePerDay, reading: run.source.readingCosts(run.readRequest, scaled(read)) },
      destination: {
        callsPerDay: isOneSystem ? sourcePerDay : destinationPerDay,
        writing: {
          lookup: { keys: limits.lookupKeys, calls: limits.lookupCalls },
          batchSize: limits.batchSize,
          costsOfBatch: limits.costsOfBatch,
          batchesAtOnce: limits.batchesAtOnce,
          callsPerSecond: limits.callsPerSecond,
        },
      },
      isOneSystem,
    },
  );
}

/** Null where the system cannot tell just now: a plan is worth having without it. */
async function callsPerDay({ log }: ActivityDeps, connector: Connector, signal: AbortSignal): Promise<number | null> {
  try {
    return (await connector.quota(signal)).limit;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    log.warn({ err: error }, 'a preview does without the quota of a system');
    return null;
  }
}
