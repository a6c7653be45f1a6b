import type { Database } from 'better-sqlite3';

/**
 * Tables of one Marketo instance. A record is compact JSON beside the few columns that are searched; keys of other
 * searchable fields lie in `mk_lead_keys` and `mk_object_keys`, so that a new field needs no change of the schema.
 * Instants are milliseconds since 1970. `changed` is the last change of any field, which `updated` is not.
 */
const SCHEMA = `
  create table if not exists mk_meta (key text primary key, value text not null) without rowid;

  create table if not exists mk_tokens (
    token text primary key, client_id text not null, expires integer not null, issued integer not null) without rowid;
  create table if not exists mk_api_users (
    client_id text primary key, client_secret text not null, user_name text not null, permissions text) without rowid;
  create table if not exists mk_usage (
    day text not null, user_name text not null, count integer not null, primary key (day, user_name)) without rowid;
  create table if not exists mk_usage_errors (
    day text not null, code text not null, count integer not null, primary key (day, code)) without rowid;

  create table if not exists mk_lead_fields (id integer primary key, name text not null unique, definition text not null);
  create table if not exists mk_leads (
    id integer primary key autoincrement, email_key text, company_id integer, partition_id integer not null,
    created integer not null, updated integer not null, changed integer not null, data text not null);
  create table if not exists mk_lead_keys (
    field integer not null, key text not null, lead_id integer not null, primary key (field, key, lead_id)) without rowid;
  create table if not exists mk_partitions (id integer primary key, name text not null unique, description text);

  create table if not exists mk_lists (
    id integer primary key autoincrement, name text not null unique, description text, program_name text,
    created integer not null, updated integer not null);
  create table if not exists mk_list_members (
    list_id integer not null, lead_id integer not null, added integer not null, primary key (list_id, lead_id)) without rowid;
  create index if not exists mk_list_members_lead on mk_list_members (lead_id);

  create table if not exists mk_activities (
    id integer primary key, size integer not null, lead_id integer not null, type_id integer not null, at integer not null,
    data text not null);
  create index if not exists mk_activities_at on mk_activities (at, id);

  create table if not exists mk_object_types (type text primary key, definition text not null) without rowid;
  create table if not exists mk_objects (
    type text not null, id integer not null, guid text not null, created integer not null, updated integer not null,
    data text not null, primary key (type, id)) without rowid;
  create table if not exists mk_object_keys (
    type text not null, field text not null, key text not null, id integer not null,
    primary key (type, field, key, id)) without rowid;
  create table if not exists mk_object_counters (type text primary key, last_id integer not null) without rowid;

  create table if not exists mk_programs (
    id integer primary key autoincrement, name text not null unique, statuses text not null, created integer not null);
  create table if not exists mk_program_members (
    program_id integer not null, lead_id integer not null, created integer not null, updated integer not null,
    data text not null, primary key (program_id, lead_id)) without rowid;

  create table if not exists mk_exports (
    id integer primary key autoincrement, export_id text not null unique, object text not null, user_name text not null,
    format text not null, request text not null, status text not null, created integer not null, queued integer,
    started integer, finished integer, records integer, file_size integer, checksum text, error text);
  create table if not exists mk_export_chunks (
    job_id integer not null, sequence integer not null, bytes blob not null, primary key (job_id, sequence));

  create table if not exists mk_imports (
    id integer primary key autoincrement, object text not null, user_name text not null, request text not null,
    status text not null, created integer not null, started integer, finished integer, file blob,
    position integer not null default 0, processed integer not null default 0, message text);
  create table if not exists mk_import_rows (
    job_id integer not null, position integer not null, kind text not null, cells text not null, reason text not null,
    primary key (job_id, kind, position)) without rowid;
`;

/** By name: what leads are searched for, besides the keys in `mk_lead_keys`. */
const LEAD_INDEXES = {
  mk_leads_email: 'mk_leads (email_key) where email_key is not null',
  mk_leads_created: 'mk_leads (created)',
  mk_leads_changed: 'mk_leads (changed)',
  mk_leads_company: 'mk_leads (company_id) where company_id is not null',
};

export function createMarketoTables(database: Database): void {
  database.exec(SCHEMA);
  createLeadIndexes(database);
}

/** Makes those that are missing. */
export function createLeadIndexes(database: Database): void {
  for (const [name, of] of Object.entries(LEAD_INDEXES)) database.exec(`create index if not exists ${name} on ${of}`);
}

/** Leads are found as before, but slowly, until the indexes are made again: at the latest when the instance is opened. */
export function dropLeadIndexes(database: Database): void {
  for (const name of Object.keys(LEAD_INDEXES)) database.exec(`drop index if exists ${name}`);
}

/** Small values of the instance that have no table of their own, such as counters of ids. */
export interface Meta {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

export function createMeta(database: Database): Meta {
  const read = database.prepare('select value from mk_meta where key = ?').pluck();
  const write = database.prepare('insert or replace into mk_meta (key, value) values (?, ?)');
  return {
    get: (key) => read.get(key) as string | undefined,
    set: (key, value) => void write.run(key, value),
  };
}
