import { z } from 'zod';
import { ApiError } from './api-error';
import { readShape } from './call';
import { lineWriter } from './delimited-text';
import { type ExportableObject, planColumns } from './export-api';
import { readId, readRange } from './export-filters';
import type { ExportJob } from './export-store';
import { showValue } from './field-values';
import type { ProgramMembers } from './program-members';
import type { ProgramMember, ProgramStore } from './program-store';
import type { MarketoSettings } from './settings';

const MOST_PROGRAMS = 10;
const MEMBERS_AT_A_TIME = 1000;

const filterSchema = z.object({
  programId: z.unknown().optional(),
  programIds: z.array(z.unknown()).max(MOST_PROGRAMS).optional(),
  statusNames: z.array(z.string()).optional(),
  isExhausted: z.boolean().optional(),
  nurtureCadence: z.array(z.string()).optional(),
  updatedAt: z.unknown().optional(),
});

interface MemberFilter {
  programIds: number[];
  isWished(member: ProgramMember): boolean;
}

/** Bulk Program Member Extract: the members of one program, or of up to ten with their ids in the first column. */
export function createProgramMemberExport(
  members: ProgramMembers,
  programs: ProgramStore,
  settings: () => Readonly<MarketoSettings>,
): { exportable: ExportableObject; rowsOf(job: ExportJob): Iterable<string> } {
  const readFilter = (given: Readonly<Record<string, unknown>>): MemberFilter => {
    const { programId, programIds, statusNames, isExhausted, nurtureCadence, updatedAt } = readShape(
      filterSchema,
      given,
    );
    const ids = (programIds ?? (programId === undefined ? [] : [programId])).map(readId);
    if (ids.length === 0) throw new ApiError('1002', `Missing value for the required parameter 'programId'`);
    for (const id of ids) if (!programs.get(id)) throw new ApiError('1013', `Program '${showValue(id)}' not found`);
    if (updatedAt !== undefined && !settings().updatedAtFilter)
      throw new ApiError('1035', 'Unsupported filter type for target subscription: updatedAt');
    const range = updatedAt === undefined ? null : readRange('updatedAt', updatedAt, settings().timeZone);
    return {
      programIds: ids,
      isWished: (member) =>
        (statusNames?.includes(String(member.values.statusName)) ?? true) &&
        (isExhausted === undefined || members.read(member, 'isExhausted') === isExhausted) &&
        (nurtureCadence?.includes(String(member.values.nurtureCadence)) ?? true) &&
        (range === null || (member.updated >= range.from && member.updated <= range.to)),
    };
  };
  return {
    exportable: {
      path: 'program/members',
      permission: 'Read-Only Lead',
      objectOf: () => 'program/members',
      plan(_call, request) {
        readFilter(request.filter);
        const { fields, headers } = planColumns(request, (name) => programs.field(name) !== undefined);
        const isSeveral = request.filter.programIds !== undefined && !fields.includes('programId');
        return {
          fields: isSeveral ? ['programId', ...fields] : fields,
          headers: isSeveral ? ['programId', ...headers] : headers,
          filter: request.filter,
        };
      },
    },
    *rowsOf({ format, request }) {
      const line = lineWriter(format);
      yield line(request.headers);
      const { programIds, isWished } = readFilter(request.filter);
      for (const programId of programIds) {
        for (let after = 0; ; ) {
          const slice = programs.membersAfter(programId, after, MEMBERS_AT_A_TIME);
          for (const member of slice)
            if (isWished(member)) yield line(request.fields.map((name) => cell(member, name)));
          const last = slice[slice.length - 1];
          if (!last) break;
          after = last.leadId;
        }
      }
    },
  };

  /** Booleans of members are 0 and 1 in files (seen in a sample). */
  function cell(member: ProgramMember, name: string): unknown {
    const value = members.read(member, name);
    return typeof value === 'boolean' ? Number(value) : value;
  }
}
