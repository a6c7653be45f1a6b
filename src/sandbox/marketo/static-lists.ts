import type { Database } from 'better-sqlite3';

export interface StaticList {
  id: number;
  name: string;
  description: string | null;
  programName: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface StaticLists {
  get(id: number): StaticList | undefined;
  byName(name: string): StaticList | undefined;
  /** Lists after an id, ascending. */
  after(id: number, limit: number): StaticList[];
  add(list: { name: string; description?: string | undefined; programName?: string | undefined }): StaticList;
  remove(id: number): void;
  /** @returns whether the lead was not a member before */
  addMember(listId: number, leadId: number): boolean;
  /** @returns whether the lead was a member */
  removeMember(listId: number, leadId: number): boolean;
  isMember(listId: number, leadId: number): boolean;
  /** Ascending ids of members after an id; those that were added later than `addedUntil` are not seen yet. */
  membersAfter(listId: number, afterId: number, addedUntil: number, limit: number): number[];
  memberCount(listId: number): number;
  /** Lists that a lead belongs to, by ascending id. */
  listsOf(leadId: number): StaticList[];
}

interface StoredList {
  id: number;
  name: string;
  description: string | null;
  program_name: string | null;
  created: number;
  updated: number;
}

export function createStaticLists(database: Database, now: () => number): StaticLists {
  const get = database.prepare('select * from mk_lists where id = ?');
  const byName = database.prepare('select * from mk_lists where name = ?');
  const after = database.prepare('select * from mk_lists where id > ? order by id limit ?');
  const add = database.prepare(
    'insert into mk_lists (id, name, description, program_name, created, updated) values (?, ?, ?, ?, ?, ?) returning *',
  );
  const nextId = database.prepare('select coalesce(max(id), 1000) + 1 from mk_lists').pluck();
  const remove = database.prepare('delete from mk_lists where id = ?');
  const removeMembers = database.prepare('delete from mk_list_members where list_id = ?');
  const addMember = database.prepare(
    'insert or ignore into mk_list_members (list_id, lead_id, added) values (?, ?, ?)',
  );
  const removeMember = database.prepare('delete from mk_list_members where list_id = ? and lead_id = ?');
  const isMember = database.prepare('select 1 from mk_list_members where list_id = ? and lead_id = ?').pluck();
  const membersAfter = database
    .prepare(
      'select lead_id from mk_list_members where list_id = ? and lead_id > ? and added <= ? order by lead_id limit ?',
    )
    .pluck();
  const memberCount = database.prepare('select count(*) from mk_list_members where list_id = ?').pluck();
  const listsOf = database.prepare(
    'select l.* from mk_lists l join mk_list_members m on m.list_id = l.id where m.lead_id = ? order by l.id',
  );
  return {
    get(id) {
      const stored = get.get(id) as StoredList | undefined;
      return stored && toList(stored);
    },
    byName(name) {
      const stored = byName.get(name) as StoredList | undefined;
      return stored && toList(stored);
    },
    after: (id, limit) => (after.all(id, limit) as StoredList[]).map(toList),
    add({ name, description, programName }) {
      const at = now();
      return toList(add.get(nextId.get(), name, description ?? null, programName ?? null, at, at) as StoredList);
    },
    remove(id) {
      removeMembers.run(id);
      remove.run(id);
    },
    addMember: (listId, leadId) => addMember.run(listId, leadId, now()).changes > 0,
    removeMember: (listId, leadId) => removeMember.run(listId, leadId).changes > 0,
    isMember: (listId, leadId) => isMember.get(listId, leadId) !== undefined,
    membersAfter: (listId, afterId, addedUntil, limit) =>
      membersAfter.all(listId, afterId, addedUntil, limit) as number[],
    memberCount: (listId) => memberCount.get(listId) as number,
    listsOf: (leadId) => (listsOf.all(leadId) as StoredList[]).map(toList),
  };
}

const toList = (stored: StoredList): StaticList => ({
  id: stored.id,
  name: stored.name,
  description: stored.description,
  programName: stored.program_name,
  createdAt: stored.created,
  updatedAt: stored.updated,
});
