import { z } from 'zod';
import type { InstanceCore } from '../core';
import { type ActivityLog, ActivityTypeId } from './activity-log';
import { ApiError, RecordRefusal } from './api-error';
import { type Call, checkBatch, inputSchema, integerOf, isRecord, jsonBody, readShape } from './call';
import { readValue, type StoredValue, showValue } from './field-values';
import type { LeadStore } from './lead-store';
import type { Program, ProgramMember, ProgramStatus, ProgramStore } from './program-store';
import type { MarketoSettings } from './settings';
import { formatInstant } from './time';

export interface ProgramMembersOptions {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  leads: LeadStore;
  programs: ProgramStore;
  activities: ActivityLog;
  now: () => number;
}

export interface Writer {
  by: string;
  via: string;
}

/** What changes memberships: used by the calls and by bulk import. */
export interface ProgramMembers {
  programOf(call: Call): Program;
  statusOf(program: Program, name: string): ProgramStatus;
  /** Makes a lead a member with a status, or moves it on. @throws RecordRefusal 1004, 1037 */
  setStatus(program: Program, status: ProgramStatus, leadId: number | null, writer: Writer): 'created' | 'updated';
  read(member: ProgramMember, name: string): StoredValue | null;
  /** Answers a call with one result for each record of its input. */
  answer(call: Call, treat: (record: Record<string, unknown>, leadId: number | null) => string): { result: unknown[] };
  setFields(program: Program, record: Record<string, unknown>, leadId: number | null, writer: Writer): void;
  remove(program: Program, leadId: number | null, writer: Writer): void;
}

const bodySchema = z.object({ input: inputSchema });

export function createProgramMembers(options: ProgramMembersOptions): ProgramMembers {
  const { core, settings, leads, programs, activities, now } = options;

  const read: ProgramMembers['read'] = (member, name) => {
    if (name === 'leadId') return member.leadId;
    if (name === 'programId') return member.programId;
    if (name === 'createdAt') return formatInstant(member.created);
    if (name === 'updatedAt') return formatInstant(member.updated);
    return member.values[name] ?? (programs.field(name)?.dataType === 'boolean' ? false : null);
  };
  const snapshot = (member: ProgramMember): Record<string, unknown> => ({
    programId: member.programId,
    leadId: member.leadId,
    ...member.values,
    updatedAt: formatInstant(member.updated),
  });
  const log = (
    { by, via }: Writer,
    operation: 'create' | 'update' | 'delete',
    before: ProgramMember | undefined,
    after: ProgramMember | undefined,
  ): void => {
    const { programId = 0, leadId = 0 } = after ?? before ?? {};
    core.logWrite({
      by,
      via,
      object: 'programMember',
      recordId: `${programId}/${leadId}`,
      operation,
      before: before ? snapshot(before) : null,
      after: after ? snapshot(after) : null,
    });
  };
  const memberOf = (program: Program, leadId: number | null): ProgramMember => {
    if (leadId === null || !leads.get(leadId)) throw new RecordRefusal('1004', 'Lead not found');
    const member = programs.member(program.id, leadId);
    if (!member) throw new RecordRefusal('1037', 'Lead not in program');
    return member;
  };

  return {
    read,
    programOf({ path }) {
      const program = programs.get(integerOf(path.programId ?? ''));
      if (!program) throw new ApiError('1013', 'Program not found');
      return program;
    },
    statusOf(program, name) {
      const status = program.statuses.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
      if (!status) throw new ApiError('1025', `Program status '${showValue(name)}' not found`);
      return status;
    },
    setStatus(program, status, leadId, writer) {
      if (leadId === null || !leads.get(leadId)) throw new RecordRefusal('1004', 'Lead not found');
      const before = programs.member(program.id, leadId);
      const old = program.statuses.find(({ name }) => name === before?.values.statusName);
      if (old && old.step >= status.step)
        throw new RecordRefusal('1037', 'Lead is already in or past the requested status');
      const at = now();
      const values = {
        membershipDate: formatInstant(at),
        ...before?.values,
        statusName: status.name,
        ...(status.isSuccess ? { reachedSuccess: true, reachedSuccessDate: formatInstant(at) } : {}),
      };
      const member = { programId: program.id, leadId, created: before?.created ?? at, updated: at, values };
      programs.saveMember(member);
      activities.record(leadId, ActivityTypeId.ChangeStatusInProgression, {
        primaryAttributeValueId: program.id,
        primaryAttributeValue: program.name,
        attributes: [
          { name: 'New Status', value: status.name },
          { name: 'Old Status', value: old?.name ?? null },
          { name: 'Success', value: status.isSuccess },
        ],
      });
      log(writer, before ? 'update' : 'create', before, member);
      return before ? 'updated' : 'created';
    },
    answer(call, treat) {
      const { input } = readShape(bodySchema, jsonBody(call));
      checkBatch(input, (size) => core.countViolation('batchTooLarge', `${size} program members`));
      const result = core.database.transaction(() =>
        input.map((record, seq) => {
          const leadId = isRecord(record) ? leadIdIn(record) : null;
          const common = { seq, ...(leadId === null ? {} : { leadId }) };
          try {
            if (!isRecord(record)) throw new RecordRefusal('1003', 'Invalid record: an object is required');
            return { ...common, status: treat(record, leadId) };
          } catch (error) {
            if (!(error instanceof RecordRefusal)) throw error;
            return { ...common, status: 'skipped', reasons: [error.reason] };
          }
        }),
      )();
      return { result };
    },
    setFields(program, record, leadId, writer) {
      const before = memberOf(program, leadId);
      const values = { ...before.values };
      for (const [name, raw] of Object.entries(record)) {
        const field = programs.field(name);
        if (!field) throw new RecordRefusal('1006', `Field '${showValue(name)}' not found`);
        if (!field.updateable) continue;
        const value = readValue(field, raw, settings());
        if (value === null) delete values[name];
        else values[name] = value;
      }
      const after = { ...before, values, updated: now() };
      programs.saveMember(after);
      log(writer, 'update', before, after);
    },
    remove(program, leadId, writer) {
      const before = memberOf(program, leadId);
      programs.removeMember(program.id, before.leadId);
      log(writer, 'delete', before, undefined);
    },
  };
}

function leadIdIn(record: Record<string, unknown>): number | null {
  const { leadId } = record;
  return typeof leadId === 'number' && Number.isSafeInteger(leadId) ? leadId : null;
}
