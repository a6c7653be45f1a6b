import { type LoadBatch, type PlannedRecord, planBatch } from '../db/queries/batches';
import type { Sql } from '../db/queries/executions';
import { saveCursor } from '../db/queries/executions';
import { appendOutcomes, linksOf, oppositeLinksOf } from '../db/queries/ledger';
import { plannedOf, stagedBodies } from '../db/queries/previews';
import type { MappedRow } from '../db/queries/staging';
import type { ExistingRecord, Limits, WriteOperation } from '../src/connectors/connector';
import { type Decision, decide, type Existing } from '../src/domain/import-decision';
import { keyForms, keyText } from '../src/domain/match-key';
import type { Value, Values } from '../src/domain/object-description';
import { type Outcome, outcomeOf } from '../src/domain/outcome';
import { isAsPlanned, type Planned } from '../src/domain/plan-gate';
import { lookUp } from './look-up';
import type { ActivityDeps, Run, Watch } from './run';

/** A record that is to be loaded. */
export interface Candidate {
  sortKey: string;
  sourceId: string;
  matchKey: string | null;
  values: Values;
  /** What people are told of it although it is loaded. */
  note?: string | null;
  /** How often it was sent in vain before it was put back. */
  putBack?: number;
}

export const toCandidate = (row: MappedRow): Candidate => ({
  sortKey: row.sortKey,
  sourceId: row.sourceId,
  matchKey: row.matchKey,
  values: JSON.parse(row.body) as Values, // written by map
  note: row.note,
  putBack: row.putBack,
});

/** What was decided of a number of candidates, before anything is stored or sent. */
export interface Decisions {
  outcomes: Outcome[];
  creates: PlannedRecord[];
  updates: PlannedRecord[];
}

/**
 * Looks up which candidates the destination has already, and decides for each what becomes of it.
 * @param foresee what a candidate will find in place of what is there now; a preview writes nothing that its later rounds could find
 */
export async function decideAll(
  deps: ActivityDeps,
  run: Run,
  watch: Pick<Watch, 'readSignal'>,
  candidates: readonly Candidate[],
  foresee: (candidate: Candidate, found: readonly Existing[]) => readonly Existing[] = (_candidate, found) => found,
): Promise<Decisions> {
  const existing = await findExisting(deps, run, watch, candidates);
  const planned = await plannedBefore(deps, run, candidates);
  const decisions: Decisions = { outcomes: [], creates: [], updates: [] };
  for (const candidate of candidates) {
    const found = foresee(candidate, existing.get(candidate.sortKey) ?? []);
    const wanted = decide({
      importRule: run.definition.importRule,
      matchKey: candidate.matchKey,
      existing: found,
      values: withKeyText(run, candidate.values),
      destination: run.destinationObject,
      matchField: run.match.destination,
      writesKey: run.match.isMapped,
    });
    const isHeldBack = planned && !isAsPlanned(wanted, planned.get(candidate.sortKey), run.destinationObject);
    const decision = isHeldBack ? HELD_BACK : wanted;
    const { sortKey, sourceId, matchKey, note = null, putBack = 0 } = candidate;
    const record = {
      ...{ sortKey, sourceId, matchKey },
      ...(note === null ? {} : { note }),
      ...(putBack === 0 ? {} : { putBack }),
    };
    switch (decision.action) {
      case 'create':
        decisions.creates.push({
          ...record,
          destinationId: null,
          key: keyOf(run, candidate),
          values: decision.values,
        });
        break;
      case 'update':
        decisions.updates.push({
          ...record,
          destinationId: decision.destinationId,
          key: keyOf(run, candidate),
          values: decision.values,
          previous: decision.previous,
        });
        break;
      case 'unchanged':
        decisions.outcomes.push(
          outcomeOf(candidate, 'unchanged', { destinationId: decision.destinationId, message: note }),
        );
        break;
      case 'skip':
        decisions.outcomes.push(
          outcomeOf(candidate, 'skipped', {
            reason: decision.reason,
            message: isHeldBack ? HELD_BACK_TEXT : null,
            destinationId: found[0]?.destinationId ?? null,
          }),
        );
        break;
      case 'fail':
        decisions.outcomes.push(
          outcomeOf(candidate, 'failed', {
            reason: decision.reason,
            message: decision.message,
            field: decision.field ?? null,
          }),
        );
    }
  }
  return decisions;
}

const HELD_BACK: Decision = { action: 'skip', reason: 'changedSincePreview' };
const HELD_BACK_TEXT =
  'It, or what the destination has of it, is not as it was when the preview planned it. Preview the sync again.';

/** What a preview planned of the candidates; null where the run keeps to no plan. */
const plannedBefore = async (
  { sql }: Pick<ActivityDeps, 'sql'>,
  { execution: { applies } }: Run,
  candidates: readonly Candidate[],
): Promise<Map<string, Planned> | null> => {
  const sortKeys = candidates.map(({ sortKey }) => sortKey);
  return applies === null ? null : plannedOf(sql, applies, sortKeys);
};

/** The value that the match field has or is given: what is mapped to it, else the normalised key. */
const keyOf = (run: Run, { values, matchKey }: Candidate): Value =>
  withKeyText(run, values)[run.match.destination.name] ?? matchKey;

/** A text is written to the match field in the form in which it is found again. */
function withKeyText({ match: { destination } }: Run, values: Values): Values {
  const value = values[destination.name];
  const text = typeof value === 'string' ? keyText(value) : value;
  return text === value || text === undefined ? values : { ...values, [destination.name]: text };
}

/**
 * @returns sort key → the destination's records that the candidate matches; by key, or by link (also that of an opposite sync) where it has
 * no key. One that was created without a key and has been given one since is found by its link too, as long as nobody else is.
 */
export async function findExisting(
  deps: Pick<ActivityDeps, 'sql'>,
  run: Run,
  watch: Pick<Watch, 'readSignal'>,
  candidates: readonly Candidate[],
): Promise<Map<string, ExistingRecord[]>> {
  const found = new Map<string, ExistingRecord[]>();
  const byKey = new Map<string, string>();
  for (const candidate of candidates) if (candidate.matchKey !== null) byKey.set(candidate.matchKey, candidate.sortKey);
  const request = { object: run.destinationObject, fields: run.mappings.destinationFields };
  const { destination: field } = run.match;
  const texts = await keyTexts(deps, run, candidates);
  const formsOf = (key: string) => keyForms(key, texts.get(byKey.get(key) ?? ''), field);
  const matched = await lookUp(run, watch, { ...request, field, keys: [...byKey.keys()], formsOf });
  for (const [key, records] of matched) {
    const owner = byKey.get(key);
    if (owner !== undefined) found.set(owner, records);
  }
  const taken = new Set([...found.values()].flat().map(({ destinationId }) => destinationId));
  const open = candidates.filter(({ matchKey, sortKey }) => matchKey === null || !found.has(sortKey));
  const linked = await linkedTo(deps, run, open, taken);
  const idField = { name: run.destinationObject.idField, type: 'id', caseSensitive: true } as const;
  const byLink = await lookUp(run, watch, { ...request, field: idField, keys: [...linked.keys()] });
  for (const record of [...byLink.values()].flat()) {
    const owner = linked.get(record.destinationId);
    if (owner !== undefined) found.set(owner, [record]);
  }
  return found;
}

/** @returns sort key → what the match field is given; where nothing is mapped to it, the key as it was read */
async function keyTexts(
  { sql }: Pick<ActivityDeps, 'sql'>,
  { execution, mappings, match }: Run,
  candidates: readonly Candidate[],
): Promise<Map<string, Value | undefined>> {
  const { name } = match.destination;
  if (mappings.destinationFields.includes(name))
    return new Map(candidates.map(({ sortKey, values }) => [sortKey, values[name]]));
  const keyed = candidates.flatMap(({ matchKey, sortKey }) => (matchKey === null ? [] : [sortKey]));
  const bodies = keyed.length > 0 ? await stagedBodies(sql, execution, keyed) : [];
  // written by extract, in the order of the fields that were read
  return new Map(bodies.map(({ sortKey, body }) => [sortKey, (JSON.parse(body) as Value[])[match.position]]));
}

/**
 * @param taken Ids that belong to other candidates by their keys
 * @returns destination Id → sort key of the candidate that was made into it when it had no key, or that has none and was made of it
 */
async function linkedTo(
  { sql }: Pick<ActivityDeps, 'sql'>,
  { execution, definition }: Run,
  candidates: readonly Candidate[],
  taken: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const own = await linksOf(
    sql,
    execution.syncId,
    candidates.map(({ sortKey }) => sortKey),
  );
  for (const { matchKey, sortKey } of candidates) {
    if (matchKey !== null && taken.has(own.get(sortKey) ?? '')) own.delete(sortKey);
  }
  const others = candidates.filter(({ matchKey, sortKey }) => matchKey === null && !own.has(sortKey));
  const opposite = await oppositeLinksOf(
    sql,
    definition,
    others.map(({ sourceId }) => sourceId),
  );
  const owners = [...own].map(([sortKey, destinationId]) => [destinationId, sortKey] as const);
  for (const { sourceId, sortKey } of others) {
    const destinationId = opposite.get(sourceId);
    if (destinationId !== undefined) owners.push([destinationId, sortKey]);
  }
  return new Map(owners);
}

/** Cuts records into batches by number and by bytes; a single record larger than a batch goes alone. */
export function* intoBatches(
  records: readonly PlannedRecord[],
  operation: WriteOperation,
  limits: Limits,
): Generator<PlannedRecord[]> {
  const most = limits.batchSize(operation, records.length);
  let sizeOf = mostBytesOf;
  let batch: PlannedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (sizeOf === mostBytesOf && bytes + sizeOf(record) > limits.batchBytes) {
      sizeOf = bytesOf;
      bytes = batch.reduce((sum, one) => sum + bytesOf(one), 0);
    }
    const size = sizeOf(record);
    if (batch.length > 0 && (batch.length >= most || bytes + size > limits.batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** Bytes that a record needs. */
const bytesOf = ({ values }: PlannedRecord): number =>
  Buffer.byteLength(JSON.stringify(values)) + RECORD_OVERHEAD_BYTES;

/** The same at the very most, and quickly: most batches are far from being full of bytes. */
function mostBytesOf({ values }: PlannedRecord): number {
  let characters = 0;
  for (const name of Object.keys(values)) {
    const value = values[name];
    characters += name.length + (typeof value === 'string' ? value.length : MOST_DIGITS) + SEPARATORS;
  }
  return characters * MOST_BYTES_OF_CHARACTER + RECORD_OVERHEAD_BYTES;
}

/** A control character is escaped by six in JSON; no other takes more bytes. */
const MOST_BYTES_OF_CHARACTER = 6;
/** Of a number that JSON holds, with sign, point and exponent. */
const MOST_DIGITS = 25;
/** Quotes, colon and comma of a value and its name. */
const SEPARATORS = 6;

/** Ids, quotes and separators that a record needs besides its values. */
const RECORD_OVERHEAD_BYTES = 100;

/** Stores decisions within a transaction: outcomes in the ledger, writes as planned batches. */
export async function storeDecisions(
  sql: Sql,
  run: Run,
  decisions: Decisions,
  {
    round,
    cursor,
    ...sending
  }: { round: number; cursor: string | null; at: string } & Pick<LoadBatch, 'attempt'> &
    Partial<Pick<LoadBatch, 'sentAt' | 'arrivesUntil'> & { state: 'planned' | 'sent' }>,
): Promise<LoadBatch[]> {
  const batches: LoadBatch[] = [];
  for (const operation of ['create', 'update'] as const) {
    const records = operation === 'create' ? decisions.creates : decisions.updates;
    for (const some of intoBatches(records, operation, run.destination.limits)) {
      batches.push(await planBatch(sql, run.attempt, { operation, round, records: some, ...sending }));
    }
  }
  if (cursor !== null) await saveCursor(sql, run.attempt, { load: { round, cursor } });
  await appendOutcomes(sql, run.attempt, decisions.outcomes, { progress: decisions.outcomes.length });
  return batches;
}
