import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { StoredValue } from './field-values';
import { type ObjectField, type ObjectType, objectTypeSchema } from './object-types';

/** A status of a program's channel: its step says how far a member has come. */
const statusSchema = z.strictObject({
  name: z.string().min(1),
  step: z.number().int(),
  isSuccess: z.boolean().default(false),
});

export const newProgramSchema = z.strictObject({
  name: z.string().min(1),
  statuses: z
    .array(statusSchema)
    .min(1)
    .default([
      { name: 'Not in Program', step: 0, isSuccess: false },
      { name: 'Invited', step: 10, isSuccess: false },
      { name: 'Registered', step: 20, isSuccess: false },
      { name: 'Attended', step: 30, isSuccess: true },
    ]),
});
export type ProgramStatus = z.infer<typeof statusSchema>;

export interface Program {
  id: number;
  name: string;
  statuses: ProgramStatus[];
  createdAt: number;
}

/** One membership. `leadId` and `programId` are its key. */
export interface ProgramMember {
  programId: number;
  leadId: number;
  created: number;
  updated: number;
  values: Record<string, StoredValue>;
}

export const PROGRAM_MEMBER: ObjectType = objectTypeSchema.parse({
  name: 'API Program Membership',
  displayName: 'Program Membership',
  description: 'Map for API program membership fields',
  idField: 'id',
  dedupeFields: ['leadId', 'programId'],
  searchableFields: ['leadId', 'statusName', 'reachedSuccess', 'webinarScore', 'registrationCode'],
  fields: [
    ['leadId', 'Lead Id', 'integer', undefined, false],
    ['programId', 'Program Id', 'integer', undefined, false],
    ['statusName', 'Program Member Status', 'string', 255, false],
    ['reachedSuccess', 'Success', 'boolean', undefined, false],
    ['reachedSuccessDate', 'Success Date', 'datetime', undefined, false],
    ['membershipDate', 'Membership Date', 'datetime', undefined, false],
    ['acquiredBy', 'Acquired By', 'boolean', undefined, false],
    ['isExhausted', 'Exhausted', 'boolean', undefined, false],
    ['nurtureCadence', 'Nurture Cadence', 'string', 4, false],
    ['webinarUrl', 'Webinar Url', 'string', 255, true],
    ['registrationCode', 'Registration Code', 'string', 100, true],
    ['webinarScore', 'Webinar Score', 'integer', undefined, true],
    ['createdAt', 'Created At', 'datetime', undefined, false],
    ['updatedAt', 'Updated At', 'datetime', undefined, false],
  ].map(([name, displayName, dataType, length, updateable]) => ({ name, displayName, dataType, length, updateable })),
});

export interface ProgramStore {
  /** @throws RangeError where the name is taken */
  add(program: z.input<typeof newProgramSchema>): Program;
  get(id: number): Program | undefined;
  all(): Program[];
  field(name: string): ObjectField | undefined;
  member(programId: number, leadId: number): ProgramMember | undefined;
  saveMember(member: ProgramMember): void;
  removeMember(programId: number, leadId: number): void;
  /** Members of a program after a lead id, ascending. */
  membersAfter(programId: number, leadId: number, limit: number): ProgramMember[];
  memberCount(programId: number): number;
  programsOf(leadId: number): number[];
}

interface StoredProgram {
  id: number;
  name: string;
  statuses: string;
  created: number;
}

interface StoredMember {
  program_id: number;
  lead_id: number;
  created: number;
  updated: number;
  data: string;
}

export function createProgramStore(database: Database, now: () => number): ProgramStore {
  const fields = new Map(PROGRAM_MEMBER.fields.map((field) => [field.name, field]));
  const add = database.prepare('insert into mk_programs (id, name, statuses, created) values (?, ?, ?, ?)');
  const nextId = database.prepare('select coalesce(max(id), 2000) + 1 from mk_programs').pluck();
  const byName = database.prepare('select 1 from mk_programs where name = ?').pluck();
  const get = database.prepare('select id, name, statuses, created from mk_programs where id = ?');
  const all = database.prepare('select id, name, statuses, created from mk_programs order by id');
  const member = database.prepare('select * from mk_program_members where program_id = ? and lead_id = ?');
  const save = database.prepare(
    'insert or replace into mk_program_members (program_id, lead_id, created, updated, data) values (?, ?, ?, ?, ?)',
  );
  const remove = database.prepare('delete from mk_program_members where program_id = ? and lead_id = ?');
  const after = database.prepare(
    'select * from mk_program_members where program_id = ? and lead_id > ? order by lead_id limit ?',
  );
  const count = database.prepare('select count(*) from mk_program_members where program_id = ?').pluck();
  const programsOf = database
    .prepare('select program_id from mk_program_members where lead_id = ? order by program_id')
    .pluck();
  const toProgram = ({ id, name, statuses, created }: StoredProgram): Program => ({
    id,
    name,
    statuses: z.array(statusSchema).parse(JSON.parse(statuses)),
    createdAt: created,
  });
  const toMember = (stored: StoredMember): ProgramMember => ({
    programId: stored.program_id,
    leadId: stored.lead_id,
    created: stored.created,
    updated: stored.updated,
    values: JSON.parse(stored.data) as Record<string, StoredValue>, // written by this store alone
  });
  return {
    add(given) {
      const { name, statuses } = newProgramSchema.parse(given);
      if (byName.get(name) !== undefined) throw new RangeError(`There is a program '${name}' already`);
      const id = nextId.get() as number;
      const createdAt = now();
      add.run(id, name, JSON.stringify(statuses), createdAt);
      return { id, name, statuses, createdAt };
    },
    get(id) {
      const stored = get.get(id) as StoredProgram | undefined;
      return stored && toProgram(stored);
    },
    all: () => (all.all() as StoredProgram[]).map(toProgram),
    field: (name) => fields.get(name),
    member(programId, leadId) {
      const stored = member.get(programId, leadId) as StoredMember | undefined;
      return stored && toMember(stored);
    },
    saveMember: ({ programId, leadId, created, updated, values }) =>
      void save.run(programId, leadId, created, updated, JSON.stringify(values)),
    removeMember: (programId, leadId) => void remove.run(programId, leadId),
    membersAfter: (programId, leadId, limit) => (after.all(programId, leadId, limit) as StoredMember[]).map(toMember),
    memberCount: (programId) => count.get(programId) as number,
    programsOf: (leadId) => programsOf.all(leadId) as number[],
  };
}
