/** What reading a number of records costs, as a connector states it: so many calls before and per part, and then by size. */
export interface ReadingCosts {
  beforehand: number;
  perPart: number;
  /** Records that one call gives; null where calls go by bytes. */
  recordsPerCall: number | null;
  /** Bytes of a part's file that one call gives; null where calls go by records. */
  bytesPerCall: number | null;
}

/** What writing one batch costs. */
export interface BatchCosts {
  calls: number;
  /** A usual time from the first of its calls to the last answer. */
  seconds: number;
}

/** What looking up and writing cost, as a connector states it. */
export interface WritingCosts {
  /** Keys of one look-up, and the calls that it takes. */
  lookup: { keys: number; calls: number };
  /** Most records of a batch, given how many there are to be written. */
  batchSize(operation: 'create' | 'update', remaining: number): number;
  costsOfBatch(operation: 'create' | 'update', records: number): BatchCosts;
  batchesAtOnce: number;
  /** Calls in a second that Sync may make at most; null where there is no such limit. */
  callsPerSecond: number | null;
}

/** What a run has to do, by what a preview has seen. */
export interface Workload {
  /** Records that the source gives, before Sync's own part of the filter. */
  read: number;
  /** Parts that the reading is split into. */
  parts: number;
  /** Bytes that the records have, as the source gives them, and those of what is written. */
  readBytes: number;
  writtenBytes: number;
  /** Records that references are looked up for, times the references of each. */
  references: number;
  /** By round: records with a key, and what becomes of them and of those without. */
  rounds: readonly { keys: number; creates: number; updates: number }[];
  /** Seconds that everything up to the first write takes. */
  secondsBefore: number;
}

export interface SystemForecast {
  apiCalls: number;
  /** Part of the day's calls, from 0; null where the system does not tell how many there are. */
  quotaShare: number | null;
}

/** What a run costs. */
export interface Forecast {
  apiCalls: number;
  /** Of the system whose quota it takes more of. */
  quotaShare: number | null;
  /** What is read and what is written together. */
  megabytes: number;
  seconds: number;
  source: SystemForecast;
  destination: SystemForecast;
}

/** The two systems, and how a run goes about it. Calls of a day are those of everybody; null where a system does not tell. */
export interface ForecastContext {
  /** Mapped records that are looked up and decided together. */
  windowRecords: number;
  source: { callsPerDay: number | null; reading: ReadingCosts };
  destination: { callsPerDay: number | null; writing: WritingCosts };
  /** Both ends are one system: its quota pays for both. */
  isOneSystem: boolean;
}

const BYTES_OF_MEGABYTE = 1_000_000;

/** Foretells the calls, megabytes and seconds of a run. Pure arithmetic: whatever is measured or asked comes with the input. */
export function forecast(work: Workload, context: ForecastContext): Forecast {
  const { source, destination, isOneSystem } = context;
  const reading = callsToRead(work, source.reading);
  const written = writing(work, destination.writing, context.windowRecords);
  const lookingUp = lookUps(work, destination.writing.lookup, context.windowRecords);
  const writingCalls = lookingUp + written.calls;
  const apiCalls = reading + writingCalls;
  const shares = [share(reading, source.callsPerDay), share(writingCalls, destination.callsPerDay)] as const;
  return {
    apiCalls,
    quotaShare: isOneSystem ? share(apiCalls, source.callsPerDay) : greater(...shares),
    megabytes: round((work.readBytes + work.writtenBytes) / BYTES_OF_MEGABYTE, 3),
    seconds: Math.ceil(
      work.secondsBefore + Math.max(written.seconds, pacedSeconds(written.calls, destination.writing.callsPerSecond)),
    ),
    source: { apiCalls: reading, quotaShare: shares[0] },
    destination: { apiCalls: writingCalls, quotaShare: shares[1] },
  };
}

function callsToRead({ read, parts, readBytes }: Workload, costs: ReadingCosts): number {
  const byRecords = costs.recordsPerCall === null ? 0 : Math.max(1, Math.ceil(read / costs.recordsPerCall));
  // a file of its own for each part that holds anything
  const byBytes = costs.bytesPerCall === null ? 0 : Math.max(Math.min(parts, read), readBytes / costs.bytesPerCall);
  return costs.beforehand + parts * costs.perPart + byRecords + Math.ceil(byBytes);
}

function lookUps({ rounds, references }: Workload, { keys, calls }: WritingCosts['lookup'], windowRecords: number) {
  const perWindow = rounds.reduce(
    (sum, round) => sum + windows(round.keys, windowRecords).reduce((some, size) => some + Math.ceil(size / keys), 0),
    0,
  );
  return (perWindow + Math.ceil(references / keys)) * calls;
}

function writing({ rounds }: Workload, costs: WritingCosts, windowRecords: number): { calls: number; seconds: number } {
  let calls = 0;
  let seconds = 0;
  for (const { creates, updates } of rounds) {
    const sizes = windows(creates + updates, windowRecords);
    for (const operation of ['create', 'update'] as const) {
      const records = operation === 'create' ? creates : updates;
      // records of both kinds are mixed, so that each window has its share of them
      for (const some of spread(records, sizes.length)) {
        for (const batch of batches(some, operation, costs)) {
          calls += batch.calls;
          seconds += batch.seconds / costs.batchesAtOnce;
        }
      }
    }
  }
  return { calls, seconds };
}

/** 25,000 in windows of 10,000: 10,000, 10,000 and 5,000. */
function windows(records: number, size: number): number[] {
  const sizes = Array.from({ length: Math.floor(records / size) }, () => size);
  return records % size > 0 ? [...sizes, records % size] : sizes;
}

/** So many whole numbers, as equal as can be, that give the sum. */
const spread = (sum: number, over: number): number[] =>
  Array.from({ length: over }, (_, index) => Math.floor(((index + 1) * sum) / over) - Math.floor((index * sum) / over));

/** As a run cuts them: the size of all follows from the number that there are. */
function batches(records: number, operation: 'create' | 'update', costs: WritingCosts): BatchCosts[] {
  if (records === 0) return [];
  return windows(records, costs.batchSize(operation, records)).map((size) => costs.costsOfBatch(operation, size));
}

const share = (calls: number, callsPerDay: number | null): number | null =>
  callsPerDay === null || callsPerDay === 0 ? null : round(calls / callsPerDay, 6);

const greater = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other);

const pacedSeconds = (calls: number, callsPerSecond: number | null): number =>
  callsPerSecond === null ? 0 : calls / callsPerSecond;

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
