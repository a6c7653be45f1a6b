import type { Filter } from '../domain/definition';
import type { BatchCosts, ReadingCosts } from '../domain/forecast';
import type { ObjectDescription, ObjectSummary, Value, Values } from '../domain/object-description';
import type { TraceOfOthers } from '../domain/undo';

/** Where a reader stands, as JSON that is stored between pages; only the connector that made it understands it. */
export type Cursor = Record<string, unknown>;

export interface ReadRequest {
  object: ObjectDescription;
  /** Names of the fields to read, in the order in which `SourceRecord.values` holds them. */
  fields: readonly string[];
  /** Conditions on which the record has to hold; what the system cannot evaluate is told by `splitFilter` and left to the caller. */
  filter: Filter | null;
  /** Only records changed at this instant or later (ISO 8601 UTC); null for all. */
  changedSince: string | null;
  /** The run's start (ISO 8601 UTC): relative filters, and the end of what is read, go by it. */
  asOf: string;
  /** The zone in which a day of a filter begins and ends. */
  timeZone: string;
}

export interface SourceRecord {
  sourceId: string;
  /** ISO 8601 UTC, or null where the system states none. */
  createdAt: string | null;
  updatedAt: string | null;
  /** In the order of `ReadRequest.fields`. */
  values: Value[];
}

export interface Page {
  records: SourceRecord[];
  /** Where the next page begins; null when this was the last one. */
  next: Cursor | null;
  /** The system is still preparing the data (a bulk job): ask for `next` no sooner than in so many milliseconds. */
  waitMs?: number;
  /** How many records this part has in all, once the system has said so. */
  total?: number;
}

/** What the system evaluates of a filter, and what is left to Sync; both parts together mean the whole filter. */
export interface SplitFilter {
  pushed: Filter | null;
  local: Filter | null;
  /** What is asked of the system, as text for a person: SOQL, or Marketo's request. */
  query: string;
  /** Estimated calls that reading costs; null where it cannot be told. */
  apiCalls: number | null;
  megabytes: number | null;
}

/** A record of the destination that a key was found in. */
export interface ExistingRecord {
  destinationId: string;
  /** The matched field's present value, by which the caller finds the key again; null when the look-up was by Id. */
  key: Value;
  values: Values;
  /** Set when it must not be written although it is there (a converted lead): the text says why and what instead. */
  locked?: string;
}

/** Which deletions are asked for. */
export interface DeletionsRequest {
  object: ObjectDescription;
  /** ISO 8601 UTC, both included. */
  since: string;
  until: string;
}

export interface LookupRequest {
  object: ObjectDescription;
  /** The field to look in; `object.idField` looks up by Id. */
  field: string;
  /** Distinct, never blank, at most `limits.lookupKeys` of them. */
  keys: readonly Value[];
  /** Names of the fields whose present values are wanted. */
  fields: readonly string[];
}

export interface WriteRecord {
  /** Id in the destination; null for one that is to be created. */
  destinationId: string | null;
  /** The value of the match field as it is written, null for a record without a key. */
  key: Value;
  values: Values;
}

/** What a batch does with its records. A deletion names each by its `destinationId` and has no values; it can be repeated. */
export type WriteOperation = 'create' | 'update' | 'delete';

export interface WriteBatch {
  /** Unique over all executions; an idempotency key where the system takes one. */
  batchId: string;
  object: ObjectDescription;
  operation: WriteOperation;
  /** The field that `WriteRecord.key` belongs to. */
  matchField: string;
  /** No key and no Id occurs twice. */
  readonly records: readonly WriteRecord[];
  /**
   * Does without the records for as long as something lasts, so that those of many batches that are waited for take no room; they are there again
   * afterwards. Left out where nothing is gained by it.
   */
  whileAwaited?<T>(work: () => Promise<T>): Promise<T>;
  options: { assignmentRules: boolean; allowDuplicates: boolean };
  /** When the batch was first sent (ISO 8601 UTC); null before that: `write` is told so whether it repeats a sending. */
  sentAt: string | null;
  /** Until when (ISO 8601 UTC) what was sent of it may take effect, since the answer is lost; null where that is not known. */
  arrivesUntil: string | null;
}

/** The identity that a batch has at the system before any data leaves, e.g. `{jobId}`; stored by the caller. */
export type WriteHandle = Record<string, string>;

/**
 * Decides which of some new records a batch has made whose answer was lost: for one batch at a time, and what is chosen is nobody else's.
 * @param ids of those that it may have made
 * @param choose gets those of them that no other batch is known to have made, and the records without a key whose creation other batches have sent
 * without an answer; @returns the ids that are the batch's own
 */
export type Claim = (
  ids: readonly string[],
  choose: (free: ReadonlySet<string>, others: readonly SentWithoutAnswer[]) => readonly string[],
) => Promise<void>;

/** A record that another batch may have created. */
export type SentWithoutAnswer = WriteRecord & {
  /** That batch has been asked about, and its record was not there: it may have arrived since. Until then, it may be whatever fits. */
  isAskedAbout: boolean;
};

/** An identity that was asked for and whose answer never came. */
export interface LostAsking {
  operation: WriteOperation;
  /** When it was asked for (ISO 8601 UTC). */
  askedAt: string;
}

/** Which of some identities no batch has, and when batches of others asked for one and have none yet (ISO 8601 UTC). */
export interface Unclaimed {
  handles: readonly WriteHandle[];
  othersAskedAt: readonly string[];
}

export type RecordResult =
  | { result: 'created' | 'updated' | 'deleted'; destinationId: string }
  /** `notFound`: an update or a deletion of a record that is gone. `exists`: a create that found the key there already. */
  | { result: 'notFound'; destinationId: string | null; message: string }
  /** `ofOthers`: of a batch that was sent before, and yet it is known to be none of ours. */
  | { result: 'exists'; destinationId: string | null; message: string; ofOthers?: true }
  | { result: 'failed'; code: string; message: string; field: string | null }
  /**
   * The system did not get to it, or a passing cause (a row lock): send it again later. `mayArrive`: the sending whose answer was lost may
   * take effect yet, so that what the next one finds there can be of it. `notSent`: it was not sent this time, which is none of its attempts;
   * told only where something of the batch was.
   */
  | { result: 'again'; code: string; message: string; mayArrive?: true; notSent?: true }
  /** The answer was lost and nobody can tell whether it was applied. */
  | { result: 'inDoubt'; message: string };

export type Settlement =
  | { results: RecordResult[] }
  /** It took no effect, and never will. */
  | { notReceived: true }
  /** It may have taken effect, or may do so yet; sent again, it does no harm. */
  | { mayBeRepeated: true }
  /** It is too early to say. */
  | { askAgainAt: string };

export interface Limits {
  /** Records per batch for an operation, given how many of them are still to be sent (a bulk job pays only for many). */
  batchSize(operation: WriteOperation, remaining: number): number;
  /** Most bytes of a batch, as the system counts them. */
  batchBytes: number;
  /** Batches in flight at once. */
  batchesAtOnce: number;
  /** Parts read at once. */
  partsAtOnce: number;
  lookupKeys: number;
  /** Look-ups in flight at once. */
  lookupsAtOnce: number;
  /** Calls that a look-up of so many keys usually takes. */
  lookupCalls: number;
  /** Calls in a second that Sync may make; null where the system limits them by the day alone. */
  callsPerSecond: number | null;
  /** What a batch of so many records usually costs. */
  costsOfBatch(operation: WriteOperation, records: number): BatchCosts;
}

/** Calls of the day, by whomever, where the system tells. */
export interface Quota {
  used: number | null;
  limit: number | null;
}

export interface ConnectionTest {
  /** Which org or instance it is, by the system's own id (`00D…`, the Munchkin id or host); a connection remembers it. */
  identity: string;
  /** For people: user and organisation, or the instance's host. */
  account: string;
  quota: Quota;
}

/**
 * What Sync needs of a system. All methods stop at `signal`; take part in the instance's shared rate limit; sign in again by
 * themselves when a token has expired (at most twice in a row); throw `ConnectorError` and nothing else (an abort passes through as it is, unless a
 * part of a write was answered before).
 */
export interface Connector {
  readonly limits: Limits;

  /** Signs in and reads the limits. */
  test(signal: AbortSignal): Promise<ConnectionTest>;

  /** The calls of the day, without a sign-in of its own. */
  quota(signal: AbortSignal): Promise<Quota>;

  /** Which org or instance its calls go to, as `ConnectionTest.identity` names it; signs in only where that tells it. */
  identity(signal: AbortSignal): Promise<string>;

  objects(signal: AbortSignal): Promise<ObjectSummary[]>;

  /** Throws with code `UNKNOWN_OBJECT` and advice `never` where the system has no such object. */
  describe(objectName: string, signal: AbortSignal): Promise<ObjectDescription>;

  /** Decides, without a call, what of a filter the system evaluates. */
  splitFilter(request: ReadRequest): SplitFilter;

  /** What reading usually costs, given how many records there are; without a call. */
  readingCosts(request: ReadRequest, records: number): ReadingCosts;

  /**
   * How many records the system's own part of a filter selects, by a call or two; null where it tells that by reading alone.
   */
  count(request: ReadRequest, signal: AbortSignal): Promise<number | null>;

  /**
   * Splits a read into parts that can be read side by side, each given by its first cursor. Together they give every record that
   * fits; a record may come in two parts (it moved while they were read).
   */
  planRead(request: ReadRequest, signal: AbortSignal): Promise<Cursor[]>;

  /** Reads one page. The same cursor gives the same page or a later state of it, never an earlier one. */
  readPage(request: ReadRequest, cursor: Cursor, signal: AbortSignal): Promise<Page>;

  /**
   * Some records of an object, whichever are had by a few calls, to show what its fields hold. The request's filter is not looked at.
   * @returns at most `count`; none also where the system gives none so quickly
   */
  examples(request: ReadRequest, count: number, signal: AbortSignal): Promise<SourceRecord[]>;

  /**
   * Tells which records have been deleted, or merged into another one.
   * @returns their Ids, some perhaps twice or long gone; null where the system cannot tell, be it for this object or as far back: only
   * reading everything shows it then
   */
  deletedIds(request: DeletionsRequest, signal: AbortSignal): Promise<string[] | null>;

  /** Tells, without a call, by what fields of an object it shows that others have changed a record; null where nothing shows it. */
  traceOfOthers(object: ObjectDescription): TraceOfOthers | null;

  /** Finds the records that hold one of the keys, by the system's own comparison. A key may fit none, one or several. */
  findByKey(request: LookupRequest, signal: AbortSignal): Promise<ExistingRecord[]>;

  /** Tells, without a call, which records `write` would refuse without sending them: one entry per record, null for one that can be sent. */
  refusals(batch: WriteBatch): (RecordResult | null)[];

  /**
   * Whether a record that was deleted and made anew is the same one to the system. Then a creation or a deletion that arrives late changes what
   * was written since; else only an update does.
   */
  reusesIds(object: ObjectDescription): boolean;

  /** Whether `prepare` makes something at the system, which a lost answer would leave there. Without a call. */
  leavesBehind(batch: WriteBatch): boolean;

  /**
   * Removes what `prepare` made for batches that never learnt of it, and nothing that may be another program's or another batch's.
   * @param unclaimed asked, once the system has named what is there, which of it no batch has
   */
  clearAway(
    object: ObjectDescription,
    lost: readonly LostAsking[],
    unclaimed: (handles: readonly WriteHandle[]) => Promise<Unclaimed>,
    signal: AbortSignal,
  ): Promise<void>;

  /** Gives the batch an identity at the system before any data leaves (a bulk job's id), or null where it has none. The caller stores it. */
  prepare(batch: WriteBatch, signal: AbortSignal): Promise<WriteHandle | null>;

  /**
   * Sends one batch, once. A refused record is a result, not an error: there is one result per record, in order. An error with
   * `answerLost` leaves it open whether the batch took effect, but for the records that it has answers for: ask `settle`.
   */
  write(batch: WriteBatch, handle: WriteHandle | null, signal: AbortSignal): Promise<RecordResult[]>;

  /**
   * Tells what became of a batch whose answer was lost.
   * @param claim for what only its values tell; without it, the batch is taken to be the only one
   */
  settle(batch: WriteBatch, handle: WriteHandle | null, signal: AbortSignal, claim?: Claim): Promise<Settlement>;
}
