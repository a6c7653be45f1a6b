import type { Database } from 'better-sqlite3';
import type { StoredValue } from './field-values';

/** Ids of the activity types that the sandbox writes by itself; the same as at most real instances. */
export const ActivityTypeId = {
  NewLead: 12,
  ChangeDataValue: 13,
  AddToList: 24,
  RemoveFromList: 25,
  MergeLeads: 32,
  DeleteLead: 37,
  ChangeStatusInProgression: 104,
} as const;

export interface ActivityAttribute {
  name: string;
  value: unknown;
}

export interface ChangedField {
  id: number;
  name: string;
  newValue: string | null;
  oldValue: string | null;
}

/** What is kept of one event. An event of type 13 stands for as many activities as it has fields. */
export interface ActivityDetails {
  primaryAttributeValueId?: number;
  primaryAttributeValue?: string;
  fields?: ChangedField[];
  attributes: ActivityAttribute[];
}

export interface StoredActivity {
  /** Id of the first activity of the event; the others follow it. */
  id: number;
  size: number;
  leadId: number;
  typeId: number;
  at: number;
  details: ActivityDetails;
}

export interface ActivityLog {
  /**
   * @param at now, unless a client says otherwise
   * @returns the id of its first activity
   */
  record(leadId: number, typeId: number, details: ActivityDetails, at?: number): number;
  /**
   * Events after a position, by instant and id, whatever they are of: filters come after.
   * @param position id of the last activity that was delivered at that instant, which may be within an event
   */
  after(instant: number, position: number, until: number, limit: number): StoredActivity[];
  /** Forgets events of a type that are older than an instant. */
  purge(typeId: number, before: number): void;
}

interface StoredRow {
  id: number;
  size: number;
  lead_id: number;
  type_id: number;
  at: number;
  data: string;
}

export function createActivityLog(database: Database, now: () => number): ActivityLog {
  const insert = database.prepare(
    'insert into mk_activities (id, size, lead_id, type_id, at, data) values (?, ?, ?, ?, ?, ?)',
  );
  const next = database
    .prepare('select coalesce(max(id + size), 1) from (select id, size from mk_activities order by id desc limit 1)')
    .pluck();
  const after = database.prepare(
    `select * from mk_activities where at >= @instant and at <= @until
       and (at > @instant or id + size - 1 > @position) order by at, id limit @limit`,
  );
  const purge = database.prepare(
    // the last one stays, so that no id is given twice
    'delete from mk_activities where type_id = ? and at < ? and id < (select max(id) from mk_activities)',
  );
  return {
    record(leadId, typeId, details, at = now()) {
      const size = Math.max(details.fields?.length ?? 1, 1);
      const id = next.get() as number;
      insert.run(id, size, leadId, typeId, at, JSON.stringify(details));
      return id;
    },
    after: (instant, position, until, limit) =>
      (after.all({ instant, position, until, limit }) as StoredRow[]).map((row) => ({
        id: row.id,
        size: row.size,
        leadId: row.lead_id,
        typeId: row.type_id,
        at: row.at,
        details: JSON.parse(row.data) as ActivityDetails, // written by this log alone
      })),
    purge: (typeId, before) => void purge.run(typeId, before),
  };
}

/** A value as activities show it: text. */
export const activityText = (value: StoredValue | null | undefined): string | null =>
  value === null || value === undefined ? null : String(value);
