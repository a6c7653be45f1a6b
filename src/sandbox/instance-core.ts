import Database from 'better-sqlite3';
import { type Clock, type InstanceCore, type VendorKind, VIOLATIONS, type Violation, type WriteLogEntry } from './core';

/** How many details of each violation are kept for the person who looks for the reason. */
const KEPT_VIOLATION_DETAILS = 20;
/** Counters live in memory and are written out this often: kill -9 may lose the last second of them, never a record. */
const COUNTER_FLUSH_MS = 1_000;

export interface EndpointCounter {
  /** Method and path with Ids replaced, e.g. `GET /services/data/v60.0/jobs/ingest/{id}`. */
  endpoint: string;
  status: number;
  count: number;
}

export interface ViolationCount {
  violation: Violation;
  count: number;
  /** The last few, oldest first. */
  details: { at: string; detail: string }[];
}

export interface WriteLogQuery {
  /** Only entries after this sequence number. */
  after?: number | undefined;
  object?: string | undefined;
  recordId?: string | undefined;
  operation?: WriteLogEntry['operation'] | undefined;
  /** At most so many entries, in order of sequence. Default 10,000. */
  limit?: number | undefined;
  /** Only the last so many entries that fit, still in order of sequence. */
  last?: number | undefined;
}

/** The state of one instance that both vendors have in common, with the views on it that the control API gives. */
export interface InstanceState extends InstanceCore {
  writeLog(query?: WriteLogQuery): WriteLogEntry[];
  /** @param status HTTP status, or 0 where the connection was cut instead of an answer */
  countRequest(endpoint: string, status: number): void;
  counters(): EndpointCounter[];
  clearCounters(): void;
  violations(): ViolationCount[];
  clearViolations(): void;
  close(): void;
}

interface StateOptions {
  kind: VendorKind;
  name: string;
  /** Path of the SQLite file, or `:memory:`. */
  file: string;
  clock: Clock;
  url: string;
  random: () => number;
}

const SCHEMA = `
  create table if not exists core_write_log (
    sequence integer primary key, at integer not null, by_whom text not null, via text not null, object text not null,
    record_id text not null, operation text not null, before text, after text);
  create index if not exists core_write_log_record on core_write_log (object, record_id);
  create table if not exists core_counters (
    endpoint text not null, status integer not null, count integer not null, primary key (endpoint, status)) without rowid;
  create table if not exists core_violations (violation text primary key, count integer not null, details text not null) without rowid;
`;

/** Opens (or makes) the state of one instance. Tables of the core begin with `core_`; all others are the vendor's. */
export function openInstanceState({ kind, name, file, clock, url, random }: StateOptions): InstanceState {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  // a commit reaches the operating system, not the disk: the end of the process loses nothing, loss of power may
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -65536');
  database.pragma('temp_store = MEMORY');
  database.exec(SCHEMA);

  const log = createWriteLog(database, clock);
  const tallies = createTallies(database, clock);
  return {
    kind,
    name,
    database,
    clock,
    url,
    random,
    ...log,
    ...tallies,
    close() {
      tallies.stop();
      database.close();
    },
  };
}

function createWriteLog(database: Database.Database, clock: Clock): Pick<InstanceState, 'logWrite' | 'writeLog'> {
  const insert = database.prepare(
    `insert into core_write_log (at, by_whom, via, object, record_id, operation, before, after) values (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const toJson = (value: Record<string, unknown> | null): string | null =>
    value === null ? null : JSON.stringify(value);
  const fromJson = (text: string | null): Record<string, unknown> | null =>
    text === null ? null : (JSON.parse(text) as Record<string, unknown>); // written by toJson above
  return {
    logWrite({ by, via, object, recordId, operation, before, after }) {
      insert.run(clock.now(), by, via, object, recordId, operation, toJson(before), toJson(after));
    },
    writeLog({ after = 0, object, recordId, operation, limit = 10_000, last } = {}) {
      const conditions = ['sequence > @after'];
      if (object !== undefined) conditions.push('object = @object');
      if (recordId !== undefined) conditions.push('record_id = @recordId');
      if (operation !== undefined) conditions.push('operation = @operation');
      const rows = database
        .prepare(
          `select * from core_write_log where ${conditions.join(' and ')}
           order by sequence ${last === undefined ? '' : 'desc'} limit @limit`,
        )
        .all({ after, object, recordId, operation, limit: last ?? limit }) as WriteLogRow[];
      if (last !== undefined) rows.reverse();
      return rows.map((row) => ({
        sequence: row.sequence,
        at: new Date(row.at).toISOString(),
        by: row.by_whom,
        via: row.via,
        object: row.object,
        recordId: row.record_id,
        operation: row.operation,
        before: fromJson(row.before),
        after: fromJson(row.after),
      }));
    },
  };
}

interface WriteLogRow {
  sequence: number;
  at: number;
  by_whom: string;
  via: string;
  object: string;
  record_id: string;
  operation: WriteLogEntry['operation'];
  before: string | null;
  after: string | null;
}

function createTallies(database: Database.Database, clock: Clock) {
  const counters = new Map<string, EndpointCounter>();
  const violations = new Map<Violation, ViolationCount>();
  for (const row of database.prepare('select endpoint, status, count from core_counters').all() as EndpointCounter[])
    counters.set(`${row.status} ${row.endpoint}`, row);
  const stored = database.prepare('select violation, count, details from core_violations').all() as {
    violation: Violation;
    count: number;
    details: string;
  }[];
  for (const { violation, count, details } of stored)
    violations.set(violation, { violation, count, details: JSON.parse(details) as ViolationCount['details'] });

  const saveCounter = database.prepare(
    'insert or replace into core_counters (endpoint, status, count) values (?, ?, ?)',
  );
  const saveViolation = database.prepare(
    'insert or replace into core_violations (violation, count, details) values (?, ?, ?)',
  );
  const flush = database.transaction(() => {
    for (const { endpoint, status, count } of counters.values()) saveCounter.run(endpoint, status, count);
    for (const { violation, count, details } of violations.values())
      saveViolation.run(violation, count, JSON.stringify(details));
  });
  let timer: NodeJS.Timeout | undefined;
  const flushSoon = (): void => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      flush();
    }, COUNTER_FLUSH_MS);
    timer.unref();
  };

  return {
    countRequest(endpoint: string, status: number): void {
      const key = `${status} ${endpoint}`;
      const counter = counters.get(key);
      if (counter) counter.count += 1;
      else counters.set(key, { endpoint, status, count: 1 });
      flushSoon();
    },
    counters: (): EndpointCounter[] =>
      [...counters.values()]
        .map((counter) => ({ ...counter }))
        .sort((a, b) => a.endpoint.localeCompare(b.endpoint) || a.status - b.status),
    clearCounters(): void {
      counters.clear();
      database.exec('delete from core_counters');
    },
    countViolation(violation: Violation, detail?: string): void {
      const entry = violations.get(violation) ?? { violation, count: 0, details: [] };
      entry.count += 1;
      if (detail !== undefined) {
        entry.details.push({ at: new Date(clock.now()).toISOString(), detail });
        if (entry.details.length > KEPT_VIOLATION_DETAILS) entry.details.shift();
      }
      violations.set(violation, entry);
      flushSoon();
    },
    violations: (): ViolationCount[] =>
      VIOLATIONS.map((violation) => {
        const entry = violations.get(violation);
        return { violation, count: entry?.count ?? 0, details: entry ? [...entry.details] : [] };
      }),
    clearViolations(): void {
      violations.clear();
      database.exec('delete from core_violations');
    },
    stop(): void {
      clearTimeout(timer);
      flush();
    },
  };
}
