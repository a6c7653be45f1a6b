import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { enterPhase, type RunningExecution, SupersededError, stopWish, takeOver } from '../db/queries/executions';
import { isClosed } from '../db/queries/reconciliation';
import { noteInTimeline, type TimelineNote } from '../db/queries/timeline';
import type { StopKind } from '../db/schema/executions';
import type { Connector, ReadRequest } from '../src/connectors/connector';
import type { Definition, Filter } from '../src/domain/definition';
import { FailureType } from '../src/domain/failures';
import { filterColumns } from '../src/domain/filter';
import { type CompiledMappings, compileMappings } from '../src/domain/mapping';
import { keyMappings, matchOf } from '../src/domain/match';
import type { FieldDescription, ObjectDescription, ObjectSummary } from '../src/domain/object-description';
import type { Phase } from '../src/domain/outcome';
import type { PreviewPhase } from '../src/domain/preview';
import { fieldsToRead, isReadable } from '../src/domain/read-fields';
import { toFailure } from './failures';
import { demandFit } from './fit';

/** A connection that is open for work: its connector, and what its objects look like. */
export interface OpenConnection {
  connector: Connector;
  /** The objects of the system; those of the last minute do. */
  objects(signal: AbortSignal): Promise<ObjectSummary[]>;
  /** @param isAsked true to ask the system; else a description of the last minute does */
  describe(objectName: string, signal: AbortSignal, isAsked?: boolean): Promise<ObjectDescription>;
  /**
   * Compares the org or instance that it signs in to with that of its first sign-in, which is remembered from then on.
   * @throws ConnectorError for a person when it is another
   */
  demandSameInstance(signal: AbortSignal): Promise<void>;
}

/** What activities are handed; they fetch, let the domain decide, and store. */
export interface ActivityDeps {
  sql: postgres.Sql;
  /** Opens a connection by its id; the result is shared and kept while its settings stay the same. */
  connect(connectionId: string): Promise<OpenConnection>;
  /** The complete definition of a version of a sync. */
  definitionOf(syncId: string, version: number): Promise<Definition>;
  /** "Marketo EU Lead → Prod Contact": connections and objects of a definition, for people. */
  routeOf(definition: Definition): Promise<string>;
  /** Present time, ISO 8601 UTC. */
  now(): string;
  defaultTimeZone: string;
  /** Keyed hashes of match keys, for what is remembered beyond a run; `id` tells with which key they are made. */
  keyHashes: { readonly id: string; of(syncId: string, matchKey: string): string };
  /** Bytes that are free on the disk of the database; null where that cannot be known. */
  freeBytes?(): Promise<number | null>;
  log: Logger;
}

/** What a phase is called with. */
export interface PhaseInput {
  executionId: string;
  /** A person has seen the first records of a first run: the rest may follow. */
  firstSeen?: boolean;
}

/** What a phase reports to the workflow: ids, counts and moments alone. */
export interface PhaseResult {
  /** A pause or cancel took effect before the phase was through. */
  stopped: boolean;
  /** The wish that stopped it, as it stands in the database: its signal may be on its way, or lost. */
  wish?: StopKind;
  /** Nothing can be done before this moment (ISO 8601 UTC): the workflow sleeps until then and calls again. */
  waitUntil?: string;
  /** What is waited for, as people read it; where it is left out, the vendor. */
  waitsFor?: string;
  /** A person is to look at what has been done so far, for this reason; then the phase is called again. */
  hold?: string;
}

/** Everything that the phases of a run need, read once at the start of each attempt. */
export interface Run {
  execution: RunningExecution;
  /** Fences what this attempt commits. */
  attempt: { executionId: string; epoch: number; stagedOn: string };
  definition: Definition;
  timeZone: string;
  source: Connector;
  destination: Connector;
  sourceObject: ObjectDescription;
  destinationObject: ObjectDescription;
  destinationConnection: OpenConnection;
  /**
   * How records are recognised: where the source field is among the values that are read, the destination field, and whether the definition
   * maps something to that; otherwise the key is written to it where a record is created.
   */
  match: { position: number; destination: FieldDescription; isMapped: boolean };
  mappings: CompiledMappings;
  /** Where each of `mappings.sourceFields` is among the values that are read. */
  mappingPositions: number[];
  readRequest: ReadRequest;
}

/** @throws Error for a field that the description lacks, which the check of the definition would have refused */
export const fieldNamed = (object: ObjectDescription, name: string): FieldDescription => {
  const field = object.fields.find((candidate) => candidate.name === name);
  if (!field) throw new Error(`${object.name} has no field ${name}.`);
  return field;
};

const scheduleZone = (definition: Definition, defaultTimeZone: string): string =>
  definition.schedule.timeZone ?? defaultTimeZone;

/**
 * Enters a phase, takes over the execution and gathers what the phase needs.
 * @param isStart the run has read nothing yet: a field may have gone since the last run, or since the sync was activated, so both systems are asked
 * for their objects
 */
export async function openRun(
  deps: ActivityDeps,
  executionId: string,
  phase: Phase | PreviewPhase,
  signal: AbortSignal,
  isStart = phase === 'extract',
): Promise<Run> {
  await enterPhase(deps.sql, executionId, phase, deps.now());
  const { execution, epoch } = await takeOver(deps.sql, executionId);
  const definition = await deps.definitionOf(execution.syncId, execution.version);
  const [source, destinationConnection] = await Promise.all([
    deps.connect(definition.source.connectionId),
    deps.connect(definition.destination.connectionId),
  ]);
  // before anything is read or written there
  await Promise.all([source, destinationConnection].map((connection) => connection.demandSameInstance(signal)));
  const [sourceObject, destinationObject] = await Promise.all([
    source.describe(definition.source.object, signal, isStart),
    destinationConnection.describe(definition.destination.object, signal, isStart),
  ]);
  await demandFit(
    deps,
    { definition, execution },
    {
      source: sourceObject,
      destination: destinationObject,
      isStart,
      describe: (objectName) => destinationConnection.describe(objectName, signal, isStart),
    },
  );
  const timeZone = scheduleZone(definition, deps.defaultTimeZone);
  const match = matchOf(definition, sourceObject, destinationObject);
  if (!match.source || !match.destination) {
    throw new Error('The definition names no match, and its objects have no default.');
  }
  const added = keyMappings(definition, { source: match.source, destination: match.destination }, destinationObject);
  const written = { ...definition, mappings: [...definition.mappings, ...added] };
  const mappings = compileMappings(written, sourceObject, destinationObject, { timeZone });
  const readFields = fieldsToRead(definition, sourceObject, { mapped: mappings.sourceFields, match: match.source });
  return {
    execution,
    attempt: { executionId, epoch, stagedOn: execution.stagedOn },
    definition,
    timeZone,
    source: source.connector,
    destination: destinationConnection.connector,
    destinationConnection,
    sourceObject,
    destinationObject,
    match: {
      position: readFields.indexOf(match.source),
      destination: fieldNamed(destinationObject, match.destination),
      isMapped: added.length === 0,
    },
    mappings,
    mappingPositions: mappings.sourceFields.map((field) => readFields.indexOf(field)),
    readRequest: {
      object: sourceObject,
      fields: readFields,
      filter: filterToAsk(definition, execution),
      changedSince: execution.changedSince,
      asOf: execution.asOf,
      timeZone,
    },
  };
}

/**
 * What of the filter the source is asked for. Where only what changed is read, a record that has left the filter has to be seen,
 * since another one with its key may take its place; where all are imported, nobody takes a place.
 */
const filterToAsk = ({ filter, deduplicate }: Definition, { changedSince }: RunningExecution): Filter | null =>
  changedSince !== null && deduplicate !== 'importEverything' ? null : (filter ?? null);

/** What of the filter Sync has to evaluate; records that are read by their Ids alone have not been selected by any. */
export const filterToEvaluate = ({ definition, execution, source, sourceObject, readRequest }: Run): Filter | null => {
  const filter = definition.filter ?? null;
  const isById =
    execution.changedSince !== null ||
    // a column that is never read (Marketo's static list) has selected the record before, and cannot be evaluated
    (execution.trigger === 'retry' && filter && filterColumns(filter).every((each) => isReadable(sourceObject, each)));
  return isById ? filter : source.splitFilter(readRequest).local;
};

/** Four of them fit into the time after which one is missing. */
export const HEARTBEAT_EVERY_MS = 1_500;
const LOOK_FOR_STOP_EVERY_MS = 500;

/** So long are answers of what was sent waited for after a cancel or a worker's shutdown; what has none by then is asked about later. */
const LAST_ANSWERS_MS = 4_000;

/** How an activity is told to stop, and tells that it lives. */
export interface Watch {
  /** The wish of a person, noticed within half a second; null while there is none. */
  stop(): StopKind | null;
  /** True as soon as the phase is to end at the next border: a wish, or the worker is shutting down, or the activity was cancelled. */
  shouldStop(): boolean;
  /** Aborts as soon as `shouldStop` holds: for reads, which can be broken off anywhere. */
  readSignal: AbortSignal;
  /** Aborts a while after a cancel, or the worker's shutdown: for writes, whose answers are waited for. */
  writeSignal: AbortSignal;
}

/**
 * Runs a phase under watch: heartbeats go out, wishes are noticed, and when the server cancelled the activity it ends as
 * cancelled once the work has come to its border.
 * @param heartbeat ids and counts that a heartbeat carries, as they are when it goes out
 */
export async function watched(
  deps: ActivityDeps,
  executionId: string,
  heartbeat: Readonly<Record<string, unknown>>,
  work: (watch: Watch) => Promise<PhaseResult>,
): Promise<PhaseResult> {
  const context = Context.current();
  const read = new AbortController();
  const write = new AbortController();
  let stop: StopKind | null = null;
  let isSettling = false;
  let lastAnswers: NodeJS.Timeout | undefined;
  let looks: NodeJS.Timeout | undefined;
  const onLookFailed = (error: unknown) => deps.log.warn({ err: error, executionId }, 'could not look for wishes');
  // a run does not fail for want of a note
  const note = (entry: TimelineNote) =>
    noteInTimeline(deps.sql, executionId, entry).catch((error: unknown) =>
      deps.log.warn({ err: error, executionId }, 'could not write down what happened'),
    );
  const endWrites = (reason: unknown) => {
    lastAnswers ??= setTimeout(() => write.abort(reason), LAST_ANSWERS_MS);
  };
  const look = async () => {
    stop = await stopWish(deps.sql, executionId);
    if (stop) read.abort(new CancelledFailure(stop));
    if (stop === 'cancel' && !isSettling) endWrites(new CancelledFailure(stop));
  };
  const onCancelled = () => {
    const { reason } = context.cancellationSignal;
    read.abort(reason);
    if (isShutdown(reason)) endWrites(reason);
  };
  if (context.cancellationSignal.aborted) onCancelled();
  else context.cancellationSignal.addEventListener('abort', onCancelled, { once: true });
  const heartbeats = setInterval(() => context.heartbeat({ ...heartbeat }), HEARTBEAT_EVERY_MS);
  try {
    // what begins after a cancel only asks what became of what was sent: that takes its time
    isSettling = (await stopWish(deps.sql, executionId)) === 'cancel';
    await look();
    looks = setInterval(() => look().catch(onLookFailed), LOOK_FOR_STOP_EVERY_MS);
    // its workflow was reset in Temporal, or is of an older backup than the database
    if (await isClosed(deps.sql, executionId)) return { stopped: false };
    if (context.info.attempt > 1) await note({ kind: 'takenUp' });
    const result = await work({
      stop: () => stop,
      shouldStop: () => read.signal.aborted,
      readSignal: read.signal,
      writeSignal: write.signal,
    });
    if (!result.stopped) {
      const { waitUntil, hold } = result;
      if (waitUntil !== undefined) await note({ kind: 'waiting', until: waitUntil });
      else if (hold === undefined) await note({ kind: 'phaseEnded' });
      return result;
    }
    if (stop !== null) {
      await note({ kind: 'stopped', text: stop });
      return { ...result, wish: stop };
    }
    context.cancellationSignal.throwIfAborted();
    return result;
  } catch (error) {
    if (!isAbort(error)) {
      const failed = noteOfFailure(toFailure(error, context.info.activityType, context.info.attempt));
      if (failed) await note(failed);
      throw error;
    }
    // what a wish broke off is not a failure: the phase has stopped
    if (stop !== null) {
      await note({ kind: 'stopped', text: stop });
      return { stopped: true, wish: stop };
    }
    context.cancellationSignal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(heartbeats);
    clearInterval(looks);
    clearTimeout(lastAnswers);
  }
}

/** What the timeline says of a failure; null for what says it itself: the wait for a person, and the attempt that has taken over. */
function noteOfFailure(failure: unknown): TimelineNote | null {
  if (!(failure instanceof ApplicationFailure) || failure.type === SupersededError.name) return null;
  if (failure.type === FailureType.QuotaExhausted) {
    const [{ resetsAt }] = failure.details as [{ resetsAt: string }]; // put there by toFailure
    return { kind: 'waiting', text: failure.message, until: resetsAt };
  }
  return failure.nonRetryable ? null : { kind: 'attemptFailed', text: failure.message };
}

const isShutdown = (reason: unknown): boolean => reason instanceof Error && reason.message === 'WORKER_SHUTDOWN';

/** Libraries name their abort errors differently; none of them is a failure of its own. */
const isAbort = (error: unknown): boolean =>
  error instanceof Error && ['CancelledFailure', 'AbortError', 'CanceledError'].includes(error.name);

/** A phase has stopped. A cancelled one is called again until all that it sent is settled: no sooner than it makes sense to ask. */
export const stoppedBy = (watch: Watch, askAgainAt: string | undefined): PhaseResult =>
  watch.stop() === 'cancel' && askAgainAt !== undefined ? { stopped: true, waitUntil: askAgainAt } : { stopped: true };

/** The earlier of two moments (ISO 8601 UTC), as far as there are any. */
export const earlierOf = (one: string | undefined, other: string | undefined): string | undefined =>
  one !== undefined && (other === undefined || one < other) ? one : other;

/** Waits, but no longer than until the signal aborts; rejects with its reason then. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
