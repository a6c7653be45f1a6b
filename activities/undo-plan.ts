import { type LoadBatch, markSettled, type PlannedRecord, planBatch } from '../db/queries/batches';
import { type Sql, saveCursor } from '../db/queries/executions';
import { appendOutcomes } from '../db/queries/ledger';
import type { InFlight } from '../db/queries/planning-leases';
import { laterWrites, type UndoRow, unlearn } from '../db/queries/undo';
import type { Existing } from '../src/domain/import-decision';
import { isDeletion, type Outcome, outcomeOf } from '../src/domain/outcome';
import { decideUndos, type Effect, effectOf, fieldsOfTrace, type UndoDecision } from '../src/domain/undo';
import { intoBatches } from './load-plan';
import { lookUp } from './look-up';
import type { Busy, Turn, Turns } from './planning-turn';
import type { ActivityDeps, Watch } from './run';
import type { Undo } from './undo';

/** What was decided of some records of the destination, before anything is stored or sent. */
export interface Plan {
  outcomes: Outcome[];
  deletions: PlannedRecord[];
  restorations: PlannedRecord[];
}

export const noPlan = (): Plan => ({ outcomes: [], deletions: [], restorations: [] });

/** A record of the destination that is to be as before, with the source records that it was written for. */
export interface Unit {
  destinationId: string;
  effect: Effect;
  record: Member;
  others: Member[];
  mayBeApplied: boolean;
}
type Member = Pick<PlannedRecord, 'sortKey' | 'sourceId' | 'matchKey'>;

export const membersOf = ({ record, others }: Pick<Unit, 'record' | 'others'>): Member[] => [record, ...others];

/** Batches of records that others are at work on: planned, but nothing has been decided about them. */
export interface PutOff {
  batchIds: string[];
  why: InFlight;
}

/** What came of a turn. */
export interface Planned {
  /** When the records were looked at. */
  lookedMs: number;
  /** What is to be sent. */
  batches: LoadBatch[];
  /** What has ended without being sent. */
  outcomes: Outcome[];
  putOff: PutOff | null;
}

/**
 * Looks at the records of a window as they are now, decides for each what is done, and stores that, in turn.
 * @returns null when the phase is to stop
 */
export async function planUndo(
  deps: ActivityDeps,
  undo: Undo,
  watch: Watch,
  turns: Turns,
  { window, cursor }: { window: readonly UndoRow[][]; cursor: string },
): Promise<Planned | null> {
  const units: Unit[] = [];
  const nameless: Outcome[] = [];
  for (const rows of window) {
    const [first, ...others] = rows as [UndoRow, ...UndoRow[]]; // each group has its first
    const { destinationId } = first;
    if (destinationId === null) nameless.push(outcomeOf(first, 'skipped', UNKNOWN_ID));
    else units.push({ destinationId, effect: effectOf(rows), record: first, others, mayBeApplied: false });
  }
  return turns.take(async (turn) => {
    const lookedMs = Date.parse(deps.now());
    const { free, busy } = apart(turn, units);
    const plan = await decideUnits(deps, undo, watch, free);
    plan.outcomes.push(...nameless);
    return deps.sql.begin(async (tx) => {
      const stored = await storeTurn(tx, undo, plan, busy, { attempt: 1, at: deps.now() });
      await saveCursor(tx, undo.attempt, { load: { round: 1, cursor } });
      await turn.end(tx);
      return { ...stored, lookedMs };
    });
  });
}

/**
 * Decides anew, in turn, about the records of a batch that has waited: others may have been at work on them meanwhile.
 * @returns null when the phase is to stop
 */
export async function planUndoAnew(
  deps: ActivityDeps,
  undo: Undo,
  watch: Watch,
  turns: Turns,
  batch: LoadBatch,
): Promise<Planned | null> {
  const { batchId, attempt, sentAt, arrivesUntil } = batch;
  return turns.take(async (turn) => {
    const lookedMs = Date.parse(deps.now());
    const { free, busy } = apart(turn, unitsOf(batch));
    const { why } = busy;
    if (free.length === 0 && why) return { lookedMs, batches: [], outcomes: [], putOff: { batchIds: [batchId], why } };
    const plan = await decideUnits(deps, undo, watch, free);
    return deps.sql.begin(async (tx) => {
      await markSettled(tx, batchId, deps.now());
      const stored = await storeTurn(tx, undo, plan, busy, { attempt, at: deps.now() }, { sentAt, arrivesUntil });
      await turn.end(tx);
      return { ...stored, lookedMs };
    });
  });
}

/** Tells those of some units that others are at work on from the others. */
function apart(turn: Turn, units: readonly Unit[]): { free: Unit[]; busy: Busy<Unit> } {
  const told = units.map((unit) => ({ ...unit.record, unit }));
  const { rows, why } = turn.busyOf(told, ({ unit }) => [unit.destinationId]);
  const busy = new Set(rows.map(({ unit }) => unit));
  return { free: units.filter((unit) => !busy.has(unit)), busy: { rows: [...busy], why } };
}

/** Stores what was decided in a turn, and puts off what is busy, within its transaction. @param sent of the batch that they were in */
async function storeTurn(
  tx: Sql,
  undo: Undo,
  plan: Plan,
  busy: Busy<Unit>,
  sending: { attempt: number; at: string },
  sent: Pick<LoadBatch, 'sentAt' | 'arrivesUntil'> = { sentAt: null, arrivesUntil: null },
): Promise<Omit<Planned, 'lookedMs'>> {
  const { outcomes } = plan;
  const batches = await storePlan(tx, undo, plan, { ...sending, ...sent });
  const open = noPlan();
  for (const unit of busy.rows) {
    const { wasCreated, before, written } = unit.effect;
    if (wasCreated) open.deletions.push(planned(unit, {}, written));
    else open.restorations.push(planned(unit, before, written));
  }
  const left = await storePlan(tx, undo, open, { ...sending, ...sent, askAgainAt: busy.why?.until ?? sending.at });
  await endUndone(tx, undo, outcomes);
  const batchIds = left.map(({ batchId }) => batchId);
  return { batches, outcomes, putOff: busy.why ? { batchIds, why: busy.why } : null };
}

/** Tells the outcomes of records, within a transaction. */
export async function endUndone(tx: Sql, undo: Undo, outcomes: readonly Outcome[]): Promise<void> {
  await unlearn(tx, undo.execution.syncId, undone(outcomes));
  await appendOutcomes(tx, undo.attempt, outcomes, { progress: outcomes.length });
}

const UNKNOWN_ID = {
  reason: 'unknownId',
  message:
    'It was created by a sending whose answer was lost, so its Id is not known. Look for it in the destination and delete it there.',
};

/** Decides about records as they are now. */
export async function decideUnits(
  { sql }: Pick<ActivityDeps, 'sql'>,
  undo: Undo,
  watch: Pick<Watch, 'readSignal'>,
  units: readonly Unit[],
): Promise<Plan> {
  const plan = noPlan();
  const present = await presentOf(undo, watch, units);
  const { destinationObject: object, destination, origin } = undo;
  const undoable = units.map((unit) => ({ ...unit, sortKeys: membersOf(unit).map(({ sortKey }) => sortKey) }));
  const decisions = await decideUndos(undoable, present, object, destination.traceOfOthers(object), (open) =>
    laterWrites(sql, origin.executionId, open),
  );
  for (const [index, unit] of units.entries()) {
    const decision = decisions[index] as UndoDecision; // one for each
    if (decision.action === 'delete') plan.deletions.push(planned(unit, {}, unit.effect.written));
    else if (decision.action === 'restore') plan.restorations.push(planned(unit, decision.values, decision.written));
    else plan.outcomes.push(...endOf(unit, decision));
  }
  return plan;
}

/** The records as they are now, by their Ids. */
async function presentOf(
  undo: Undo,
  watch: Pick<Watch, 'readSignal'>,
  units: readonly Unit[],
): Promise<Map<string, Existing>> {
  const { destinationObject: object } = undo;
  const names = new Set(object.fields.map(({ name }) => name));
  const traced = units.some(({ effect }) => effect.wasCreated)
    ? fieldsOfTrace(undo.destination.traceOfOthers(object))
    : [];
  const written = units.flatMap(({ effect }) => Object.keys(effect.written));
  const fields = new Set([...written, ...traced].filter((name) => names.has(name)));
  const field = { name: object.idField, type: 'id', caseSensitive: true } as const;
  const keys = units.map(({ destinationId }) => destinationId);
  const found = await lookUp(undo, watch, { object, field, keys, fields: [...fields] });
  return new Map([...found.values()].flat().map((record) => [record.destinationId, record]));
}

const planned = (
  { record, others, destinationId, mayBeApplied, effect: { writtenUntil } }: Unit,
  values: Effect['before'],
  written: Effect['written'],
) => ({
  ...record,
  destinationId,
  key: null,
  values,
  previous: written,
  ...(others.length > 0 ? { others } : {}),
  ...(mayBeApplied ? { mayBeApplied } : {}),
  ...(writtenUntil === null ? {} : { writtenUntil }),
});

/** What nothing is sent for. That which is as before after a sending whose answer was lost is of our own doing. */
export function endOf(unit: Unit, decision: Exclude<UndoDecision, { action: 'delete' | 'restore' }>): Outcome[] {
  const { destinationId, mayBeApplied, effect } = unit;
  const isOurs =
    mayBeApplied && (decision.action === 'unchanged' || (effect.wasCreated && decision.reason === 'deletedSince'));
  return membersOf(unit).map((member) => {
    if (isOurs)
      return outcomeOf(member, 'updated', { reason: effect.wasCreated ? 'deleted' : 'restored', destinationId });
    if (decision.action === 'unchanged') return outcomeOf(member, 'unchanged', { destinationId });
    const field = decision.reason === 'changedSince' ? decision.field : null;
    return outcomeOf(member, 'skipped', { reason: decision.reason, message: decision.message, field, destinationId });
  });
}

/** Stores what is to be sent as planned batches, within a transaction. */
export async function storePlan(
  tx: Sql,
  undo: Undo,
  plan: Plan,
  sending: { attempt: number; at: string } & Partial<Pick<LoadBatch, 'sentAt' | 'arrivesUntil' | 'askAgainAt'>>,
): Promise<LoadBatch[]> {
  const batches: LoadBatch[] = [];
  for (const operation of ['delete', 'update'] as const) {
    const records = operation === 'delete' ? plan.deletions : plan.restorations;
    for (const some of intoBatches(records, operation, undo.destination.limits)) {
      batches.push(await planBatch(tx, undo.attempt, { operation, round: 1, records: some, ...sending }));
    }
  }
  return batches;
}

/** The records of a batch, as they are decided about again. */
export const unitsOf = (batch: LoadBatch): Unit[] =>
  batch.records.map((record) => {
    const unit = unitOf(record, batch);
    return { ...unit, mayBeApplied: unit.mayBeApplied || batch.sentAt !== null };
  });

export const unitOf = (record: PlannedRecord, { operation }: LoadBatch): Unit => {
  const {
    sortKey,
    sourceId,
    matchKey,
    destinationId,
    values,
    previous = {},
    others = [],
    mayBeApplied = false,
    writtenUntil = null,
  } = record;
  return {
    destinationId: destinationId ?? '',
    effect: { wasCreated: operation === 'delete', written: previous, before: values, writtenUntil },
    record: { sortKey, sourceId, matchKey },
    others,
    mayBeApplied,
  };
};

const undone = (outcomes: readonly Outcome[]) =>
  outcomes
    .filter(({ outcome }) => outcome === 'updated')
    .map((outcome) => ({ sortKey: outcome.sortKey, isDeleted: isDeletion(outcome) }));
